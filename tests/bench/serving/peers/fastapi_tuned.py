"""The least that Python can do over HTTP: Starlette under FastAPI, orjson, no model of the request."""

import os

import numpy as np
import onnxruntime
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
source = session.get_inputs()[0].name
names = [output.name for output in session.get_outputs()]


async def ready(_: Request) -> Response:
    return Response()


async def infer(request: Request) -> Response:
    given = orjson.loads(await request.body())["inputs"][0]
    values = np.array(given["data"], dtype=np.float32).reshape(given["shape"])
    outputs = session.run(None, {source: values})
    answer = {
        "model_name": "m",
        "outputs": [
            {"name": name, "shape": value.shape, "data": value.ravel()} for name, value in zip(names, outputs)
        ],
    }
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


app = Starlette(
    routes=[Route("/v2/health/ready", ready), Route("/v2/models/m/infer", infer, methods=["POST"])]
)
