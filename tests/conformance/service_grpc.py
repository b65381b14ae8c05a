"""Drives a running service over gRPC with tritonclient, as it is, and holds every answer against onnxruntime.

    python service_grpc.py http://127.0.0.1:8080 MODEL risk-3.onnx holdout.csv [--label fraud] [--no-http]

As service.py, over gRPC on the same port: health and metadata; all hold-out rows in batches; outputs named and not, the id,
parameters, gzip and deflate; the asynchronous clients, of gRPC and of HTTP; streams, with a wrong request among good ones; a
cancelled call; wrong requests with their statuses; statistics. Then the health service and reflection with grpcio's own
clients, and every field that reflection tells against tritonclient's own descriptors. Exit: as service.py.
"""

import argparse
import asyncio
import pathlib
import queue
import sys
import urllib.parse

import grpc
import numpy as np
import onnxruntime
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
import tritonclient.http.aio as triton_http_aio
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tritonclient.grpc import model_config_pb2, service_pb2
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from service import ONNX_TYPES, SECONDS, TOLERANCE, expect, rows
from tools import cannot, report

SERVICE = "inference.GRPCInferenceService"


class Driver:
    def __init__(self, address, model, session, no_http):
        self.address, self.model, self.session, self.no_http = address, model, session, no_http
        self.client = triton.InferenceServerClient(address)
        self.input, self.outputs = session.get_inputs()[0], session.get_outputs()
        self.findings, self.checked = [], []

    def given(self, features, kind=triton):
        given = kind.InferInput(self.input.name, list(features.shape), np_to_triton_dtype(features.dtype))
        given.set_data_from_numpy(features)
        return [given]

    def wanted(self, kind=triton):
        return [kind.InferRequestedOutput(output.name) for output in self.outputs]

    def infer(self, features, named=True, **more):
        outputs = self.wanted() if named else None
        return self.client.infer(self.model, self.given(features), outputs=outputs, client_timeout=SECONDS, **more)

    def check(self, what, call):
        """Runs one check; an assertion or an error of the client is a finding, and the next check goes on."""
        self.checked.append(what)
        try:
            call()
        except (AssertionError, InferenceServerException, grpc.RpcError, OSError, ValueError, KeyError) as error:
            self.findings.append(f"{what}: {type(error).__name__}: {str(error).strip()[:600]}")
        except (TypeError, AttributeError, queue.Empty, asyncio.TimeoutError) as error:
            self.findings.append(f"{what}: {type(error).__name__}: {str(error).strip()[:600]}")

    def same(self, features, answer):
        expected = self.session.run(None, {self.input.name: features})
        for declared, want in zip(self.outputs, expected, strict=True):
            have = answer.as_numpy(declared.name)
            assert have is not None, f"{declared.name} is missing"
            assert have.dtype == want.dtype and have.shape == want.shape, f"{declared.name}: {have.dtype} {have.shape}"
            if want.dtype.kind == "f":
                worst = float(np.abs(have.astype(np.float64) - want).max())
                assert worst <= TOLERANCE, f"{declared.name} is off by {worst}"
            else:
                wrong = np.flatnonzero(have != want)
                assert not len(wrong), f"{declared.name} differs in {len(wrong)} rows, first {wrong[:5]}"

    def refused(self, status, call):
        try:
            call()
        except InferenceServerException as error:
            expect(error.status(), f"StatusCode.{status}")
            assert error.message(), "no message"
            return
        raise AssertionError(f"was accepted, should get {status}")


def health_and_metadata(d):
    c = d.client
    d.check("live", lambda: expect(c.is_server_live(), True))
    d.check("ready", lambda: expect(c.is_server_ready(), True))
    d.check("model ready", lambda: expect(c.is_model_ready(d.model), True))
    d.check("no other model is ready", lambda: expect(c.is_model_ready("nope"), False))
    d.check("server metadata", lambda: expect(bool(c.get_server_metadata().name), True))

    def model():
        metadata, config = c.get_model_metadata(d.model), c.get_model_config(d.model).config
        expect((metadata.name, metadata.platform), (d.model, "onnx_onnxv1"))
        for got, declared in [(metadata.inputs, [d.input]), (metadata.outputs, d.outputs)]:
            want = [(o.name, ONNX_TYPES[o.type], [n if isinstance(n, int) else -1 for n in o.shape]) for o in declared]
            expect([(o.name, o.datatype, list(o.shape)) for o in got], want)
        for got, declared in [(config.input, metadata.inputs), (config.output, metadata.outputs)]:
            expect([(o.name, o.data_type, list(o.dims)) for o in got], [(o.name, number(o), list(o.shape)) for o in declared])

    def number(tensor):
        return model_config_pb2.DataType.Value(f"TYPE_{tensor.datatype}")

    d.check("model metadata", model)
    d.check("index", lambda: expect([(m.name, m.state) for m in c.get_model_repository_index().models], [(d.model, "READY")]))


