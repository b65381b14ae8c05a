"""Drives a running service whose tensors are texts with tritonclient, as it is, and holds every answer against onnxruntime.

    python texts.py http://127.0.0.1:8080 MODEL labels.onnx

The model is `tests/ui/models/labels.onnx`: a word and two numbers to one of two classes that are words. Asked are the metadata; rows
in JSON and in bytes, over HTTP, and raw and typed over gRPC, words of several bytes and of none among them; and what is no text, which
must get 400 or INVALID_ARGUMENT. Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import sys
import urllib.parse

try:
    import grpc
    import numpy as np
    import onnxruntime
    import tritonclient.grpc as triton_grpc
    import tritonclient.http as triton_http
    from tritonclient.grpc import service_pb2, service_pb2_grpc
    from tritonclient.utils import InferenceServerException
except ImportError as missing:
    print(f"cannot check: {missing}; run tests/tools/install", file=sys.stderr)
    sys.exit(2)

from service import expect, post
from tools import report

WORDS = ["red", "green", "", "grün", "🟩", 'a "quoted", \\ [word]', "red", "green"]


def table():
    words = np.array([[word] for word in WORDS], dtype=object)
    return words, np.linspace(-2, 2, 2 * len(WORDS), dtype=np.float32).reshape(-1, 2)


def texts(array):
    return [word.decode() if isinstance(word, bytes) else str(word) for word in array.ravel()]


class Driver:
    def __init__(self, url, model, file):
        self.base, self.model = url.rstrip("/"), model
        self.address = urllib.parse.urlsplit(url).netloc
        self.http = triton_http.InferenceServerClient(self.address)
        self.grpc = triton_grpc.InferenceServerClient(self.address)
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        self.words, self.numbers = table()
        self.expected = self.session.run(None, {"colour": self.words, "x": self.numbers})
        self.findings, self.checked = [], []

    def check(self, what, call):
        """Runs one check; an assertion or an error of the client is a finding, and the next check goes on."""
        self.checked.append(what)
        try:
            call()
        except (AssertionError, InferenceServerException, grpc.RpcError, OSError, ValueError, KeyError, TypeError) as error:
            self.findings.append(f"{what}: {type(error).__name__}: {str(error).strip()[:600]}")

    def same(self, label, scores, rows=slice(None)):
        expect(texts(label), texts(self.expected[0][rows]))
        worst = float(np.abs(np.asarray(scores).reshape(-1, 2) - self.expected[1][rows]).max())
        assert worst < 1e-5, f"scores are off by {worst}"

    def over_http(self, binary_in, binary_out, rows=slice(None)):
        given = []
        for name, array, kind in [("colour", self.words[rows], "BYTES"), ("x", self.numbers[rows], "FP32")]:
            given.append(triton_http.InferInput(name, list(array.shape), kind))
            given[-1].set_data_from_numpy(array, binary_data=binary_in)
        wanted = [triton_http.InferRequestedOutput(name, binary_data=binary_out) for name in ("label", "scores")]
        answer = self.http.infer(self.model, given, outputs=wanted)
        expect([output["datatype"] for output in answer.get_response()["outputs"]], ["BYTES", "FP32"])
        self.same(answer.as_numpy("label"), answer.as_numpy("scores"), rows)

    def over_grpc(self):
        given = []
        for name, array, kind in [("colour", self.words, "BYTES"), ("x", self.numbers, "FP32")]:
            given.append(triton_grpc.InferInput(name, list(array.shape), kind))
            given[-1].set_data_from_numpy(array)
        answer = self.grpc.infer(self.model, given)
        self.same(answer.as_numpy("label"), answer.as_numpy("scores"))

    def typed(self, words):
        """One call with typed contents, as tritonclient itself never makes it."""
        request = service_pb2.ModelInferRequest(model_name=self.model)
        colour = request.inputs.add(name="colour", datatype="BYTES", shape=[len(words), 1])
        colour.contents.bytes_contents.extend(words)
        numbers = request.inputs.add(name="x", datatype="FP32", shape=[len(words), 2])
        numbers.contents.fp32_contents.extend(self.numbers[: len(words)].ravel().tolist())
        with grpc.insecure_channel(self.address) as channel:
            return service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=30)

    def over_grpc_typed(self):
        label, scores = self.typed([word.encode() for word in WORDS]).outputs
        self.same(np.array(list(label.contents.bytes_contents), dtype=object), list(scores.contents.fp32_contents))

    def metadata(self):
        told = self.http.get_model_metadata(self.model)
        expect([(t["name"], t["datatype"], t["shape"]) for t in told["inputs"]], [("colour", "BYTES", [-1, 1]), ("x", "FP32", [-1, 2])])
        expect([(t["name"], t["datatype"]) for t in told["outputs"]], [("label", "BYTES"), ("scores", "FP32")])
        config = self.grpc.get_model_config(self.model).config
        expect(config.input[0].data_type, triton_grpc.model_config_pb2.TYPE_STRING)

    def no_texts(self):
        def json(data, size=1):
            return (
                '{"inputs":[{"name":"colour","datatype":"BYTES","shape":[%d,1],"data":%s},' % (size, data)
                + '{"name":"x","datatype":"FP32","shape":[%d,2],"data":%s}]}' % (size, [0.5] * 2 * size)
            ).encode()

        path = f"{self.base}/v2/models/{self.model}/infer"
        expect(post(path, json('["red"]')), 200)
        expect(post(path, json('[["red"],["green"]]', 2)), 200)
        for data in ["[7]", "[null]", "[true]", '["a","b"]', "[]", '"red"', '["\\ud800"]', '[["a"],"b"]', '[{"a":"b"}]']:
            expect(post(path, json(data)), 400)
        for content in [b"", b"\x03\0\0\0re", b"\x03\0\0\0red!", b"\xff\xff\xff\xffred", b"\x01\0\0\0\xff"]:
            head = (
                '{"inputs":[{"name":"colour","datatype":"BYTES","shape":[1,1],"parameters":{"binary_data_size":%d}},' % len(content)
                + '{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}'
            ).encode()
            expect(post(path, head + content, {"Inference-Header-Content-Length": str(len(head))}), 400)
        for words in ([b"\xff"], [b"red", b"\xc3"]):
            try:
                self.typed(words)
            except grpc.RpcError as error:
                expect(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
                continue
            raise AssertionError(f"{words} was accepted")


def main(url, model, file):
    driver = Driver(url, model, file)
    driver.check("metadata", driver.metadata)
    for binary_in in (False, True):
        for binary_out in (False, True):
            what = f"{'bytes' if binary_in else 'JSON'} in, {'bytes' if binary_out else 'JSON'} out"
            driver.check(what, lambda i=binary_in, o=binary_out: driver.over_http(i, o))
    for row in range(len(WORDS)):
        driver.check(f"row {row} alone", lambda r=row: driver.over_http(True, True, slice(r, r + 1)))
    driver.check("raw over gRPC", driver.over_grpc)
    driver.check("typed over gRPC", driver.over_grpc_typed)
    driver.check("what is no text", driver.no_texts)
    driver.check("still right", lambda: driver.over_http(False, False))
    return report(driver.findings, driver.checked)


sys.exit(main(*sys.argv[1:]))
