-- wrk's request: POST the file that the first argument names, as JSON or, with its JSON part's length, as binary tensors.
local body

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  body = file:read("a")
  if body == nil then
    file:seek("set")
    body = file:read("*a")
  end
  file:close()
  wrk.method = "POST"
  wrk.body = body
  if arguments[2] then
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.headers["Inference-Header-Content-Length"] = arguments[2]
  else
    wrk.headers["Content-Type"] = "application/json"
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %.1f %.1f %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
