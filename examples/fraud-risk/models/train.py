"""Makes the fraud example's data and trains both versions of its model: holdout.csv, risk-2.onnx and risk-3.onnx, each with golden pairs.

The applications are synthetic. They come from scikit-learn's `make_classification` with a fixed seed; each of its sixteen
columns is then given a name and stretched onto a scale that its name would have (dollars, days, counts). Nobody's data is
in here, and the link between a name and fraud is an accident of the seed.

    pip install -r requirements.txt
    python train.py            # rewrites the five files beside this script, prints accuracy and AUC
    python train.py --check    # trains again, compares with the files that are there, writes nothing

Both versions have one signature, so that either can be served and rolled back without a change to its callers:

    features       FP32  [N, 16]   in the order of FEATURES
    label          INT64 [N]       1 is fraud
    probabilities  FP32  [N, 2]    of legitimate and of fraud

They are different kinds of model on purpose. Version 2 is a neural network of plain ONNX operators; version 3 is a
gradient-boosted ensemble of trees, which is one operator of `ai.onnx.ml`. Both graphs are written by hand below, so that
every node in them is there for a reason (scikit-learn's usual exporter adds ZipMap and Scaler, which few engines support).
"""

import argparse
import csv
import io
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import sklearn
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

HERE = pathlib.Path(__file__).parent
SEED = 20
HOLDOUT_ROWS = 500
GOLDEN_ROWS = 8
AT_LEAST = 0.93  # the accuracy that the example's quality gate asks for
TOLERANCE = 1e-4  # between scikit-learn (FP64 inside) and the exported graph (FP32)

# name, centre and spread of its scale, decimals; "log" makes the feature exp(centre + spread * z).
FEATURES = [
    ("amount_usd", "log", 8.5, 0.7, 2),
    ("annual_income_usd", "log", 10.9, 0.45, 0),
    ("debt_to_income", "linear", 0.35, 0.08, 4),
    ("credit_utilization", "linear", 0.45, 0.12, 4),
    ("account_age_days", "log", 6.5, 0.6, 0),
    ("address_age_days", "log", 6.8, 0.7, 0),
    ("employment_months", "log", 3.6, 0.6, 0),
    ("open_accounts", "linear", 9.0, 2.5, 0),
    ("inquiries_6m", "linear", 5.0, 1.6, 0),
    ("late_payments_24m", "linear", 4.0, 1.4, 0),
    ("applications_24h", "linear", 5.0, 1.7, 0),
    ("device_age_days", "log", 5.0, 0.8, 0),
    ("distance_km", "log", 3.0, 0.9, 1),
    ("night_share", "linear", 0.3, 0.06, 4),
    ("identity_match", "linear", 0.75, 0.07, 4),
    ("typing_speed_cps", "linear", 5.0, 0.8, 2),
]
NAMES = [name for name, *_ in FEATURES]


def data():
    """Features FP32 [rows, 16] and labels [rows], split into training and hold-out parts."""
    z, fraud = make_classification(
        n_samples=12_000,
        n_features=len(FEATURES),
        n_informative=9,
        n_redundant=3,
        n_clusters_per_class=2,
        weights=[0.8],
        class_sep=0.9,
        flip_y=0.03,
        random_state=SEED,
    )
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    columns = []
    for column, (_, scale, centre, spread, decimals) in zip(z.T, FEATURES):
        value = centre + spread * column
        columns.append(np.round(np.exp(value) if scale == "log" else np.maximum(value, 0), decimals))
    features = np.stack(columns, axis=1).astype(np.float32)
    return train_test_split(features, fraud, test_size=HOLDOUT_ROWS, stratify=fraud, random_state=SEED)


def graph(name, nodes, weights, opsets):
    """A model with the signature that both versions share."""
    batch = "N"
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, len(FEATURES)])]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [batch]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [batch, 2]),
    ]
    initializers = [numpy_helper.from_array(value, key) for key, value in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, name, inputs, outputs, initializers),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in opsets.items()],
        producer_name="examples/fraud-risk/models/train.py",
        ir_version=10,
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def network(features, fraud):
    """Version 2: standardize, two hidden layers with ReLU, softmax."""
    scaler = StandardScaler().fit(features)
    mlp = MLPClassifier(hidden_layer_sizes=(16, 8), alpha=1e-3, max_iter=60, early_stopping=True, random_state=SEED)
    mlp.fit(scaler.transform(features), fraud)

    # scikit-learn ends a two-class network in one sigmoid; softmax over (0, s) is the same pair of probabilities.
    last, bias = mlp.coefs_[-1], mlp.intercepts_[-1]
    layers = list(zip(mlp.coefs_[:-1], mlp.intercepts_[:-1]))
    layers.append((np.hstack([np.zeros_like(last), last]), np.concatenate([np.zeros_like(bias), bias])))

    weights = {"mean": scaler.mean_, "deviation": scaler.scale_}
    nodes = [
        helper.make_node("Sub", ["features", "mean"], ["centred"], "centre"),
        helper.make_node("Div", ["centred", "deviation"], ["hidden0"], "standardize"),
    ]
    for i, (weight, offset) in enumerate(layers, start=1):
        weights[f"weight{i}"], weights[f"bias{i}"] = weight, offset
        nodes.append(helper.make_node("Gemm", [f"hidden{i - 1}", f"weight{i}", f"bias{i}"], [f"sum{i}"], f"dense{i}"))
        if i < len(layers):
            nodes.append(helper.make_node("Relu", [f"sum{i}"], [f"hidden{i}"], f"relu{i}"))
    scores = f"sum{len(layers)}"
    nodes.append(helper.make_node("ArgMax", [scores], ["label"], "decide", axis=1, keepdims=0))
    nodes.append(helper.make_node("Softmax", [scores], ["probabilities"], "softmax", axis=1))

    weights = {key: value.astype(np.float32) for key, value in weights.items()}
    model = graph("risk_network", nodes, weights, {"": 17})
    return model, lambda rows: mlp.predict_proba(scaler.transform(rows))