def answers(d, features):
    for size in (1, 7, 64, len(features)):

        def all_rows(size=size):
            for start in range(0, len(features), size):
                part = features[start : start + size]
                d.same(part, d.infer(part))

        d.check(f"all rows in batches of {size}", all_rows)
    part = features[:300]
    d.check("outputs not named", lambda: d.same(part, d.infer(part, named=False)))
    for way in ("gzip", "deflate"):
        d.check(way, lambda w=way: d.same(part, d.infer(part, compression_algorithm=w)))
    d.check("the id comes back", lambda: expect(d.infer(part, request_id="42").get_response().id, "42"))
    d.check("the version", lambda: expect(bool(d.infer(part).get_response().model_version), True))
    d.check("parameters of every kind", lambda: d.same(part, d.infer(part, priority=2, timeout=10_000_000)))
    d.check("own parameters", lambda: d.same(part, d.infer(part, parameters={"a": 1, "b": "c", "d": True, "e": 0.5})))

    def one_output():
        for o in d.outputs:
            answer = d.client.infer(d.model, d.given(part), outputs=[triton.InferRequestedOutput(o.name)])
            expect([got.name for got in answer.get_response().outputs], [o.name])

    d.check("only the outputs that were asked for", one_output)

    def counted():
        def totals():
            stats = d.client.get_inference_statistics(d.model).model_stats[0]
            return np.array([stats.inference_count, stats.execution_count, stats.inference_stats.success.count])

        before = totals()
        d.infer(part)
        expect(list(totals() - before), [len(part), 1, 1])

    d.check("statistics", counted)


def at_once(d, features):
    part = features[:4]

    def callbacks():
        done = queue.Queue()
        for _ in range(50):
            d.client.async_infer(d.model, d.given(part), lambda result, error: done.put((result, error)))
        for _ in range(50):
            result, error = done.get(timeout=SECONDS)
            assert error is None, error
            d.same(part, result)

    d.check("50 calls with callbacks", callbacks)

    def cancelled():
        done = queue.Queue()
        call = d.client.async_infer(d.model, d.given(features), lambda result, error: done.put((result, error)))
        call.cancel()
        result, error = done.get(timeout=SECONDS)
        # It may have been answered before it was cancelled.
        assert result is not None or "cancel" in str(error).lower(), error
        d.same(part, d.infer(part))

    d.check("a cancelled call", cancelled)

    async def grpc_aio():
        async with triton_aio.InferenceServerClient(d.address) as client:
            assert await client.is_model_ready(d.model)
            calls = [client.infer(d.model, d.given(part), request_id=str(n)) for n in range(50)]
            for n, answer in enumerate(await asyncio.gather(*calls)):
                expect(answer.get_response().id, str(n))
                d.same(part, answer)

            async def requests():
                for n in range(5):
                    yield {"model_name": d.model, "inputs": d.given(features[n : n + 1]), "request_id": str(n)}

            n = 0
            async for answer, error in client.stream_infer(requests()):
                assert error is None, error
                expect(answer.get_response().id, str(n))
                d.same(features[n : n + 1], answer)
                n += 1
            expect(n, 5)

    d.check("asyncio, and its stream", lambda: asyncio.run(asyncio.wait_for(grpc_aio(), 2 * SECONDS)))

    async def http_aio():
        async with triton_http_aio.InferenceServerClient(d.address) as client:
            assert await client.is_server_live() and await client.is_model_ready(d.model)
            calls = [client.infer(d.model, d.given(part, triton_http_aio)) for _ in range(20)]
            for answer in await asyncio.gather(*calls):
                d.same(part, answer)

    if not d.no_http:
        d.check("asyncio over HTTP", lambda: asyncio.run(asyncio.wait_for(http_aio(), 2 * SECONDS)))

    def stream():
        done = queue.Queue()
        with triton.InferenceServerClient(d.address) as client:
            client.start_stream(lambda result, error: done.put((result, error)))
            for n in range(9):
                model = "nope" if n == 4 else d.model
                client.async_stream_infer(model, d.given(features[n : n + 1]), request_id=str(n))
            for n in range(9):
                result, error = done.get(timeout=SECONDS)
                if n == 4:
                    assert result is None and "nope" in str(error), f"{result} {error}"
                    continue
                assert error is None, error
                expect(result.get_response().id, str(n))
                d.same(features[n : n + 1], result)
            client.stop_stream()

    d.check("a stream, with a wrong request in it", stream)


