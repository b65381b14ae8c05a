"""Makes the small ONNX and NPY files, sound and broken, that the compiler's own tests read; needs the `onnx` package.

    .tools/python/run/bin/python tests/ui/models/make.py

The files are committed. This script says what is in each and makes the same bytes again.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def weight(name, *shape):
    """Small numbers that are not all alike: 0.1, 0.2, …"""
    values = (np.arange(np.prod(shape)) + 1) / 10
    return numpy_helper.from_array(values.astype(np.float32).reshape(shape), name)


def model(name, nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(weights))
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10, producer_name="tests/ui/models/make.py"
    )


def dense(name, batch):
    """y = x · weight + bias, from [batch, 4] to [batch, 1]."""
    return model(
        name,
        [helper.make_node("Gemm", ["x", "weight", "bias"], ["y"], "dense")],
        [tensor("x", TensorProto.FLOAT, [batch, 4])],
        [tensor("y", TensorProto.FLOAT, [batch, 1])],
        [weight("weight", 4, 1), weight("bias", 1)],
    )


def two_inputs():
    """s = a + table[ids]: an INT64 input without a second dimension, beside an FP32 one."""
    return model(
        "two_inputs",
        [
            helper.make_node("Gather", ["table", "ids"], ["rows"], "look_up", axis=0),
            helper.make_node("Add", ["a", "rows"], ["s"], "add"),
        ],
        [tensor("a", TensorProto.FLOAT, ["N", 3]), tensor("ids", TensorProto.INT64, ["N"])],
        [tensor("s", TensorProto.FLOAT, ["N", 3])],
        [weight("table", 5, 3)],
    )


def text():
    """An operator of numbers over a STRING input, which the inference protocol calls BYTES."""
    return model(
        "text",
        [helper.make_node("Tile", ["words", "twice"], ["same"], "copy")],
        [tensor("words", TensorProto.STRING, ["N"])],
        [tensor("same", TensorProto.STRING, ["M"])],
        [numpy_helper.from_array(np.array([2]), "twice")],
    )


def labels():
    """A word and two numbers to one of two classes that are words, and the scores of both."""
    domain = "ai.onnx.ml"
    scores = [0.5, -0.25, 1.0, -1.0]
    made = model(
        "labels",
        [
            helper.make_node("OneHotEncoder", ["colour"], ["marks"], "mark", domain=domain, cats_strings=["red", "green"]),
            helper.make_node("Reshape", ["marks", "flat"], ["columns"], "flatten"),
            helper.make_node("Concat", ["columns", "x"], ["row"], "join", axis=1),
            helper.make_node(
                "LinearClassifier", ["row"], ["label", "scores"], "classify", domain=domain,
                coefficients=scores + [-score for score in scores], intercepts=[0.0, 0.0],
                classlabels_strings=["low", "high"], post_transform="SOFTMAX",
            ),
        ],
        [tensor("colour", TensorProto.STRING, ["N", 1]), tensor("x", TensorProto.FLOAT, ["N", 2])],
        [tensor("label", TensorProto.STRING, ["N"]), tensor("scores", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(np.array([-1, 2]), "flat")],
    )
    made.opset_import.append(helper.make_opsetid(domain, 3))
    return made


def external_data():
    """`linear` whose weight lies in a file beside it, and that file is not there."""
    external = dense("external_data", "N")
    stored = external.graph.initializer[0]
    stored.ClearField("raw_data")
    stored.data_location = TensorProto.EXTERNAL
    for key, value in [("location", "weights.bin"), ("offset", "0"), ("length", "16")]:
        stored.external_data.add(key=key, value=value)
    return external


def no_inputs():
    """A graph that only holds a constant: there is nothing to send to it."""
    return model(
        "no_inputs",
        [helper.make_node("Identity", ["weight"], ["y"], "copy")],
        [],
        [tensor("y", TensorProto.FLOAT, [2])],
        [weight("weight", 2)],
    )


def reverse_lstm():
    """Two things that the engine does not do: a reverse direction, and other activations; and an operator that it lacks."""
    recurrent = helper.make_node(
        "LSTM", ["x", "w", "r"], ["steps"], "recur", direction="reverse", activations=["Sigmoid", "Relu", "Tanh"], hidden_size=2
    )
    loose = helper.make_node("Unique", ["steps"], ["y"], "unique")
    return model(
        "reverse_lstm",
        [recurrent, loose],
        [tensor("x", TensorProto.FLOAT, [3, "N", 4])],
        [tensor("y", TensorProto.FLOAT, ["M"])],
        [weight("w", 1, 8, 4), weight("r", 1, 8, 2)],
    )


def depth():
    """SpaceToDepth in a mode that the engine does not read."""
    return model(
        "depth",
        [helper.make_node("SpaceToDepth", ["x"], ["y"], "fold", blocksize=2, mode="CRD")],
        [tensor("x", TensorProto.FLOAT, ["N", 1, 4, 4])],
        [tensor("y", TensorProto.FLOAT, ["N", 4, 2, 2])],
    )


def shifted():
    """Attributes and operators that are refused for what comes with them: a shift by an input, a mask of -inf, a foreign domain."""
    nodes = [
        helper.make_node("BitShift", ["n", "by"], ["shifted"], "shift", direction="LEFT"),
        helper.make_node("Where", ["mask", "x", "low"], ["masked"], "mask"),
        helper.make_node("ReduceMax", ["masked"], ["most"], "most", axes=[1]),
        helper.make_node("Rotate", ["x"], ["rotated"], "rotate", domain="com.example"),
    ]
    made = model(
        "shifted",
        nodes,
        [
            tensor("n", TensorProto.UINT8, ["N"]),
            tensor("by", TensorProto.UINT8, ["N"]),
            tensor("x", TensorProto.FLOAT, ["N", 3]),
            tensor("mask", TensorProto.BOOL, ["N", 3]),
        ],
        [
            tensor("shifted", TensorProto.UINT8, ["N"]),
            tensor("most", TensorProto.FLOAT, ["N", 1]),
            tensor("rotated", TensorProto.FLOAT, ["N", 3]),
        ],
        [numpy_helper.from_array(np.array(-np.inf, dtype=np.float32), "low")],
    )
    made.opset_import.append(helper.make_opsetid("com.example", 1))
    return made


def several():
    """One of each refusal that the other files do not show."""
    ml = {"domain": "ai.onnx.ml"}
    stump = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0], "nodes_values": [0.5, 0.0, 0.0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "class_treeids": [0, 0], "class_nodeids": [1, 2], "class_ids": [0, 0], "class_weights": [0.25, 0.75],
    }
    nodes = [
        helper.make_node("Celu", ["half"], ["bent"], "bend", alpha=2.0),
        helper.make_node("Attention", ["q", "q", "q", "", "past", "past"], ["seen"], "attend", is_causal=1),
        helper.make_node("Cast", ["x"], ["brain"], "shorten", to=TensorProto.BFLOAT16),
        helper.make_node("TreeEnsembleClassifier", ["x"], ["label", "scores"], "grow", post_transform="PROBIT", classlabels_int64s=[0, 1], **stump, **ml),
        helper.make_node("TreeEnsembleClassifier", ["x"], ["label2", "scores2"], "shift", base_values=[0.1, 0.2], classlabels_int64s=[0, 1], **stump, **ml),
        helper.make_node("ZipMap", ["scores2"], ["maps"], "zip", classlabels_int64s=[0, 1], **ml),
        helper.make_node("Identity", ["maps"], ["same"], "keep"),
        helper.make_node("LabelEncoder", ["label"], ["small"], "name", keys_tensor=weightless([0, 1]), values_tensor=weightless([3, 4], np.int16), **ml),
        helper.make_node("Relu", ["x"], ["y"], "cut", below=1),
    ]
    inputs = [
        tensor("half", TensorProto.FLOAT16, ["N", 3]),
        tensor("q", TensorProto.FLOAT, ["N", 1, 2, 4]),
        tensor("past", TensorProto.FLOAT, ["N", 1, 2, 4]),
        tensor("x", TensorProto.FLOAT, ["N", 3]),
    ]
    return model("several", nodes, inputs, [tensor("y", TensorProto.FLOAT, ["N", 3])])


def weightless(numbers, kind=np.int64):
    return numpy_helper.from_array(np.array(numbers, dtype=kind), "labels")


def picture():
    """A picture of 4096 by 4096: small in the file, large when it runs."""
    shape = ["N", 3, 4096, 4096]
    return model(
        "picture",
        [helper.make_node("Relu", ["pixels"], ["bright"], "relu")],
        [tensor("pixels", TensorProto.FLOAT, shape)],
        [tensor("bright", TensorProto.FLOAT, shape)],
    )


def zip_map():
    """What scikit-learn's converter makes of a classifier by default: a sequence of maps."""
    nodes = [
        helper.make_node(
            "LinearClassifier",
            ["X"],
            ["label", "scores"],
            "linear",
            domain="ai.onnx.ml",
            coefficients=[0.5, -0.25, -0.5, 0.25],
            intercepts=[0.125, -0.125],
            classlabels_ints=[3, 7],
            post_transform="SOFTMAX",
        ),
        helper.make_node("ZipMap", ["scores"], ["probabilities"], "zip", domain="ai.onnx.ml", classlabels_int64s=[3, 7]),
    ]
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    )
    made = model(
        "zip_map",
        nodes,
        [tensor("X", TensorProto.FLOAT, ["N", 2])],
        [tensor("label", TensorProto.INT64, ["N"]), helper.make_value_info("probabilities", maps)],
    )
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))
    return made


