"""MLServer with onnxruntime; `settings.json` and `model-settings.json` are written by the benchmark."""

import os

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Model(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
        self.source = self.session.get_inputs()[0].name
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        outputs = self.session.run(None, {self.source: NumpyCodec.decode_input(payload.inputs[0])})
        names = [output.name for output in self.session.get_outputs()]
        answers = [NumpyCodec.encode_output(name, value) for name, value in zip(names, outputs)]
        return InferenceResponse(model_name=self.name, outputs=answers)