def refusals(d, features):
    part, c = features[:2], d.client

    def ask(name, array, model=d.model, shape=None, **more):
        given = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        given.set_data_from_numpy(array)
        if shape is not None:
            given.set_shape(shape)
        return c.infer(model, [given], **more)

    name = d.input.name
    cases = {
        "unknown model": ("NOT_FOUND", lambda: ask(name, part, model="nope")),
        "metadata of an unknown model": ("NOT_FOUND", lambda: c.get_model_metadata("nope")),
        "unknown version": ("NOT_FOUND", lambda: c.get_model_metadata(d.model, "99999")),
        "infer with an unknown version": ("NOT_FOUND", lambda: ask(name, part, model_version="99999")),
        "wrong number of columns": ("INVALID_ARGUMENT", lambda: ask(name, np.zeros((2, part.shape[1] + 1), np.float32))),
        "wrong rank": ("INVALID_ARGUMENT", lambda: ask(name, part[0])),
        "unknown input": ("INVALID_ARGUMENT", lambda: ask("zz", part)),
        "wrong element type": ("INVALID_ARGUMENT", lambda: ask(name, part.astype(np.int64))),
        "unknown output": ("INVALID_ARGUMENT", lambda: ask(name, part, outputs=[triton.InferRequestedOutput("zz")])),
        "more rows than data": ("INVALID_ARGUMENT", lambda: ask(name, part, shape=[3, part.shape[1]])),
        "shared memory": ("UNIMPLEMENTED", lambda: c.get_system_shared_memory_status()),
        "log settings": ("UNIMPLEMENTED", lambda: c.get_log_settings()),
        # Whoever may infer may not end the service, unless its settings say so.
        "load": ("PERMISSION_DENIED", lambda: c.load_model(d.model)),
        "unload": ("PERMISSION_DENIED", lambda: c.unload_model(d.model)),
        "too long a message": ("RESOURCE_EXHAUSTED", lambda: ask(name, np.zeros((400_000, part.shape[1]), np.float32))),
    }
    for what, (status, call) in cases.items():
        d.check(what, lambda s=status, f=call: d.refused(s, f))
    d.check("still right", lambda: d.same(part, d.infer(part)))


def companions(d):
    """The health service and reflection."""
    channel = grpc.insecure_channel(d.address)
    stub = health_pb2_grpc.HealthStub(channel)

    def health():
        for service in ("", SERVICE):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=SECONDS)
            expect(answer.status, health_pb2.HealthCheckResponse.SERVING)
        first = next(iter(stub.Watch(health_pb2.HealthCheckRequest(), timeout=SECONDS)))
        expect(first.status, health_pb2.HealthCheckResponse.SERVING)
        try:
            stub.Check(health_pb2.HealthCheckRequest(service="nope"), timeout=SECONDS)
        except grpc.RpcError as error:
            expect(error.code(), grpc.StatusCode.NOT_FOUND)
        else:
            raise AssertionError("an unknown service is healthy")

    d.check("health service", health)

    def described():
        reflected = ProtoReflectionDescriptorDatabase(channel)
        names = set(reflected.get_services())
        assert {SERVICE, "grpc.health.v1.Health"} <= names, names
        pool = DescriptorPool(reflected)
        for name in names:
            pool.FindServiceByName(name)
        ours, theirs = pool.FindServiceByName(SERVICE), service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
        for method in ours.methods:
            known = theirs.methods_by_name[method.name]
            streams = (method.client_streaming, method.server_streaming)
            expect(streams, (known.client_streaming, known.server_streaming))
            compatible(method.input_type, known.input_type, set())
            compatible(method.output_type, known.output_type, set())

    def compatible(ours, theirs, seen):
        """Every field of ours is one of theirs: its number, type and cardinality."""
        if ours.full_name in seen:
            return
        seen.add(ours.full_name)
        for field in ours.fields:
            known = theirs.fields_by_name[field.name]
            for part in ("number", "type", "is_repeated"):
                what = f"{field.full_name}: its {part} is {getattr(field, part)}, not {getattr(known, part)}"
                assert getattr(field, part) == getattr(known, part), what
            if field.message_type:
                compatible(field.message_type, known.message_type, seen)
            if field.enum_type:
                numbers = {value.name: value.number for value in known.enum_type.values}
                expect({value.name: value.number for value in field.enum_type.values}, numbers)

    d.check("reflection agrees with tritonclient", described)
    channel.close()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("url")
    options.add_argument("model")
    options.add_argument("onnx", type=pathlib.Path)
    options.add_argument("holdout", type=pathlib.Path)
    options.add_argument("--label", default="fraud")
    options.add_argument("--no-http", action="store_true", help="for a server that has gRPC alone")
    options = options.parse_args()
    address = urllib.parse.urlsplit(options.url).netloc
    try:
        session = onnxruntime.InferenceSession(options.onnx, providers=["CPUExecutionProvider"])
        features = rows(options.holdout, options.label)
        grpc.channel_ready_future(grpc.insecure_channel(address)).result(timeout=5)
    except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base
        cannot(repr(error))
    driver = Driver(address, options.model, session, options.no_http)
    health_and_metadata(driver)
    answers(driver, features)
    at_once(driver, features)
    refusals(driver, features)
    companions(driver)
    return report(driver.findings, driver.checked)


if __name__ == "__main__":
    sys.exit(main())
