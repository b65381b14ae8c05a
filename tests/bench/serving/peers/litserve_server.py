"""LitServe with onnxruntime: MODEL=file.onnx python litserve_server.py PORT"""

import os
import sys

import litserve
import numpy as np
import onnxruntime


class Api(litserve.LitAPI):
    def setup(self, device: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
        self.source = self.session.get_inputs()[0].name

    def decode_request(self, request: dict) -> np.ndarray:
        given = request["inputs"][0]
        return np.array(given["data"], dtype=np.float32).reshape(given["shape"])

    def predict(self, values: np.ndarray) -> list[np.ndarray]:
        return self.session.run(None, {self.source: values})

    def encode_response(self, outputs: list[np.ndarray]) -> dict:
        return {"outputs": [{"shape": value.shape, "data": value.ravel().tolist()} for value in outputs]}


if __name__ == "__main__":
    server = litserve.LitServer(
        Api(api_path="/v2/models/m/infer"), accelerator="cpu", healthcheck_path="/v2/health/ready"
    )
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
