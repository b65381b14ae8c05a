"""FastAPI and onnxruntime as most teams write them: MODEL=file.onnx uvicorn fastapi_server:app"""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
source = session.get_inputs()[0]
app = FastAPI()


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    inputs: list[Tensor]


@app.get("/v2/health/ready")
async def ready() -> dict:
    return {}


@app.post("/v2/models/m/infer")
async def infer(request: Request) -> dict:
    given = request.inputs[0]
    values = np.array(given.data, dtype=np.float32).reshape(given.shape)
    outputs = session.run(None, {source.name: values})
    names = [output.name for output in session.get_outputs()]
    return {
        "model_name": "m",
        "outputs": [
            {"name": name, "shape": list(value.shape), "data": value.ravel().tolist()}
            for name, value in zip(names, outputs)
        ],
    }
