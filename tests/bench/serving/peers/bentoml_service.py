"""BentoML with onnxruntime: MODEL=file.onnx bentoml serve bentoml_service:Model"""

import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1)
class Model:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
        self.source = self.session.get_inputs()[0].name

    @bentoml.api(route="/v2/models/m/infer")
    def infer(self, inputs: list[dict]) -> dict:
        given = inputs[0]
        values = np.array(given["data"], dtype=np.float32).reshape(given["shape"])
        outputs = self.session.run(None, {self.source: values})
        return {"outputs": [{"shape": list(value.shape), "data": value.ravel().tolist()} for value in outputs]}
