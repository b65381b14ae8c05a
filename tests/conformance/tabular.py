"""The operator pack against onnxruntime, operator by operator: every combination of the attributes that change what is computed.

    tabular.py CASES

CASES is the example `cases` of the runtime. Exit: 0 all equal, 1 not, 2 it could not be checked.
"""

import itertools
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    import onnx_cases
except ImportError as error:
    print(f"cannot check: {error}; run tests/tools/install", file=sys.stderr)
    sys.exit(2)

RANDOM = np.random.default_rng(11)
WORDS = np.array([["a", "b", "ü"], ["d", "", "f"]], dtype=object)
ROWS = RANDOM.normal(size=(9, 4)).astype(np.float32)
TRANSFORMS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"]
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
KINDS = {np.dtype(np.int64): INT64, np.dtype(object): STRING}


def forest(role, targets, weights, nan_is_yes):
    """Three stumps of which each leaf adds to every target; `weights` gives the weights, over and over."""
    names = "nodes_treeids nodes_nodeids nodes_featureids nodes_modes nodes_values nodes_truenodeids nodes_falsenodeids".split()
    made = {name: [] for name in [*names, "nodes_missing_value_tracks_true"]}
    leaves = {f"{role}_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    modes = itertools.cycle(["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"])
    weights = itertools.cycle(weights)
    for tree in range(3):
        rows = [(0, tree, next(modes), 0.1 * tree, 1, 2), (1, 0, "LEAF", 0.0, 0, 0), (2, 0, "LEAF", 0.0, 0, 0)]
        for node, feature, mode, value, yes, no in rows:
            for name, entry in zip(names, (tree, node, feature, mode, value, yes, no)):
                made[name].append(entry)
            made["nodes_missing_value_tracks_true"].append(nan_is_yes)
            if mode == "LEAF":
                for target in targets:
                    for name, entry in zip(leaves, (tree, node, target, next(weights))):
                        leaves[name].append(entry)
    return made | leaves


def node(operator, outputs, domain="ai.onnx.ml", **attributes):
    """One operator over X, and over an input C where the attributes hold a constant of that name."""
    constant = attributes.pop("C", None)
    inputs = ["X"] if constant is None else ["X", "C"]
    made = [helper.make_node(operator, inputs, [name for name, _ in outputs], domain=domain, **attributes)]
    if constant is not None:
        value = numpy_helper.from_array(np.array(constant, dtype=object if isinstance(constant[0], list) else np.int64))
        made.insert(0, helper.make_node("Constant", [], ["C"], value=value))
    values = [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs]
    shown = {key: value for key, value in attributes.items() if isinstance(value, (str, int, float)) or len(value) < 4}
    return f"{operator} {shown}", made, values


def classified(operator, **attributes):
    return node(operator, [("label", INT64), ("scores", FLOAT)], **attributes)


def cases():
    gaps = ROWS.copy()
    gaps[::3, 1] = np.nan
    positive, mixed = [0.1, 0.3, 0.05, 0.2, 0.15, 0.25], [0.4, -0.3, 0.2, -0.6, 0.1, -0.15]
    for ids, weights, base, transform, nan in itertools.product(
        [[0], [1], [0, 1], [0, 1, 2]], [positive, mixed], [0, 1, 2, 3], TRANSFORMS, [0, 1]
    ):
        classes = 3 if 2 in ids else 2
        # What else there could be is refused when compiling. With both of two classes, onnxruntime's labels are 0 and 1
        # whatever the model calls them.
        if base not in (0, 3 if classes == 3 else int(ids == [0])) or (len(ids) == 1 and transform == "PROBIT"):
            continue
        labels = [0, 1] if ids == [0, 1] else [4, 7, 9][:classes]
        made = forest("class", ids, weights, nan)
        extra = {"base_values": [0.05, -0.1, 0.2][:base]} if base else {}
        yield *classified(
            "TreeEnsembleClassifier", classlabels_int64s=labels, post_transform=transform, **made, **extra
        ), gaps
    for ids, aggregate, base, transform in itertools.product([[0], [0, 1]], ["SUM", "AVERAGE", "MIN", "MAX"], [0, 1], TRANSFORMS):
        made = forest("target", ids, mixed, 0)
        extra = {"base_values": [0.5, -0.25][: len(ids)]} if base else {}
        yield *node(
            "TreeEnsembleRegressor", [("y", FLOAT)], n_targets=len(ids), aggregate_function=aggregate, post_transform=transform, **made, **extra
        ), ROWS
    weights = RANDOM.normal(size=12).astype(np.float32)
    for targets, transform in itertools.product([1, 2, 3], TRANSFORMS):
        classes = max(2, targets)
        if targets > 1 or transform != "PROBIT":
            yield *classified(
                "LinearClassifier", coefficients=weights[: 4 * targets], intercepts=[0.1, -0.2, 0.3][:targets],
                classlabels_ints=[4, 7, 9][:classes], post_transform=transform,
            ), ROWS
        yield *node(
            "LinearRegressor", [("y", FLOAT)], coefficients=weights[: 4 * targets], intercepts=[0.1, -0.2, 0.3][:targets],
            targets=targets, post_transform=transform,
        ), ROWS
    for kernel, classes, probability, transform in itertools.product(
        ["LINEAR", "POLY", "RBF", "SIGMOID"], [2, 3], [False, True], TRANSFORMS[:3]
    ):
        count, pairs = 2 * classes, classes * (classes - 1) // 2
        extra = {"prob_a": [-1.5, -0.5, -1.0][:pairs], "prob_b": [0.1, 0.2, -0.1][:pairs]} if probability else {}
        yield *classified(
            "SVMClassifier", kernel_type=kernel, kernel_params=[0.4, 0.3, 2.0], vectors_per_class=[2] * classes,
            support_vectors=RANDOM.normal(size=4 * count).astype(np.float32),
            coefficients=RANDOM.normal(size=count * (classes - 1)).astype(np.float32), rho=[0.1, -0.2, 0.3][:pairs],
            classlabels_ints=[4, 7, 9][:classes], post_transform=transform, **extra,
        ), ROWS
    for kernel, one_class in itertools.product(["LINEAR", "POLY", "RBF", "SIGMOID"], [0, 1]):
        yield *node(
            "SVMRegressor", [("y", FLOAT)], kernel_type=kernel, kernel_params=[0.4, 0.3, 2.0], n_supports=3, one_class=one_class,
            support_vectors=weights, coefficients=weights[:3], rho=[0.25],
        ), ROWS
    for norm in ["MAX", "L1", "L2"]:
        yield *node("Normalizer", [("y", FLOAT)], norm=norm), np.concatenate([ROWS, np.zeros((1, 4), np.float32)])
    for length in [1, 4]:
        yield *node("Scaler", [("y", FLOAT)], offset=weights[:length], scale=weights[4 : 4 + length]), ROWS
        yield *node("Imputer", [("y", FLOAT)], imputed_value_floats=weights[:length], replaced_value_float=float("nan")), gaps
        yield *node("Imputer", [("y", INT64)], imputed_value_int64s=[5, 6, 7, 8][:length], replaced_value_int64=2), np.arange(8).reshape(2, 4)
    yield *node("Binarizer", [("y", FLOAT)], threshold=0.25), ROWS
    yield *node("OneHotEncoder", [("y", FLOAT)], cats_int64s=[1, 3, 5], zeros=1), np.arange(8).reshape(2, 4)
    yield *node("OneHotEncoder", [("y", FLOAT)], cats_int64s=[1, 0, -1], zeros=1), ROWS
    yield *node("LabelEncoder", [("y", FLOAT)], keys_int64s=[1, 3, 5, 3], values_floats=[0.5, 1.5, 2.5, 3.5], default_float=-2.0), np.arange(8).reshape(2, 4)
    yield *node("LabelEncoder", [("y", INT64)], keys_floats=[0.0, 2.5], values_int64s=[6, 7], default_int64=-9), np.array([[0.0, -0.0, 2.5, 1.0]], np.float32)
    # Over texts, whatever the audit lets pass with them.
    texts, two = [("y", STRING)], [("y", STRING), ("z", STRING)]
    yield *node("LabelEncoder", texts, keys_int64s=[1, 3], values_strings=["odd", "höch"], default_string="?"), np.arange(8).reshape(2, 4)
    for values, kind in [({"values_strings": ["x", "y"]}, STRING), ({"values_int64s": [5, 6]}, INT64), ({"values_floats": [0.5, 1.5]}, FLOAT)]:
        yield *node("LabelEncoder", [("y", kind)], keys_strings=["a", "ü"], **values), WORDS
    yield *node("OneHotEncoder", [("y", FLOAT)], cats_strings=["a", "ü"], zeros=1), WORDS
    yield *node("ArrayFeatureExtractor", texts, C=[2, 0]), WORDS
    for operator, more in [
        ("Identity", {}), ("Flatten", {}), ("Squeeze", {}), ("Transpose", {"perm": [1, 0]}), ("Cast", {"to": STRING}), ("Reshape", {"C": [3, -1]}),
        ("Gather", {"C": [2, 0], "axis": 1}), ("Unsqueeze", {"C": [1]}), ("Expand", {"C": [2, 2, 3]}), ("Concat", {"C": [["p"], ["q"]], "axis": 1}),
    ]:
        yield *node(operator, texts, domain="", **more), WORDS
    yield *node("Split", two, domain="", C=[1, 2], axis=1), WORDS
    for labels, operator in itertools.product([["no", "yes"], ["a", "b", "ü"]], ["tree", "linear"]):
        words = {"classlabels_strings": labels, "post_transform": "SOFTMAX"}
        outputs = [("label", STRING), ("scores", FLOAT)]
        if operator == "tree":
            yield *node("TreeEnsembleClassifier", outputs, **words, **forest("class", range(len(labels)), positive, 0)), ROWS
        else:
            weights_of = weights[: 4 * len(labels)]
            yield *node("LinearClassifier", outputs, coefficients=weights_of, intercepts=[0.1] * len(labels), **words), ROWS
    yield *node("FeatureVectorizer", [("y", FLOAT)], inputdimensions=[4]), ROWS


def main(runner):
    wrong, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        lines, expected = [], []
        for what, made, outputs, rows in cases():
            kind = KINDS.get(rows.dtype, FLOAT)
            graph = helper.make_graph(made, "g", [helper.make_tensor_value_info("X", kind, [None, rows.shape[1]])], outputs)
            opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
            model = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
            try:
                session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
                answers = session.run(None, {"X": rows})
            except Exception:
                # What onnxruntime refuses has no answer to compare with.
                continue
            base = os.path.join(folder, str(count))
            count += 1
            with open(f"{base}.onnx", "wb") as file:
                file.write(model)
            with open(f"{base}.pb", "wb") as file:
                file.write(numpy_helper.from_array(rows).SerializeToString())
            lines.append(f"{base}.onnx\t{base}.out\t{base}.pb\n")
            expected.append((what, answers, base))
        ran = subprocess.run([runner], input="".join(lines), capture_output=True, text=True).stdout.splitlines()
        for (what, answers, base), said in zip(expected, ran, strict=True):
            if not said.startswith("ok"):
                wrong.append(f"{what}: {said}")
                continue
            for index, answer in enumerate(answers):
                why = onnx_cases.differs(onnx_cases.load(f"{base}.out{index}.pb"), answer, 1e-4, 1e-5)
                if why:
                    wrong.append(f"{what}: output {index}: {why}")
    for finding in wrong:
        print(finding)
    print(f"{count} operators with their attributes, {len(wrong)} unlike onnxruntime")
    return 1 if wrong or count < 250 else 0


sys.exit(main(*sys.argv[1:]))
