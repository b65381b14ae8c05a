"""Tests the conformance scripts themselves: each must pass the good samples, and find the fault in each bad one.

    .tools/python/run/bin/python tests/conformance/conformance_test.py

A check that cannot fail proves nothing. Exit: 0 all as it should be, 1 not.
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
GOOD = HERE / "samples" / "good"
MODELS = HERE.parents[1] / "examples" / "fraud-risk" / "models"
BAD = []


def script(name, *arguments):
    program = ["node"] if name.endswith(".mjs") else [sys.executable]
    ended = subprocess.run(
        [*program, str(HERE / name), *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    return ended.returncode, ended.stdout + ended.stderr


def expect(what, result, code, text=""):
    got, output = result
    ok = got == code and text in output
    print(f"{'ok  ' if ok else 'BAD '} {what}", flush=True)
    if not ok:
        BAD.append(what)
        print(f"     exit {got}, should be {code} with {text!r}:\n{output[-1500:]}")


def altered(part, file, change):
    """A copy of the good sample in which `change` maps one file's text to another."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH))
    shutil.copytree(GOOD, folder, dirs_exist_ok=True)
    target = folder / part / file
    before = target.read_text()
    after = change(before)
    assert after != before, f"{file}: the change changed nothing"
    target.write_text(after)
    return folder


def in_json(change):
    def apply(text):
        value = json.loads(text)
        change(copy.copy(value))
        return json.dumps(value, indent=2)

    return apply


def kubernetes():
    expect("kubernetes: good", script("kubernetes.py", GOOD), 0)
    faults = {
        "misspelt field": (lambda t: t.replace("replicas:", "replica:"), "replica"),
        "a boolean for text": (lambda t: t.replace('level: "on"', "level: on"), "kubernetes-validate"),
        "gains privileges": (lambda t: t.replace("Escalation: false", "Escalation: true"), "CKV_K8S_20"),
        "broken YAML": (lambda t: t.replace("immutable: true", "immutable: : true"), "kubectl kustomize"),
    }
    for what, (change, text) in faults.items():
        expect(f"kubernetes: {what}", script("kubernetes.py", altered("kubernetes", "risk.yaml", change)), 1, text)
    missing = altered("kubernetes", "kustomization.yaml", lambda t: t.replace("risk.yaml", "nope.yaml"))
    expect("kubernetes: a missing resource", script("kubernetes.py", missing), 1, "nope.yaml")
    expect("kubernetes: no output", script("kubernetes.py", HERE), 1, "kustomization")


def cloudformation():
    def change(resource, **properties):
        return in_json(lambda s: s["Resources"][resource]["Properties"].update(properties))

    expect("cloudformation: good", script("cloudformation.py", GOOD, "--strict"), 0)
    for what, edit, text in [
        ("unknown property", change("Slow", Perod=60), "Perod"),
        ("an alarm's impossible period", change("Slow", ComparisonOperator="Above"), "Above"),
        ("a dangling reference", change("Slow", AlarmActions=[{"Ref": "Nope"}]), "Nope"),
    ]:
        expect(
            f"cloudformation: {what}",
            script("cloudformation.py", altered("cloudformation", "stack.json", edit)),
            1,
            text,
        )
    plain = altered(
        "cloudformation", "stack.json", in_json(lambda s: s["Resources"]["Oncall"]["Properties"].pop("KmsMasterKeyId"))
    )
    expect("cloudformation: unencrypted, advisory", script("cloudformation.py", plain), 0, "CKV_AWS_26")
    expect("cloudformation: unencrypted, strict", script("cloudformation.py", plain, "--strict"), 1, "CKV_AWS_26")
    expect("cloudformation: no output", script("cloudformation.py", HERE), 1, "not there")


def stepfunctions():
    def change(state, **fields):
        return in_json(lambda d: d["States"][state].update(fields))

    expect("stepfunctions: good", script("stepfunctions.mjs", GOOD), 0, "11 expressions")
    for what, edit, text in [
        ("JSONata that does not parse", change("save", Output="{% $x( %}"), "S0203"),
        ("half an expression", change("load", Comment="{% $x"), "only one of"),
        ("a next that is not there", change("load", Next="nope"), "asl-validator"),
        ("the same, for the language service", change("load", Next="nope"), "amazon-states-language-service"),
        ("no resource", in_json(lambda d: d["States"]["load"].pop("Resource")), "Resource"),
        ("a JSONPath field", change("load", Parameters={"a": 1}), "asl-validator"),
    ]:
        expect(
            f"stepfunctions: {what}",
            script("stepfunctions.mjs", altered("stepfunctions", "assess.asl.json", edit)),
            1,
            text,
        )
    expect("stepfunctions: no output", script("stepfunctions.mjs", HERE), 1, "nothing was checked")


def integrations():
    def change(state, **fields):
        return in_json(lambda d: d["States"][state].update(fields))

    def argument(state, **arguments):
        return in_json(lambda d: d["States"][state]["Arguments"].update(arguments))

    def resource(state, name):
        return change(state, Resource=f"arn:aws:states:::{name}")

    expect("integrations: good", script("integrations.py", GOOD), 0)
    retry = [{"ErrorEquals": ["S3.NoSuchKeyException", "S3.SlowDown"], "MaxAttempts": 1}]
    for what, edit, text in [
        ("a misspelt action", resource("load", "aws-sdk:s3:getObjekt"), "no action GetObjekt"),
        ("a service that is none", resource("load", "aws-sdk:s4:getObject"), "s4"),
        ("a misspelt parameter", argument("load", Buket="b"), "`Buket` is no parameter"),
        ("a parameter that must be given", in_json(lambda d: d["States"]["load"]["Arguments"].pop("Key")), "`Key` must be given"),
        ("a value of another type", argument("load", PartNumber="one"), "is a integer"),
        ("a field that no result has", change("load", Assign={"x": "{% $states.result.Boddy %}"}), "gives no `Boddy`"),
        ("an error that is never thrown", change("load", Retry=retry), "throws no `SlowDown`"),
        ("a token that nobody gets", resource("page_analyst", "sns:publish.waitForTaskToken"), "nobody gets the token"),
    ]:
        expect(
            f"integrations: {what}",
            script("integrations.py", altered("stepfunctions", "assess.asl.json", edit)),
            1,
            text,
        )
    expect("integrations: no output", script("integrations.py", HERE), 1, "nothing was checked")


