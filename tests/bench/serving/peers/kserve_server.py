"""KServe's Python server with onnxruntime: MODEL=file.onnx python kserve_server.py --http_port PORT"""

import os

import kserve
import onnxruntime
from kserve import InferOutput, InferRequest, InferResponse
from kserve.utils.utils import generate_uuid


class Model(kserve.Model):
    def __init__(self) -> None:
        super().__init__("m")
        self.load()

    def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
        self.source = self.session.get_inputs()[0].name
        self.ready = True
        return True

    async def predict(self, payload: InferRequest, headers: dict | None = None) -> InferResponse:
        outputs = self.session.run(None, {self.source: payload.inputs[0].as_numpy()})
        answers = []
        for known, value in zip(self.session.get_outputs(), outputs):
            datatype = "INT64" if value.dtype.kind == "i" else "FP32"
            answer = InferOutput(name=known.name, shape=list(value.shape), datatype=datatype)
            answer.set_data_from_numpy(value, binary_data=False)
            answers.append(answer)
        return InferResponse(response_id=generate_uuid(), model_name="m", infer_outputs=answers)


if __name__ == "__main__":
    kserve.ModelServer(workers=1, enable_grpc=False).start([Model()])
