"""Drives a running service with the clients of kserve's SDK, as they are, and holds every answer against onnxruntime's.

    python service_kserve.py http://127.0.0.1:8080 MODEL rows.json

Over gRPC tensors go typed and raw, over REST as JSON and binary; then health and metadata, and an unknown model. It runs in an
environment of its own: the SDK and tritonclient declare the same protocol and cannot be in one process. rows.json, written by
`service_kserve.py --expect MODEL.onnx holdout.csv rows.json` where onnxruntime is, has the rows and what they must give.
Exit: as service.py.
"""

import asyncio
import json
import pathlib
import sys
import urllib.parse

from tools import cannot, report

TOLERANCE = 1e-4
SECONDS = 30


def write_expected(onnx, holdout, to):
    import onnxruntime

    from service import rows

    features = rows(holdout, "fraud")[:100]
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    outputs = dict(zip([o.name for o in session.get_outputs()], session.run(None, {name: features}), strict=True))
    expected = {key: value.tolist() for key, value in outputs.items()}
    pathlib.Path(to).write_text(json.dumps({"input": name, "rows": features.tolist(), "outputs": expected}))


async def drive(url, model, expected):
    import grpc
    import httpx
    import numpy as np
    from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

    findings, checked = [], []
    features = np.array(expected["rows"], np.float32)

    def request(binary, of=model):
        given = InferInput(name=expected["input"], shape=list(features.shape), datatype="FP32")
        given.set_data_from_numpy(features, binary_data=binary)
        return InferRequest(model_name=of, infer_inputs=[given], request_id="42")

    def same(answer):
        assert answer.id == "42", f"the id is {answer.id}"
        got = {output.name: output.as_numpy() for output in answer.outputs}
        assert list(got) == list(expected["outputs"]), f"outputs {list(got)}"
        for name, want in expected["outputs"].items():
            assert got[name].shape == np.shape(want), f"{name} has the shape {got[name].shape}"
            worst = float(np.abs(got[name].astype(np.float64) - np.array(want)).max())
            assert worst <= TOLERANCE, f"{name} is off by {worst}"

    def expect(got, wanted):
        assert got == wanted, f"{got!r}, should be {wanted!r}"

    async def check(what, call):
        checked.append(what)
        try:
            await call()
        except (AssertionError, grpc.RpcError, httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            findings.append(f"{what}: {type(error).__name__}: {str(error).strip()[:600]}")

    over_grpc = InferenceGRPCClient(urllib.parse.urlsplit(url).netloc, timeout=SECONDS)
    over_rest = InferenceRESTClient(RESTConfig(protocol="v2", timeout=SECONDS))

    async def is_true(call):
        expect(await call, True)

    for what, binary in [("typed", False), ("raw", True)]:

        async def grpc_call(binary=binary):
            same(await over_grpc.infer(request(binary)))

        await check(f"gRPC, {what}", grpc_call)
    for what, binary in [("JSON", False), ("binary", True)]:

        async def rest_call(binary=binary):
            same(await over_rest.infer(url, request(binary), model_name=model))

        await check(f"REST, {what}", rest_call)
    await check("gRPC live", lambda: is_true(over_grpc.is_server_live()))
    await check("gRPC ready", lambda: is_true(over_grpc.is_server_ready()))
    await check("gRPC model ready", lambda: is_true(over_grpc.is_model_ready(model)))
    await check("REST live", lambda: is_true(over_rest.is_server_live(url)))
    await check("REST ready", lambda: is_true(over_rest.is_server_ready(url)))
    await check("REST model ready", lambda: is_true(over_rest.is_model_ready(url, model)))

    async def unknown_over_grpc():
        try:
            await over_grpc.infer(request(True, "nope"))
        except grpc.RpcError as error:
            return expect(error.code(), grpc.StatusCode.NOT_FOUND)
        raise AssertionError("was accepted")

    async def unknown_over_rest():
        try:
            await over_rest.infer(url, request(True, "nope"), model_name="nope")
        except httpx.HTTPStatusError as error:
            return expect(error.response.status_code, 404)
        raise AssertionError("was accepted")

    await check("gRPC, an unknown model", unknown_over_grpc)
    await check("REST, an unknown model", unknown_over_rest)
    await over_grpc.close()
    await over_rest.close()
    return findings, checked


def main():
    if sys.argv[1] == "--expect":
        write_expected(*sys.argv[2:])
        return 0
    url, model, expected = sys.argv[1:]
    # A script beside this one has the name of a package that the SDK imports.
    here = str(pathlib.Path(__file__).resolve().parent)
    sys.path[:] = [folder for folder in sys.path if folder != here]
    try:
        import kserve  # noqa: F401

        expected = json.loads(pathlib.Path(expected).read_text())
    except Exception as error:  # noqa: BLE001  an SDK that cannot be imported fails in its own ways
        cannot(repr(error))
    return report(*asyncio.run(drive(url, model, expected)))


if __name__ == "__main__":
    sys.exit(main())
