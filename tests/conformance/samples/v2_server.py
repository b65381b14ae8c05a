"""A plain V2 server on onnxruntime, with faults on request: service.py is tested on it.

    python v2_server.py risk-3.onnx MODEL [FAULT]      # prints its port; ends when its standard input closes

FAULT: wrong-numbers, wrong-labels, no-id, no-validation, no-gzip, text-errors, wrong-metadata
"""

import gzip
import http.server
import json
import os
import sys
import threading
import zlib

import numpy as np
import onnxruntime

FILE, MODEL, FAULT = [*sys.argv[1:], ""][:3]
SESSION = onnxruntime.InferenceSession(FILE)
INPUT, OUTPUTS = SESSION.get_inputs()[0], SESSION.get_outputs()
TYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64"}


class Refused(Exception):
    pass


def need(condition, why, status=400):
    if not condition and not (FAULT == "no-validation" and status == 400):
        raise Refused(status, why)


def described(tensor):
    shape = [n if isinstance(n, int) else -1 for n in tensor.shape]
    return {
        "name": tensor.name,
        "datatype": "FP64" if FAULT == "wrong-metadata" else TYPES[tensor.type],
        "shape": shape,
    }


def infer(body, header_length):
    length = len(body)
    if header_length is not None:
        need(header_length.isdigit() and int(header_length) <= len(body), "header length")
        length = int(header_length)
    request, binary = json.loads(body[:length]), body[length:]
    need(isinstance(request, dict) and isinstance(request.get("inputs"), list), "inputs")
    need(len(request["inputs"]) == 1, "one input")
    given = request["inputs"][0]
    need(given["name"] == INPUT.name and given["datatype"] == "FP32", "name or type")
    shape = given["shape"]
    need(len(shape) == 2 and 0 < shape[0] < 10_000 and shape[1] == INPUT.shape[1], "shape")
    size = given.get("parameters", {}).get("binary_data_size")
    data = np.frombuffer(binary[:size], np.float32) if size is not None else np.array(given["data"], np.float32)
    need(data.size == shape[0] * shape[1], "count")
    results = dict(zip([o.name for o in OUTPUTS], SESSION.run(None, {INPUT.name: data.reshape(shape)})))
    if FAULT == "wrong-numbers":
        results["probabilities"] = results["probabilities"] + np.float32(2e-4)
    if FAULT == "wrong-labels":
        results["label"] = 1 - results["label"]
    default = request.get("parameters", {}).get("binary_data_output", False)
    wanted = request.get("outputs") or [{"name": o.name} for o in OUTPUTS]
    outputs, tail = [], b""
    for each in wanted:
        need(each["name"] in results, "output")
        value = results[each["name"]]
        out = {
            "name": each["name"],
            "datatype": "INT64" if value.dtype == np.int64 else "FP32",
            "shape": list(value.shape),
        }
        if each.get("parameters", {}).get("binary_data", default):
            out["parameters"] = {"binary_data_size": value.nbytes}
            tail += value.tobytes()
        else:
            out["data"] = value.flatten().tolist()
        outputs.append(out)
    reply = {"model_name": MODEL, "outputs": outputs} | (
        {"id": request["id"]} if "id" in request and FAULT != "no-id" else {}
    )
    return json.dumps(reply).encode(), tail


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        if FAULT != "no-gzip" and status == 200 and body:
            for way, pack in [("gzip", gzip.compress), ("deflate", zlib.compress)]:
                if way in self.headers.get("accept-encoding", "").split(", ")[:1]:
                    body, headers["Content_Encoding"] = pack(body), way
        self.send_response(status)
        for name, value in ({"Content_Length": len(body), "Content_Type": "application/json"} | headers).items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status, why):
        self.answer(status, why.encode() if FAULT == "text-errors" else json.dumps({"error": why}).encode())

    def model(self):
        parts = self.path.split("/")
        need(parts[3] == MODEL, f"no model {parts[3]}", 404)
        need("versions" not in parts or parts[5] == "1", "no such version", 404)

    def attempt(self, make):
        try:
            head, tail = make()
            self.answer(200, head + tail, **({"Inference_Header_Content_Length": len(head)} if tail else {}))
        except Refused as error:
            self.fail(*error.args)
        except Exception as error:  # noqa: BLE001  a sample: whatever it cannot read is the request's fault
            self.fail(500 if FAULT == "no-validation" else 400, f"{type(error).__name__}: {error}")

    def do_GET(self):
        def make():
            if not self.path.startswith("/v2/models/"):
                return json.dumps({"name": "sample", "version": "0", "extensions": []}).encode(), b""
            self.model()
            tensors = {"inputs": [described(INPUT)], "outputs": [described(o) for o in OUTPUTS]}
            return json.dumps({"name": MODEL, "platform": "onnx_onnxv1"} | tensors).encode(), b""

        self.attempt(make)

    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))

        def make():
            self.model()
            unpack = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(
                self.headers.get("content-encoding"), bytes
            )
            return infer(unpack(sent), self.headers.get("inference-header-content-length"))

        self.attempt(make)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that hangs up


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