def strings():
    file = pathlib.Path(SCRATCH) / "strings.yaml"
    _, text = script("yaml_strings.py", "--shape")
    for what, edit, code, finding in [
        ("good", lambda t: t, 0, ""),
        ("an unquoted y", lambda t: t.replace('"value-0000": "y"', '"value-0000": y'), 1, "(bool)"),
        ("an unquoted key", lambda t: t.replace('\n  "1_000": ', "\n  1_000: "), 1, "1_000"),
        ("a lost newline", lambda t: t.replace('"\\U0000000A"\n', '""\n'), 1, "PyYAML"),
        ("a missing string", lambda t: t.replace("value-0001", "value-9999"), 1, "not there"),
    ]:
        file.write_text(edit(text))
        expect(f"yaml strings: {what}", script("yaml_strings.py", file), code, finding)


def service():
    for fault, code, finding in [
        ("", 0, ""),
        ("wrong-numbers", 1, "is off by"),
        ("wrong-labels", 1, "label differs"),
        ("no-id", 1, "the id comes back"),
        ("no-validation", 1, "should get 400"),
        ("text-errors", 1, "error"),
        ("wrong-metadata", 1, "model metadata"),
    ]:
        command = [sys.executable, str(HERE / "samples" / "v2_server.py"), str(MODELS / "risk-3.onnx"), "risk", fault]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            given = (url, "risk", MODELS / "risk-3.onnx", MODELS / "holdout.csv")
            expect(f"service: {fault or 'good'}", script("service.py", *given), code, finding)
            if not fault:
                execution(url)
            server.stdin.close()
    gone = ("http://127.0.0.1:9", "risk", MODELS / "risk-3.onnx", MODELS / "holdout.csv")
    expect("service: not there", script("service.py", *gone), 2, "cannot check")


def service_grpc():
    given = ("risk", MODELS / "risk-3.onnx", MODELS / "holdout.csv", "--no-http")
    for fault, code, finding in [
        ("", 0, ""),
        ("wrong-numbers", 1, "is off by"),
        ("no-id", 1, "the id comes back"),
        ("wrong-status", 1, "StatusCode.UNKNOWN"),
        ("out-of-order", 1, "asyncio, and its stream"),
        ("stream-ends", 1, "a stream, with a wrong request"),
        ("not-serving", 1, "health service"),
        ("no-reflection", 1, "reflection agrees"),
        ("wrong-metadata", 1, "model metadata"),
    ]:
        command = [sys.executable, str(HERE / "samples" / "grpc_server.py"), str(MODELS / "risk-3.onnx"), "risk", fault]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            expect(f"gRPC service: {fault or 'good'}", script("service_grpc.py", url, *given), code, finding)
            server.stdin.close()
    expect("gRPC service: not there", script("service_grpc.py", "http://127.0.0.1:9", *given), 2, "cannot check")


def execution(url):
    """The sample workflow, from the bucket through the model to the topic and back to the bucket."""
    application = pathlib.Path(SCRATCH) / "a1.json"
    definition = GOOD / "stepfunctions" / "assess.asl.json"
    rows = [[float(n) for n in line.split(",")] for line in (MODELS / "holdout.csv").read_text().splitlines()[1:]]
    with_topic = [
        "--bucket",
        "my-bucket",
        "--topic",
        "arn:aws:sns:us-east-1:123456789012:oncall",
        "--wait-scale",
        "0.01",
    ]
    given = [
        definition,
        *with_topic,
        "--input",
        '{"application_id":"a1"}',
        "--object",
        f"applications/a1.json={application}",
    ]
    for label, paged in [(1, True), (0, False)]:
        row = next(row for row in rows if row[-1] == label)
        application.write_text(json.dumps({"features": row[:-1]}))
        code, text = script("execute.py", *given, "--service", url)
        expect(f"execute: fraud {label}", (code, text), 0, "SUCCEEDED")
        if code == 0:
            report = json.loads(text)
            stored = json.loads(report["objects"]["scores/a1.json"])
            seen = (len(report["published"]) == 1, "page_analyst" in report["states"], stored["fraud"] > 0.8)
            expect(
                f"execute: fraud {label} pages",
                (0, str((seen, stored["fraud"] == report["output"]["fraud"]))),
                0,
                str(((paged,) * 3, True)),
            )
    expect(
        "execute: the service is gone",
        script("execute.py", *given, "--service", "http://127.0.0.1:9"),
        1,
        "States.Http.Socket",
    )
    expect(
        "execute: another output",
        script("execute.py", *given, "--service", url, "--expect", "{}"),
        1,
        "expected the output",
    )
    expect("execute: no definition", script("execute.py", "nope", "--service", url), 2, "cannot run")


with tempfile.TemporaryDirectory() as SCRATCH:
    for part in (kubernetes, cloudformation, stepfunctions, integrations, strings, service, service_grpc):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
    expect("the interpreter", script("execute_test.py"), 0) if not sys.argv[1:] else None
sys.exit(1 if BAD else 0)
