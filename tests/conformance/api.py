"""What a running service says about itself: its OpenAPI document, its metrics, its traces.

    python api.py http://127.0.0.1:8080 [--emitted openapi.json] [--key KEY] [--collector PORT] [--examples 100]

Asked is whether the document is valid and, to the byte, the one that was emitted; whether its example works, and requests and
answers of several sizes fit it; whether schemathesis finds a call that does not do what the document says; whether metrics can be read
in both formats, are consistent and count; and, where the service exports spans to 127.0.0.1:PORT, whether they arrive there as
OTLP says. Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import argparse
import copy
import http.server
import json
import os
import pathlib
import queue
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import jsonschema
import openapi_spec_validator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from tools import cannot, report, run

SECONDS = 30
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
COUNTERS = ["windlass_inference_requests", "windlass_inference_errors", "process_cpu_seconds"]
GAUGES = ["windlass_in_flight_requests", "windlass_model_info", "windlass_uptime_seconds", "process_resident_memory_bytes"]
GAUGES += ["process_open_fds", "process_threads", "process_start_time_seconds"]
DURATIONS = [f"windlass_inference_{part}_duration_seconds" for part in ("request", "queue", "compute")]
HISTOGRAMS = [*DURATIONS, "windlass_inference_batch_size"]


class Service:
    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path, body=None, headers=None):
        """Status, headers and body of an answer."""
        headers = ({"x-api-key": self.key} if self.key else {}) | (headers or {})
        request = urllib.request.Request(self.url + path, body, headers)
        try:
            with self.opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


def validator(document, name):
    """Of one schema of the document; references in it point into the document."""
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def rows(request, count):
    """The example with more rows: its free dimension is the first of each input, where that is 1."""
    request = copy.deepcopy(request)
    for tensor in request["inputs"]:
        tensor["shape"][0] *= count
        tensor["data"] *= count
    return request


def check_document(service, emitted, findings, checked):
    status, headers, body = service.ask("/openapi.json")
    if status != 200:
        findings.append(f"openapi.json: status {status}: {body[:200]!r}")
        return
    document = json.loads(body)
    checked.append("the document is valid")
    try:
        openapi_spec_validator.validate(document)
    except OpenAPIValidationError as error:
        findings.append(f"the document is not valid: {str(error)[:500]}")
        return
    if emitted:
        checked.append("the document is the emitted one")
        if emitted.read_bytes() != body:
            findings.append(f"the document served is not the one in {emitted}")
    for path, item in document["paths"].items():
        body = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in body.get("examples", {}).values():
            if path.endswith("/infer"):
                check_example(service, document, path, example["value"], findings, checked)


def check_example(service, document, path, example, findings, checked):
    request, response = validator(document, "InferRequest"), validator(document, "InferResponse")
    inputs = [schema for name, schema in document["components"]["schemas"].items() if name.startswith("Input_")]
    grows = all("minimum" in (i["properties"]["shape"].get("prefixItems") or [{}])[0] for i in inputs)
    for count in (1, 3, 17) if grows else (1,):
        body = rows(example, count) if grows else example
        checked.append(f"{path} takes the example, {count} times")
        findings += [f"{path}: the example does not fit: {error.message[:300]}" for error in request.iter_errors(body)]
        status, headers, answer = service.ask(path, json.dumps(body).encode(), {"content-type": "application/json"})
        if status != 200:
            findings.append(f"{path}: the example, {count} times, gets {status}: {answer[:300]!r}")
            continue
        fits = response.iter_errors(json.loads(answer))
        findings += [f"{path}: the answer does not fit: {error.message[:300]}" for error in fits]


def check_calls(service, examples, findings, checked):
    checked.append("schemathesis")
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    config = pathlib.Path(__file__).resolve().parent / "schemathesis.toml"
    command = [program, "--config-file", config, "run", f"{service.url}/openapi.json", "--no-color", "--seed", "1"]
    command += ["--max-examples", str(examples), "--generation-database", "none", "--warnings", "off"]
    command += ["-H", f"x-api-key: {service.key}"] if service.key else []
    code, out, err = run(*command, seconds=540)
    if code not in (0, 1):
        cannot(f"schemathesis ended with {code}: {(out + err)[-1500:]}")
    if code == 1 or "passed" not in out:
        findings.append("schemathesis: " + out[out.find("FAILURES") :][:4000])


def check_metrics(service, infer, findings, checked):
    def read(accept, parse):
        status, headers, body = service.ask("/metrics", None, {"accept": accept})
        if status != 200:
            findings.append(f"metrics: status {status}")
            return None, {}
        return headers["content-type"], {family.name: family for family in parse(body.decode())}

    def total(families):
        return sum(s.value for s in families["windlass_inference_requests"].samples if s.name.endswith("_total"))

    formats = [
        ("text/plain", parser.text_string_to_metric_families, "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            openmetrics.text_string_to_metric_families,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ]
    for accept, parse, content_type in formats:
        kind = content_type.split(";")[0]
        checked.append(f"metrics as {kind}")
        try:
            before = read(accept, parse)[1]
            infer()
            got, families = read(accept, parse)
        except ValueError as error:
            findings.append(f"metrics as {kind}: {error}")
            continue
        if got != content_type:
            findings.append(f"metrics as {kind}: the content type is {got}")
        for names, wanted in [(COUNTERS, "counter"), (GAUGES, "gauge"), (HISTOGRAMS, "histogram")]:
            for name in names:
                found = families[name].type if name in families else "not there"
                if found != wanted:
                    findings.append(f"metrics as {kind}: {name} is {found}, should be {wanted}")
        if total(families) != total(before) + 1:
            findings.append(f"metrics as {kind}: one request more counts from {total(before)} to {total(families)}")
        for name in HISTOGRAMS:
            if name not in families:
                continue
            samples = families[name].samples
            buckets = [s.value for s in samples if s.name == f"{name}_bucket"]
            count = [s.value for s in samples if s.name == f"{name}_count"]
            if buckets != sorted(buckets) or buckets[-1:] != count:
                findings.append(f"metrics as {kind}: {name} has buckets {buckets} and count {count}")


class Collector:
    """Takes exports on a loopback port."""

    def __init__(self, port):
        exports = self.exports = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802  the name is the base class's
                body = self.rfile.read(int(self.headers["content-length"]))
                exports.put((self.path, self.headers["content-type"], body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self):
        """All spans of the next export, each with its resource."""
        path, kind, body = self.exports.get(timeout=SECONDS)
        assert (path, kind) == ("/v1/traces", "application/x-protobuf"), f"an export came to {path} as {kind}"
        message = ExportTraceServiceRequest.FromString(body)
        for resource in message.resource_spans:
            about = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            for scope in resource.scope_spans:
                yield from ((about, span) for span in scope.spans)


def check_traces(collector, infer, findings, checked):
    checked.append("traces")
    headers = infer({"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "vendor=1"})
    answered = headers["traceresponse"] or ""
    try:
        ours = []
        while not ours:
            ours = [(about, span) for about, span in collector.spans() if span.trace_id.hex() == TRACE]
    except (queue.Empty, AssertionError) as error:
        findings.append(f"traces: no span of the trace came: {error!r}")
        return
    by_name = {span.name: span for _, span in ours}
    server = next((span for _, span in ours if span.kind == 2), None)
    if server is None or not {"queue", "inference"} <= by_name.keys():
        findings.append(f"traces: the spans are {sorted(by_name)}")
        return
    wanted = [
        (server.parent_span_id.hex(), SPAN, "the server span's parent"),
        (server.trace_state, "vendor=1", "the trace state"),
        (answered, f"00-{TRACE}-{server.span_id.hex()}-01", "the traceresponse header"),
        (bool(ours[0][0].get("service.name")), True, "the service's name is there"),
    ]
    for name in ("queue", "inference"):
        span = by_name[name]
        times = [server.start_time_unix_nano, span.start_time_unix_nano, span.end_time_unix_nano]
        times.append(server.end_time_unix_nano)
        inside = times == sorted(times)
        wanted += [(span.parent_span_id, server.span_id, f"the parent of {name}"), (inside, True, f"{name} is within")]
    findings += [f"traces: {what}: {got!r}, should be {want!r}" for got, want, what in wanted if got != want]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("url")
    options.add_argument("--emitted", type=pathlib.Path)
    options.add_argument("--key")
    options.add_argument("--collector", type=int)
    options.add_argument("--examples", type=int, default=100)
    options = options.parse_args()
    service, findings, checked = Service(options.url, options.key), [], []
    try:
        service.ask("/v2/health/live")
        collector = Collector(options.collector) if options.collector else None
    except OSError as error:
        cannot(error)

    def infer(headers=None):
        """The headers of an answer to the document's example."""
        document = json.loads(service.ask("/openapi.json")[2])
        path = next(path for path in document["paths"] if path.endswith("/infer"))
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        body = json.dumps(content["examples"]["row"]["value"]).encode()
        return service.ask(path, body, {"content-type": "application/json"} | (headers or {}))[1]

    check_document(service, options.emitted, findings, checked)
    check_metrics(service, infer, findings, checked)
    if collector:
        check_traces(collector, infer, findings, checked)
    with tempfile.TemporaryDirectory() as folder:
        # Without examples the calls are not tried. schemathesis leaves files where it runs.
        os.chdir(folder)
        if options.examples:
            check_calls(service, options.examples, findings, checked)
        os.chdir("/")
    return report(findings, checked)


if __name__ == "__main__":
    sys.exit(main())