def trees(features, fraud):
    """Version 3: gradient-boosted trees."""
    boosted = GradientBoostingClassifier(
        n_estimators=120, max_depth=5, min_samples_leaf=10, learning_rate=0.1, subsample=0.8, random_state=SEED
    )
    boosted.fit(features, fraud)

    # The ensemble's score s is the log-odds of fraud. Every leaf gives -s/2 to one class and +s/2 to the other, for which
    # softmax is exact, and the first tree's leaves carry the prior too. The shorter forms (one class with LOGISTIC, or
    # `base_values`) have special rules for two classes, which engines read differently.
    prior = float(np.log(fraud.mean() / (1 - fraud.mean())))
    nodes = {key: [] for key in ["treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids"]}
    leaves = {key: [] for key in ["treeids", "nodeids", "ids", "weights"]}
    for tree_id, (tree,) in enumerate(boosted.estimators_):
        t = tree.tree_
        for node in range(t.node_count):
            leaf = t.children_left[node] == -1
            nodes["treeids"].append(tree_id)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if leaf else int(t.feature[node]))
            nodes["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["values"].append(0.0 if leaf else at_most_fp32(t.threshold[node]))
            nodes["truenodeids"].append(0 if leaf else int(t.children_left[node]))
            nodes["falsenodeids"].append(0 if leaf else int(t.children_right[node]))
            if leaf:
                score = boosted.learning_rate * float(t.value[node].item()) + (prior if tree_id == 0 else 0.0)
                for label, weight in [(0, -score / 2), (1, score / 2)]:
                    leaves["treeids"].append(tree_id)
                    leaves["nodeids"].append(node)
                    leaves["ids"].append(label)
                    leaves["weights"].append(weight)
    ensemble = helper.make_node(
        "TreeEnsembleClassifier",
        ["features"],
        ["label", "probabilities"],
        "trees",
        domain="ai.onnx.ml",
        classlabels_int64s=[0, 1],
        post_transform="SOFTMAX",
        **{f"nodes_{key}": value for key, value in nodes.items()},
        **{f"class_{key}": value for key, value in leaves.items()},
    )
    return graph("risk_trees", [ensemble], {}, {"": 17, "ai.onnx.ml": 3}), boosted.predict_proba


def at_most_fp32(threshold):
    """The largest FP32 number <= threshold: for FP32 features, `x <= threshold` then means the same in both widths."""
    rounded = np.float32(threshold)
    return float(rounded if rounded <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def measure(name, model, reference, features, fraud):
    """Prints the scores of an exported model as the runtime computes them, after holding it against scikit-learn."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], {"features": features})
    assert label.dtype == np.int64 and label.shape == (len(features),), (label.dtype, label.shape)
    assert probabilities.dtype == np.float32 and probabilities.shape == (len(features), 2), probabilities.shape
    expected = reference(features)
    difference = float(np.abs(probabilities - expected).max())
    assert difference <= TOLERANCE, f"{name}: export and scikit-learn differ by {difference}"
    sure = np.abs(expected[:, 1] - 0.5) > TOLERANCE
    assert (label == expected.argmax(axis=1))[sure].all(), f"{name}: labels differ"
    accuracy, auc = accuracy_score(fraud, label), roc_auc_score(fraud, probabilities[:, 1])
    print(
        f"{name}: accuracy {accuracy:.4f}, AUC {auc:.4f}, {len(model)} bytes, at most {difference:.1e} from scikit-learn"
    )
    assert accuracy > AT_LEAST, f"{name}: accuracy {accuracy} does not clear {AT_LEAST}"


def table(features, fraud):
    """The hold-out rows as CSV; each number is the shortest that reads back as the same FP32 value."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*NAMES, "fraud"])
    for row, label in zip(features, fraud):
        rows.writerow([*(np.format_float_positional(value, trim="-") for value in row), int(label)])
    return text.getvalue().encode()


def golden(reference, features):
    """Golden pairs: one row each, and what scikit-learn says about it."""
    pairs = []
    for row, (legitimate, fraud) in zip(features, reference(features)):
        numbers = [float(np.format_float_positional(value, trim="-")) for value in row]
        outputs = {"label": [int(fraud > legitimate)], "probabilities": [[round(float(legitimate), 7), round(float(fraud), 7)]]}
        pairs.append(json.dumps({"inputs": {"features": [numbers]}, "outputs": outputs}))
    return ("[\n  " + ",\n  ".join(pairs) + "\n]\n").encode()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="compare with the files that are there; write nothing")
    check = options.parse_args().check

    print(f"scikit-learn {sklearn.__version__}, onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    with threadpool_limits(1):  # sums in a fixed order
        train, holdout, train_fraud, holdout_fraud = data()
        print(f"{len(train)} rows to train on, {len(holdout)} held out; {holdout_fraud.mean():.1%} are fraud")
        made = {"holdout.csv": table(holdout, holdout_fraud)}
        for version, fit in [("2", network), ("3", trees)]:
            name = f"risk-{version}.onnx"
            made[name], reference = fit(train, train_fraud)
            measure(name, made[name], reference, holdout, holdout_fraud)
            made[f"risk-{version}.golden.json"] = golden(reference, holdout[:GOLDEN_ROWS])

    if check:
        differing = [name for name, content in made.items() if (HERE / name).read_bytes() != content]
        print(f"differs: {', '.join(differing)}" if differing else "identical to the files that are there")
        return 1 if differing else 0
    for name, content in made.items():
        (HERE / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
