"""A plain gRPC server of the V2 protocol on onnxruntime, with faults on request: service_grpc.py is tested on it.

    python grpc_server.py risk-3.onnx MODEL [FAULT]      # prints its port; ends when its standard input closes

FAULT: wrong-numbers, no-id, wrong-status, out-of-order, stream-ends, not-serving, no-reflection, wrong-metadata.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import onnxruntime
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

FILE, MODEL, FAULT = [*sys.argv[1:], ""][:3]
SESSION = onnxruntime.InferenceSession(FILE)
INPUT, OUTPUTS = SESSION.get_inputs()[0], SESSION.get_outputs()
TYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64"}
SERVICE = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].full_name


class Refused(Exception):
    pass


def need(condition, why, code=grpc.StatusCode.INVALID_ARGUMENT):
    if not condition:
        raise Refused(grpc.StatusCode.UNKNOWN if FAULT == "wrong-status" else code, why)


def known(name, version=""):
    need(name == MODEL and version in ("", "1"), f"no model {name} {version}", grpc.StatusCode.NOT_FOUND)


def shape(tensor):
    return [n if isinstance(n, int) else -1 for n in tensor.shape]


def infer(request):
    known(request.model_name, request.model_version)
    need(len(request.inputs) == 1 and len(request.raw_input_contents) == 1, "one raw input")
    given = request.inputs[0]
    need(given.name == INPUT.name and given.datatype == "FP32", "name or type")
    need(len(given.shape) == 2 and given.shape[1] == INPUT.shape[1], "shape")
    data = np.frombuffer(request.raw_input_contents[0], np.float32)
    need(data.size == given.shape[0] * given.shape[1], "count")
    names = [o.name for o in OUTPUTS]
    wanted = [o.name for o in request.outputs] or names
    need(set(wanted) <= set(names), "outputs")
    results = dict(zip(names, SESSION.run(None, {INPUT.name: data.reshape(given.shape)}), strict=True))
    if FAULT == "wrong-numbers":
        results["probabilities"] = results["probabilities"] + np.float32(2e-4)
    STATS[:] = STATS + np.array([given.shape[0], 1, 1])
    answer = service_pb2.ModelInferResponse(model_name=MODEL, model_version="1")
    answer.id = "" if FAULT == "no-id" else request.id
    for name in wanted:
        kind = "FP32" if results[name].dtype == np.float32 else "INT64"
        answer.outputs.add(name=name, datatype=kind, shape=results[name].shape)
        answer.raw_output_contents.append(results[name].tobytes())
    return answer


STATS = np.zeros(3, np.int64)


class Server(service_pb2_grpc.GRPCInferenceServiceServicer):
    def ServerLive(self, request, context):
        return service_pb2.ServerLiveResponse(live=True)

    def ServerReady(self, request, context):
        return service_pb2.ServerReadyResponse(ready=True)

    def ModelReady(self, request, context):
        return service_pb2.ModelReadyResponse(ready=request.name == MODEL)

    def ServerMetadata(self, request, context):
        return service_pb2.ServerMetadataResponse(name="sample", version="1")

    def ModelMetadata(self, request, context):
        known(request.name, request.version)
        answer = service_pb2.ModelMetadataResponse(name=MODEL, versions=["1"], platform="onnx_onnxv1")
        for to, tensors in [(answer.inputs, [INPUT]), (answer.outputs, OUTPUTS)]:
            for tensor in tensors:
                kind = "FP64" if FAULT == "wrong-metadata" else TYPES[tensor.type]
                to.add(name=tensor.name, datatype=kind, shape=shape(tensor))
        return answer

    def ModelConfig(self, request, context):
        config = model_config_pb2.ModelConfig(name=MODEL)
        for to, tensors in [(config.input, [INPUT]), (config.output, OUTPUTS)]:
            for tensor in tensors:
                to.add(name=tensor.name, data_type=f"TYPE_{TYPES[tensor.type]}", dims=shape(tensor))
        return service_pb2.ModelConfigResponse(config=config)

    def ModelStatistics(self, request, context):
        answer = service_pb2.ModelStatisticsResponse()
        stats = answer.model_stats.add(name=MODEL, inference_count=int(STATS[0]), execution_count=int(STATS[1]))
        stats.inference_stats.success.count = int(STATS[2])
        return answer

    def RepositoryIndex(self, request, context):
        answer = service_pb2.RepositoryIndexResponse()
        answer.models.add(name=MODEL, state="READY")
        return answer

    def RepositoryModelLoad(self, request, context):
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "loading is switched off")

    def RepositoryModelUnload(self, request, context):
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "unloading is switched off")

    def ModelInfer(self, request, context):
        return infer(request)

    def ModelStreamInfer(self, requests, context):
        held = []
        for request in requests:
            answer = service_pb2.ModelStreamInferResponse()
            try:
                answer.infer_response.CopyFrom(infer(request))
            except Refused as refused:
                if FAULT == "stream-ends":
                    raise
                answer.error_message = refused.args[1]
            if FAULT == "out-of-order" and not held and request.id == "0":
                held.append(answer)
                continue
            yield answer
            while held:
                yield held.pop()


class Statuses(grpc.ServerInterceptor):
    """Turns a refusal into its status."""

    def intercept_service(self, continuation, details):
        handler = continuation(details)
        if handler is None or handler.response_streaming:
            return handler

        def call(request, context):
            try:
                return handler.unary_unary(request, context)
            except Refused as refused:
                context.abort(*refused.args)

        return grpc.unary_unary_rpc_method_handler(call, handler.request_deserializer, handler.response_serializer)


LONGEST = [("grpc.max_receive_message_length", 16 << 20)]
server = grpc.server(ThreadPoolExecutor(8), interceptors=[Statuses()], options=LONGEST)
service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Server(), server)
if FAULT != "not-serving":
    states = health.HealthServicer()
    for name in ("", SERVICE):
        states.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(states, server)
if FAULT != "no-reflection":
    names = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
    reflection.enable_server_reflection(names, server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.stop(0)), daemon=True).start()
server.wait_for_termination()