def tables():
    """The rows of rows.csv in NPY: whole, and in parts; and what is no table of numbers."""
    rows = np.loadtxt(HERE / "rows.csv", delimiter=",", skiprows=1)
    np.save(HERE / "rows.npy", np.asfortranarray(rows))
    np.save(HERE / "features.npy", rows[:, :4].astype(np.float32))
    np.save(HERE / "truth.npy", rows[:, 4])
    np.save(HERE / "truth-short.npy", rows[:3, 4])
    np.save(HERE / "cube.npy", np.zeros((2, 2, 2)))
    np.save(HERE / "words.npy", np.array(["yes", "no"]))


def main():
    sound = {
        "linear": dense("linear", "N"),
        "two-inputs": two_inputs(),
        "fixed": dense("fixed", 1),
        "text": text(),
        "labels": labels(),
        "no-inputs": no_inputs(),
        "picture": picture(),
        "reverse-lstm": reverse_lstm(),
        "zip-map": zip_map(),
    }
    for each in sound.values():
        onnx.checker.check_model(each, full_check=True)
    # The checker does not know the foreign domain, nor, at this opset, the mode.
    sound |= {"shifted": shifted(), "depth": depth(), "several": several()}
    files = {name: each.SerializeToString(deterministic=True) for name, each in sound.items()}
    files["external-data"] = external_data().SerializeToString(deterministic=True)
    files["empty"] = b""
    files["truncated"] = files["linear"][: len(files["linear"]) // 2]
    files["not-onnx"] = b"\x89PNG\r\n\x1a\n" + b"this is no model, whatever its name says\n"
    tables()
    for name, content in sorted(files.items()):
        (HERE / f"{name}.onnx").write_bytes(content)
        print(f"{len(content):5} {name}.onnx")


if __name__ == "__main__":
    main()
