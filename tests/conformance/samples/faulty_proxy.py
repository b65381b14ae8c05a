"""Stands before a running service and plants one fault in its answers, so that api.py and page.mjs can be seen to find it.

    python faulty_proxy.py http://127.0.0.1:8080 FAULT

Prints its port. It ends when standard input does.
"""

import http.server
import json
import sys
import threading
import urllib.error
import urllib.request

SERVICE, FAULT = sys.argv[1].rstrip("/"), sys.argv[2]
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FIRST = {}


def in_json(change):
    def apply(status, headers, body):
        value = json.loads(body)
        change(value)
        return status, headers, json.dumps(value).encode()

    return apply


def in_text(old, new):
    def apply(status, headers, body):
        assert old.encode() in body, f"{old} is not there"
        return status, headers, body.replace(old.encode(), new.encode())

    return apply


def without(name):
    return lambda status, headers, body: (status, {k: v for k, v in headers.items() if k.lower() != name}, body)


def first(status, headers, body):
    """What was answered first, for ever."""
    return FIRST.setdefault(headers["content-type"], (status, headers, body))


# Fault: the end of the paths that it is in, and what it does to their answers.
FAULTS = {
    "none": ("nowhere", None),
    "invalid-document": ("/openapi.json", in_json(lambda document: document.pop("info"))),
    "other-bytes": ("/openapi.json", lambda status, headers, body: (status, headers, body + b" ")),
    "wrong-example": ("/openapi.json", in_text('"shape": [1, 16]', '"shape": [1, 17]')),
    "wrong-answer": ("/infer", in_text('"model_name"', '"model"')),
    "undocumented-status": ("/v2", lambda status, headers, body: (418, headers, body)),
    "unreadable-metrics": ("/metrics", in_text('outcome="ok"', "outcome=ok")),
    "no-end": ("/metrics", lambda status, headers, body: (status, headers, body.replace(b"# EOF\n", b""))),
    "missing-metric": ("/metrics", in_text("windlass_inference_batch_size", "windlass_batches")),
    "frozen-metrics": ("/metrics", first),
    "other-trace": ("/infer", lambda status, headers, body: (status, headers | {"traceresponse": "00-1-2-01"}, body)),
    "no-policy": ("/", without("content-security-policy")),
    "another-script": ("/", in_text("use strict", "use  strict")),
    "markup": ("/", in_text("{ textContent: text }", "{ innerHTML: text }")),
    "shell": ("/", in_text("const shell = text => \"'\" + text.replace(/'/g, \"'\\\\''\") + \"'\"", "const shell = text => \"'\" + text + \"'\"")),
    "no-label": ("/", in_text("htmlFor: data", "htmlFor: shape")),
}
END, CHANGE = FAULTS[FAULT]


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
        kept = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "accept-encoding")}
        request = urllib.request.Request(SERVICE + self.path, body, kept, method=self.command)
        try:
            with OPENER.open(request, timeout=30) as answer:
                status, headers, body = answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, dict(error.headers), error.read()
        if status == 200 and (self.path == END if END in ("/", "/v2") else self.path.endswith(END)):
            status, headers, body = CHANGE(status, headers, body)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_TRACE = do_QUERY = pass_on  # noqa: N815

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
