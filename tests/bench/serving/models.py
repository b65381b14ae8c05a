"""The models of the serving benchmark, with random weights: what is measured is time, not answers.

    python models.py FOLDER             writes dense.onnx, transformer.onnx and resnet50.onnx
    python models.py FOLDER batching    writes those of the batching benchmark
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Graph:
    """Nodes and weights, each node named after its first output."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, *shape: int, scale: float | None = None) -> str:
        fan_in = int(np.prod(shape[1:])) or 1
        values = self.random.standard_normal(shape) * (scale if scale is not None else (2 / fan_in) ** 0.5)
        return self.constant(values.astype(np.float32))

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def __call__(self, op: str, *inputs: str, **attributes) -> str:
        self.count += 1
        output = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], output, **attributes))
        return output

    def save(self, path: pathlib.Path, source: list[int | str], result: str, target: list[int | str]) -> None:
        self.nodes[-1].output[0] = "output" if self.nodes[-1].output[0] == result else self.nodes[-1].output[0]
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, source)],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, target)],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def perceptron(path: pathlib.Path) -> None:
    """A perceptron over 784 numbers."""
    g = Graph(3)
    x, sizes = "input", [784, 512, 512, 10]
    for rows, columns in zip(sizes, sizes[1:]):
        x = g("Gemm", x, g.weight(rows, columns, scale=rows**-0.5), g.constant(np.zeros(columns, dtype=np.float32)))
        x = g("Relu", x) if columns != sizes[-1] else x
    g.save(path, ["batch", sizes[0]], x, ["batch", sizes[-1]])


def transformer(path: pathlib.Path, layers: int = 2, length: int = 32, width: int = 128, heads: int = 4) -> None:
    """An encoder over 32 vectors of 128 numbers, as small text classifiers have it."""
    g = Graph(1)
    split = g.constant(np.array([0, length, heads, width // heads], dtype=np.int64))
    merge = g.constant(np.array([0, length, width], dtype=np.int64))
    scale = g.constant(np.array((width / heads) ** -0.5, dtype=np.float32))
    one = lambda value: g.constant(np.full(width, value, dtype=np.float32))

    def dense(x: str, rows: int, columns: int) -> str:
        bias = g.constant(np.zeros(columns, dtype=np.float32))
        return g("Add", g("MatMul", x, g.weight(rows, columns, scale=rows**-0.5)), bias)

    x = "input"
    for _ in range(layers):
        query, key, value = (
            g("Transpose", g("Reshape", dense(x, width, width), split), perm=perm)
            for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        )
        weights = g("Softmax", g("Mul", g("MatMul", query, key), scale), axis=-1)
        mixed = g("Reshape", g("Transpose", g("MatMul", weights, value), perm=[0, 2, 1, 3]), merge)
        x = g("LayerNormalization", g("Add", x, dense(mixed, width, width)), one(1), one(0), axis=-1)
        wide = g("Relu", dense(x, width, 4 * width))
        x = g("LayerNormalization", g("Add", x, dense(wide, 4 * width, width)), one(1), one(0), axis=-1)
    pooled = g("ReduceMean", x, axes=[1], keepdims=0)
    g.save(path, ["batch", length, width], dense(pooled, width, 8), ["batch", 8])


def resnet50(path: pathlib.Path) -> None:
    """ResNet-50 with its normalizations folded into the convolutions, as exporters leave it."""
    g = Graph(2)

    def conv(x: str, entering: int, leaving: int, size: int, stride: int = 1, relu: bool = True) -> str:
        weights, bias = g.weight(leaving, entering, size, size), g.constant(np.zeros(leaving, dtype=np.float32))
        pads = [size // 2] * 4
        x = g("Conv", x, weights, bias, kernel_shape=[size, size], strides=[stride, stride], pads=pads)
        return g("Relu", x) if relu else x

    x = conv("input", 3, 64, 7, 2)
    x = g("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for blocks, width, stride in [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)]:
        for block in range(blocks):
            step = stride if block == 0 else 1
            inner = conv(conv(x, channels, width, 1), width, width, 3, step)
            inner = conv(inner, width, 4 * width, 1, relu=False)
            if block == 0:
                x = conv(x, channels, 4 * width, 1, step, relu=False)
            # Random weights would grow from block to block.
            half = g("Mul", inner, g.constant(np.array(0.5, dtype=np.float32)))
            x, channels = g("Relu", g("Add", x, half)), 4 * width
    x = g("Flatten", g("GlobalAveragePool", x), axis=1)
    bias = g.constant(np.zeros(1000, dtype=np.float32))
    g.save(path, ["batch", 3, 224, 224], g("Gemm", x, g.weight(2048, 1000), bias), ["batch", 1000])


def dense(path: pathlib.Path, width: int, layers: int, entering: int = 64) -> None:
    """Layers that are each a matrix of width x width: nearly all of a run for one row is reading the weights."""
    g = Graph(3)
    x, rows = "input", entering
    for _ in range(layers):
        bias = g.constant(np.zeros(width, dtype=np.float32))
        x, rows = g("Relu", g("Gemm", x, g.weight(rows, width, scale=(2 / rows) ** 0.5), bias)), width
    bias = g.constant(np.zeros(8, dtype=np.float32))
    g.save(path, ["batch", entering], g("Gemm", x, g.weight(rows, 8, scale=rows**-0.5), bias), ["batch", 8])


def convolution(path: pathlib.Path, size: int = 32, blocks: int = 6, width: int = 64) -> None:
    """A small picture through 3 x 3 windows."""
    g = Graph(4)
    x, channels = "input", 3
    for block in range(blocks):
        weights, bias = g.weight(width, channels, 3, 3), g.constant(np.zeros(width, dtype=np.float32))
        stride = 2 if block in (2, 4) else 1
        x = g("Relu", g("Conv", x, weights, bias, kernel_shape=[3, 3], strides=[stride, stride], pads=[1, 1, 1, 1]))
        channels = width
    x = g("Flatten", g("GlobalAveragePool", x), axis=1)
    bias = g.constant(np.zeros(10, dtype=np.float32))
    g.save(path, ["batch", 3, size, size], g("Gemm", x, g.weight(width, 10), bias), ["batch", 10])


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2:] == ["batching"]:
        dense(folder / "dense.onnx", 1024, 6)
        dense(folder / "dense-large.onnx", 2048, 6)
        transformer(folder / "transformer.onnx")
        convolution(folder / "convolution.onnx")
    else:
        perceptron(folder / "dense.onnx")
        transformer(folder / "transformer.onnx")
        resnet50(folder / "resnet50.onnx")
