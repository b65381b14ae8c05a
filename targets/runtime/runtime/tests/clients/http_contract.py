"""Drives a running service with tritonclient over HTTP, and compares its numbers with onnxruntime.

    python http_contract.py HOST:PORT MODEL FILE.onnx

Needs tritonclient[http], onnxruntime and numpy. Works for any model whose inputs are FP32; exits with 1 at the first difference.
"""

import sys

import numpy as np
import onnxruntime as ort
import tritonclient.http as tc
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

url, model, path = sys.argv[1:4]
client = tc.InferenceServerClient(url, network_timeout=30)
session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
rng = np.random.default_rng(1)

# Health and metadata.
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
assert client.get_server_metadata()["extensions"]
about = client.get_model_metadata(model)
version = about["versions"][0]
assert client.is_model_ready(model, version) and client.get_model_metadata(model, version) == about
assert about["platform"] == "onnx_onnxv1"
assert [i["name"] for i in about["inputs"]] == [i.name for i in session.get_inputs()]
assert [o["name"] for o in about["outputs"]] == [o.name for o in session.get_outputs()]
assert client.get_model_repository_index()[0]["name"] == model
outputs = [o["name"] for o in about["outputs"]]


def sample(rows):
    assert all(i["datatype"] == "FP32" for i in about["inputs"]), "this script makes FP32 inputs"
    shapes = [[rows if d == -1 else d for d in i["shape"]] for i in about["inputs"]]
    return {i["name"]: rng.normal(size=s).astype(np.float32) for i, s in zip(about["inputs"], shapes)}


def inputs(arrays, binary=True, datatype="FP32"):
    made = []
    for name, array in arrays.items():
        tensor = tc.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary)
        made.append(tensor)
    return made


def infer(arrays, binary_in, binary_out, **options):
    asked = None if binary_out is None else [tc.InferRequestedOutput(o, binary_data=binary_out) for o in outputs]
    result = client.infer(model, inputs(arrays, binary_in), outputs=asked, request_id="42", **options)
    answer = result.get_response()
    assert answer["id"] == "42" and answer["model_name"] == model and answer["model_version"] == version, answer
    for output, declared in zip(answer["outputs"], about["outputs"]):
        assert output["name"] == declared["name"] and output["datatype"] == declared["datatype"]
    return {o: result.as_numpy(o) for o in outputs}


# Every way to send and to ask gives the same numbers, which are those of onnxruntime.
for rows in (1, 2, 3, 7, 1, 32, 100, 5):
    arrays = sample(rows)
    expected = dict(zip(outputs, session.run(outputs, arrays)))
    first = infer(arrays, False, False)
    for o in outputs:
        declared = next(d for d in about["outputs"] if d["name"] == o)
        assert first[o].dtype == triton_to_np_dtype(declared["datatype"]), (o, first[o].dtype)
        assert first[o].shape == expected[o].shape, (o, first[o].shape, expected[o].shape)
        np.testing.assert_allclose(first[o], expected[o], rtol=1e-4, atol=1e-5)
    for binary_in in (False, True):
        for binary_out in (None, False, True):
            found = infer(arrays, binary_in, binary_out)
            for o in outputs:
                np.testing.assert_array_equal(found[o], first[o])
    for coding in ("gzip", "deflate"):
        found = infer(arrays, True, True, request_compression_algorithm=coding, response_compression_algorithm=coding)
        for o in outputs:
            np.testing.assert_array_equal(found[o], first[o])
    found = infer(arrays, True, True, model_version=version)
    pending = [client.async_infer(model, inputs(arrays), request_id="42") for _ in range(4)]
    for one in pending:
        np.testing.assert_array_equal(one.get_result().as_numpy(outputs[0]), first[outputs[0]])


def refused(status, call):
    try:
        call()
    except InferenceServerException as error:
        assert error.status() == status and "decoding the response" not in error.message(), error
        assert error.message(), "no message"
        return
    raise SystemExit(f"no error, wanted {status}")


good = sample(2)
name, array = next(iter(good.items()))
others = {n: a for n, a in good.items() if n != name}
wide = np.zeros([*array.shape[:-1], array.shape[-1] + 1], np.float32)
refused("404", lambda: client.infer("nope", inputs(good)))
refused("404", lambda: client.infer(model, inputs(good), model_version="99"))
refused("404", lambda: client.get_model_metadata(model, "99"))
refused("400", lambda: client.infer(model, inputs({"zz": array, **others})))
refused("400", lambda: client.infer(model, inputs({name: array.astype(np.int64)}, datatype="INT64") + inputs(others)))
refused("400", lambda: client.infer(model, inputs(good), outputs=[tc.InferRequestedOutput("zz")]))
if about["inputs"][0]["shape"][-1] != -1:
    refused("400", lambda: client.infer(model, inputs({name: wide, **others})))
print(f"{model}: {len(outputs)} outputs agree with onnxruntime over HTTP, in JSON and as bytes, plain and compressed")
