"""Drives a running V2 inference service with tritonclient, as it is, and holds every answer against onnxruntime.

    python service.py http://127.0.0.1:8080 MODEL risk-3.onnx holdout.csv [--label fraud]

The model has one FP32 input [N, columns of the CSV but the label]. Asked are health and metadata; all hold-out rows in
batches of 1, 7, 64 and all, within 1e-4; every combination of JSON and binary in and out, outputs named and not, gzip and
deflate; the request's id; and wrong requests, each of which must get its status and an `error` text, after which the
service must still answer. Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import argparse
import csv
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import onnxruntime
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tools import cannot, report

TOLERANCE = 1e-4
SECONDS = 30
ONNX_TYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64", "tensor(double)": "FP64", "tensor(bool)": "BOOL"}


def rows(file, label):
    with open(file, newline="", encoding="utf-8") as text:
        table = list(csv.DictReader(text))
    return np.array([[float(v) for k, v in row.items() if k != label] for row in table], dtype=np.float32)


class Driver:
    def __init__(self, url, model, session):
        self.client = triton.InferenceServerClient(url, connection_timeout=SECONDS, network_timeout=SECONDS)
        self.model, self.session = model, session
        self.input = session.get_inputs()[0]
        self.outputs = session.get_outputs()
        self.findings, self.checked = [], []

    def infer(self, features, binary_in=True, binary_out=True, named=True, **more):
        given = triton.InferInput(self.input.name, list(features.shape), "FP32")
        given.set_data_from_numpy(features, binary_data=binary_in)
        wanted = [triton.InferRequestedOutput(o.name, binary_data=binary_out) for o in self.outputs] if named else None
        return self.client.infer(self.model, [given], outputs=wanted, **more)

    def check(self, what, call):
        """Runs one check; an assertion or an error of the client is a finding, and the next check goes on."""
        self.checked.append(what)
        try:
            call()
        except (AssertionError, InferenceServerException, OSError, ValueError, KeyError, TypeError) as error:
            self.findings.append(f"{what}: {type(error).__name__}: {str(error).strip()[:600]}")

    def same(self, features, answer):
        expected = self.session.run(None, {self.input.name: features})
        response = answer.get_response()
        got = {o["name"]: o for o in response["outputs"]}
        assert list(got) == [o.name for o in self.outputs], f"outputs {list(got)}"
        for declared, want in zip(self.outputs, expected):
            have = answer.as_numpy(declared.name)
            stated = got[declared.name]
            assert stated["datatype"] == np_to_triton_dtype(want.dtype), f"{declared.name} is {stated['datatype']}"
            assert stated["shape"] == list(want.shape), f"{declared.name} has the shape {stated['shape']}"
            assert have.dtype == want.dtype and have.shape == want.shape, f"{declared.name}: {have.dtype} {have.shape}"
            if want.dtype.kind == "f":
                worst = float(np.abs(have.astype(np.float64) - want).max())
                assert worst <= TOLERANCE, f"{declared.name} is off by {worst}"
            else:
                wrong = np.flatnonzero(have != want)
                assert not len(wrong), f"{declared.name} differs in {len(wrong)} rows, first {wrong[:5]}"

    def refused(self, status, call):
        try:
            call()
        except InferenceServerException as error:
            assert error.status() == str(status), f"status {error.status()}, should be {status}: {error.message()}"
            assert error.message() and "decoding the response" not in error.message(), f"no `error` text: {error}"
            return
        raise AssertionError(f"was accepted, should get {status}")


def health_and_metadata(d):
    c = d.client
    d.check("live", lambda: expect(c.is_server_live(), True))
    d.check("ready", lambda: expect(c.is_server_ready(), True))
    d.check("model ready", lambda: expect(c.is_model_ready(d.model), True))
    d.check("no other model is ready", lambda: expect(c.is_model_ready("nope"), False))
    d.check("server metadata", lambda: [c.get_server_metadata()[key] for key in ("name", "version", "extensions")])

    def model():
        metadata = c.get_model_metadata(d.model)
        expect(metadata["name"], d.model)
        for kind, declared in [("inputs", [d.input]), ("outputs", d.outputs)]:
            want = [(o.name, ONNX_TYPES[o.type], [n if isinstance(n, int) else -1 for n in o.shape]) for o in declared]
            expect([(o["name"], o["datatype"], o["shape"]) for o in metadata[kind]], want)

    d.check("model metadata", model)


def expect(got, wanted):
    assert got == wanted, f"{got!r}, should be {wanted!r}"


def answers(d, features):
    for size in (1, 7, 64, len(features)):

        def all_rows(size=size):
            for start in range(0, len(features), size):
                part = features[start : start + size]
                d.same(part, d.infer(part))

        d.check(f"all rows in batches of {size}", all_rows)
    part = features[:5]
    for binary_in in (False, True):
        for binary_out in (False, True):
            what = f"{'binary' if binary_in else 'JSON'} in, {'binary' if binary_out else 'JSON'} out"
            d.check(what, lambda i=binary_in, o=binary_out: d.same(part, d.infer(part, i, o)))
        d.check(
            f"binary in {binary_in}, outputs not named", lambda i=binary_in: d.same(part, d.infer(part, i, named=False))
        )
    for way in ("gzip", "deflate"):
        d.check(f"{way} request", lambda w=way: d.same(part, d.infer(part, request_compression_algorithm=w)))
        d.check(f"{way} response", lambda w=way: d.same(part, d.infer(part, response_compression_algorithm=w)))
        d.check(
            f"{way} both, JSON",
            lambda w=way: d.same(
                part, d.infer(part, False, False, request_compression_algorithm=w, response_compression_algorithm=w)
            ),
        )
    d.check("the id comes back", lambda: expect(d.infer(part, request_id="42").get_response().get("id"), "42"))

    def one_output():
        for o in d.outputs:
            given = triton.InferInput(d.input.name, list(part.shape), "FP32")
            given.set_data_from_numpy(part)
            answer = d.client.infer(d.model, [given], outputs=[triton.InferRequestedOutput(o.name)])
            expect([got["name"] for got in answer.get_response()["outputs"]], [o.name])

    d.check("only the outputs that were asked for", one_output)


def refusals(d, features, base):
    part, c = features[:2], d.client

    def ask(name, array, kind="FP32", shape=None, model=d.model, **more):
        given = triton.InferInput(name, list(array.shape), kind)
        given.set_data_from_numpy(array)
        if shape is not None:
            given.set_shape(shape)
        return c.infer(model, [given], **more)

    name = d.input.name
    cases = {
        "unknown model": (404, lambda: ask(name, part, model="nope")),
        "metadata of an unknown model": (404, lambda: c.get_model_metadata("nope")),
        "unknown version": (404, lambda: c.get_model_metadata(d.model, "99999")),
        "infer with an unknown version": (404, lambda: ask(name, part, model_version="99999")),
        "wrong number of columns": (400, lambda: ask(name, np.zeros((2, part.shape[1] + 1), np.float32))),
        "wrong rank": (400, lambda: ask(name, part[0])),
        "unknown input": (400, lambda: ask("zz", part)),
        "wrong element type": (400, lambda: ask(name, part.astype(np.int64), "INT64")),
        "unknown output": (400, lambda: ask(name, part, outputs=[triton.InferRequestedOutput("zz")])),
        "shape of more rows than the data": (400, lambda: ask(name, part, shape=[3, part.shape[1]])),
    }
    for what, (status, call) in cases.items():
        d.check(what, lambda s=status, f=call: d.refused(s, f))

    path = f"{base}/v2/models/{d.model}/infer"
    columns = part.shape[1]
    tensor = f'{{"name":"{name}","datatype":"FP32","shape":[1,{columns}],"data":%s}}'
    raw = {
        "an empty body": b"",
        "cut JSON": b"{",
        "no inputs": b"{}",
        "inputs null": b'{"inputs":null}',
        "too few numbers": b'{"inputs":[' + (tensor % "[1.0]").encode() + b"]}",
        "text for numbers": b'{"inputs":[' + (tensor % str(["a"] * columns).replace("'", '"')).encode() + b"]}",
        "the input twice": b'{"inputs":[' + b",".join([(tensor % ([0.0] * columns)).encode()] * 2) + b"]}",
        "a negative dimension": b'{"inputs":[' + (tensor % "[]").replace("[1,", "[-1,").encode() + b"]}",
        "a shape past all memory": b'{"inputs":['
        + (tensor % "[]").replace("[1,", "[1152921504606846976,").encode()
        + b"]}",
        "5,000 brackets": b"[" * 5000,
    }
    for what, body in raw.items():
        d.check(what, lambda b=body: expect(post(path, b) in range(400, 500), True))
    for length in ("99999999999", "-1", "x"):
        headers = {"Inference-Header-Content-Length": length}
        d.check(f"a header length of {length}", lambda h=headers: expect(post(path, b"{}", h) in range(400, 500), True))
    headers = {"Content-Encoding": "gzip"}
    d.check("gzip that is none", lambda: expect(post(path, b"plain", headers) in range(400, 500), True))
    d.check("still live", lambda: expect(c.is_server_live(), True))
    d.check("still right", lambda: d.same(part, d.infer(part)))


def post(url, body, headers=None):
    """The status of a raw request; a refusal must carry JSON with `error`."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} | (headers or {}), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        assert '"error"' in text, f"status {error.code} without an `error`: {text[:200]!r}"
        return error.code


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("url")
    options.add_argument("model")
    options.add_argument("onnx", type=pathlib.Path)
    options.add_argument("holdout", type=pathlib.Path)
    options.add_argument("--label", default="fraud")
    options = options.parse_args()
    base = options.url.rstrip("/")
    try:
        session = onnxruntime.InferenceSession(options.onnx, providers=["CPUExecutionProvider"])
        features = rows(options.holdout, options.label)
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{base}/v2/health/live", timeout=SECONDS)
    except urllib.error.HTTPError:
        pass  # it answers; the check of its health says how
    except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base
        cannot(error)
    driver = Driver(urllib.parse.urlsplit(base).netloc, options.model, session)
    health_and_metadata(driver)
    answers(driver, features)
    refusals(driver, features, base)
    return report(driver.findings, driver.checked)


if __name__ == "__main__":
    sys.exit(main())
