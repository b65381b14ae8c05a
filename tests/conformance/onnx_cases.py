"""ONNX's own node tests as files: every case as it is given, and bound, with all inputs but the first as constants.

Real exports bind shapes, axes and weights as constants, and the engine needs many of them to be constant; so the bound form is
what it meets in life, and the given form is there to be hard on it.
"""

import os

import numpy
import onnx
import onnx.backend.test.loader
from onnx import numpy_helper


def cases(folder, kind="node"):
    """Writes the cases to `folder` and yields them as (name, model path, input paths, expected outputs, rtol, atol)."""
    for test in onnx.backend.test.loader.load_model_tests(kind=kind):
        if test.model is None or not test.data_sets:
            continue
        inputs, outputs = test.data_sets[0]
        plain = lambda values: all(isinstance(value, (numpy.ndarray, numpy.generic)) for value in values)
        if not plain(inputs) or not plain(outputs) or not test.model.graph.output:
            continue
        names = [value.name for value in test.model.graph.input]
        if len(names) != len(inputs):
            continue
        try:
            tensors = [numpy_helper.from_array(numpy.asarray(value), name) for name, value in zip(names, inputs)]
        except Exception:
            continue
        for form in ("given", "bound"):
            if form == "bound" and len(names) < 2:
                continue
            model = onnx.ModelProto()
            model.CopyFrom(test.model)
            kept = tensors
            if form == "bound":
                model.graph.initializer.extend(tensors[1:])
                del model.graph.input[1:]
                kept = tensors[:1]
            name = f"{test.name}-{form}".replace("_", "-")
            path = os.path.join(folder, f"{name}.onnx")
            with open(path, "wb") as file:
                file.write(model.SerializeToString())
            paths = []
            for index, tensor in enumerate(kept):
                paths.append(os.path.join(folder, f"{name}.in{index}.pb"))
                with open(paths[-1], "wb") as file:
                    file.write(tensor.SerializeToString())
            yield name, path, paths, outputs, test.rtol, test.atol


def load(path):
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return numpy_helper.to_array(tensor)


def differs(found, expected, rtol, atol):
    """Why a tensor is not the one expected; None if it is."""
    expected = numpy.asarray(expected)
    if found.shape != expected.shape:
        return f"shape {list(found.shape)}, not {list(expected.shape)}"
    if expected.dtype.kind in "OUS":
        text = lambda array: [value.decode() if isinstance(value, bytes) else str(value) for value in array.ravel()]
        return None if text(found) == text(expected) else "other texts"
    if found.dtype != expected.dtype:
        return f"{found.dtype}, not {expected.dtype}"
    if expected.dtype.kind in "fc":
        if numpy.allclose(found, expected, rtol=rtol, atol=atol, equal_nan=True):
            return None
        return f"{numpy.abs(found.astype('f8') - expected.astype('f8')).max():.3g} apart"
    return None if (found == expected).all() else f"{(found != expected).sum()} of {expected.size} elements are others"
