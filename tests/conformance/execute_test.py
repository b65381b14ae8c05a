"""Holds the interpreter that execute.py uses against what AWS documents: some forty small definitions with known results.

    python execute_test.py [NAME …]      # exit 0 when every one gives what it should

It answers for states_server.py: should a new version of ministack behave otherwise, this says in which construct.
"""

import http.server
import json
import sys
import threading
import time

from execute import ACCOUNT, REGION, interpreter, run, subscribe

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:oncall"


def sm(start, **states):
    return {"QueryLanguage": "JSONata", "StartAt": start, "States": states}


P = lambda **k: dict(Type="Pass", **k)
HTTP = "arn:aws:states:::http:invoke"


def call(path, **k):
    return dict(
        Type="Task",
        Resource=HTTP,
        Arguments={
            "Method": "POST",
            "ApiEndpoint": "https://risk.example.com" + path,
            "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/1"},
            "RequestBody": {"a": "{% $states.input.a %}"},
        },
        TimeoutSeconds=5,
        **k,
    )


S3G = "arn:aws:states:::aws-sdk:s3:getObject"
S3P = "arn:aws:states:::aws-sdk:s3:putObject"
PROBES = [
    (
        "assign-old",
        sm(
            "A",
            A=P(Assign={"x": 1}, Next="B"),
            B=P(Assign={"x": "{% $x + 1 %}", "y": "{% $x %}"}, Output={"x": "{% $x %}"}, Next="C"),
            C=P(Output={"x": "{% $x %}", "y": "{% $y %}", "prev": "{% $states.input.x %}"}, End=True),
        ),
        {},
        {"x": 2, "y": 1, "prev": 1},
    ),
    (
        "parallel",
        sm(
            "A",
            A=P(Assign={"o": 7}, Next="B"),
            B={
                "Type": "Parallel",
                "Arguments": {"v": "{% $states.input.a %}"},
                "Branches": [
                    {"StartAt": "L", "States": {"L": P(Output="{% $states.input.v + $o %}", End=True)}},
                    {
                        "StartAt": "R",
                        "States": {
                            "R": P(Assign={"inner": 5}, Next="R2"),
                            "R2": P(Output={"r": "{% $inner %}"}, End=True),
                        },
                    },
                ],
                "Assign": {"l": "{% $states.result[0] %}", "r": "{% $states.result[1].r %}"},
                "Output": {"n": "{% $count($states.result) %}"},
                "Next": "C",
            },
            C=P(Output={"l": "{% $l %}", "r": "{% $r %}", "n": "{% $states.input.n %}"}, End=True),
        ),
        {"a": 1},
        {"l": 8, "r": 5, "n": 2},
    ),
    (
        "parallel-scope",
        sm(
            "B",
            B={
                "Type": "Parallel",
                "Branches": [{"StartAt": "R", "States": {"R": P(Assign={"inner": 5}, End=True)}}],
                "Output": 1,
                "Next": "C",
            },
            C=P(Output="{% $exists($inner) %}", End=True),
        ),
        {},
        False,
    ),
    (
        "parallel-default",
        sm(
            "B",
            B={
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "R", "States": {"R": P(Output=1, End=True)}},
                    {"StartAt": "S", "States": {"S": P(Output="two", End=True)}},
                ],
                "End": True,
            },
        ),
        {},
        [1, "two"],
    ),
    (
        "parallel-catch",
        sm(
            "B",
            B={
                "Type": "Parallel",
                "Branches": [{"StartAt": "R", "States": {"R": {"Type": "Fail", "Error": "Mine", "Cause": "c"}}}],
                "Catch": [
                    {
                        "ErrorEquals": ["Mine"],
                        "Assign": {"e": "{% $states.errorOutput.Error %}"},
                        "Output": {"c": "{% $states.errorOutput.Cause %}"},
                        "Next": "C",
                    }
                ],
                "Next": "C",
            },
            C=P(Output={"e": "{% $e %}", "c": "{% $states.input.c %}"}, End=True),
        ),
        {},
        {"e": "Mine", "c": "c"},
    ),
    (
        "succeed-output",
        sm("A", A={"Type": "Succeed", "Output": {"k": "{% $states.input.a * 2 %}"}}),
        {"a": 2},
        {"k": 4},
    ),
    (
        "choice-nonbool",
        sm(
            "A",
            A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a %}", "Next": "B"}], "Default": "B"},
            B=P(End=True),
        ),
        {"a": 1},
        "FAILED States.QueryEvaluationError",
    ),
    (
        "choice-assign",
        sm(
            "A",
            A={
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input.a > 1 %}", "Assign": {"w": "big"}, "Output": {"o": 1}, "Next": "B"}
                ],
                "Assign": {"w": "small"},
                "Output": {"o": 0},
                "Default": "B",
            },
            B=P(Output={"w": "{% $w %}", "o": "{% $states.input.o %}"}, End=True),
        ),
        {"a": 1},
        {"w": "small", "o": 0},
    ),
    (
        "choice-assign2",
        sm(
            "A",
            A={
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input.a > 1 %}", "Assign": {"w": "big"}, "Output": {"o": 1}, "Next": "B"}
                ],
                "Assign": {"w": "small"},
                "Default": "B",
            },
            B=P(Output={"w": "{% $w %}", "o": "{% $states.input.o %}"}, End=True),
        ),
        {"a": 2},
        {"w": "big", "o": 1},
    ),
    ("missing", sm("A", A=P(Output="{% $states.input.nope %}", End=True)), {}, "FAILED States.QueryEvaluationError"),
    (
        "missing-nested",
        sm("A", A=P(Output={"k": "{% $states.input.nope %}"}, End=True)),
        {},
        "FAILED States.QueryEvaluationError",
    ),
    ("undefined-var", sm("A", A=P(Output="{% $nope %}", End=True)), {}, "FAILED States.QueryEvaluationError"),
    (
        "parse-string",
        sm(
            "A",
            A=P(
                Output={
                    "p": "{% $parse($states.input.s).f[0] %}",
                    "s": "{% $string({'a':[1.5,null,true]}) %}",
                    "m": "{% 'n=' & $string(0.25) & '!' %}",
                    "t": "{% $type(null) %}",
                    "n": "{% null %}",
                    "q": "{% [] %}",
                    "one": "{% [$states.input.xs] %}",
                },
                End=True,
            ),
        ),
        {"s": '{"f":[0.5]}', "xs": [1]},
        {"p": 0.5, "s": '{"a":[1.5,null,true]}', "m": "n=0.25!", "t": "null", "n": None, "q": [], "one": [1]},
    ),
    (
        "nested-one",
        sm(
            "A",
            A=P(
                Output={
                    "a": "{% [[1,2]] %}",
                    "b": "{% $states.input.m[0][1] %}",
                    "c": ["{% $states.input.m[0] %}"],
                    "d": "{% [$states.input.m] %}",
                },
                End=True,
            ),
        ),
        {"m": [[0.1, 0.9]]},
        {"a": [[1, 2]], "b": 0.9, "c": [[0.1, 0.9]], "d": [[0.1, 0.9]]},
    ),
    ("string-output", sm("A", A=P(Output="abc", End=True)), {}, "abc"),
    (
        "null-var",
        sm(
            "A",
            A=P(Assign={"x": "{% null %}"}, Next="B"),
            B=P(Output={"x": "{% $x %}", "t": "{% $type($x) %}"}, End=True),
        ),
        {},
        {"x": None, "t": "null"},
    ),
    (
        "map",
        sm(
            "A",
            A=P(Assign={"o": 10}, Next="M"),
            M={
                "Type": "Map",
                "Items": "{% $states.input.xs %}",
                "MaxConcurrency": 2,
                "ItemSelector": {
                    "v": "{% $states.context.Map.Item.Value %}",
                    "i": "{% $states.context.Map.Item.Index %}",
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "I",
                    "States": {"I": P(Output="{% $states.input.v + $o + $states.input.i %}", End=True)},
                },
                "Assign": {"all": "{% $states.result %}"},
                "Output": {"s": "{% $sum($states.result) %}"},
                "Next": "Z",
            },
            Z=P(Output={"all": "{% $all %}", "s": "{% $states.input.s %}"}, End=True),
        ),
        {"xs": [1, 2, 3]},
        {"all": [11, 13, 15], "s": 39},
    ),
    (
        "map-one",
        sm(
            "M",
            M={
                "Type": "Map",
                "Items": "{% $states.input.xs %}",
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "I", "States": {"I": P(End=True)}},
                "Assign": {"all": "{% $states.result %}"},
                "End": True,
            },
        ),
        {"xs": [1]},
        [1],
    ),
    (
        "map-empty",
        sm(
            "M",
            M={
                "Type": "Map",
                "Items": "{% $states.input.xs %}",
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "I", "States": {"I": P(End=True)}},
                "End": True,
            },
        ),
        {"xs": []},
        [],
    ),
    (
        "map-fail",
        sm(
            "M",
            M={
                "Type": "Map",
                "Items": [1],
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "I",
                    "States": {"I": {"Type": "Fail", "Error": "E1", "Cause": "c1"}},
                },
                "End": True,
            },
        ),
        {},
        "FAILED E1",
    ),
    (
        "wait",
        sm("W", W={"Type": "Wait", "Seconds": "{% $states.input.s %}", "Next": "A"}, A=P(Output="ok", End=True)),
        {"s": 1},
        "ok",
    ),
    (
        "fail-expr",
        sm("F", F={"Type": "Fail", "Error": "Bad", "Cause": "{% 'why ' & $states.input.w %}"}),
        {"w": "x"},
        "FAILED Bad",
    ),
    (
        "http-ok",
        sm(
            "T",
            T=call(
                "/ok",
                Assign={"r": "{% $states.result.ResponseBody %}"},
                Output="{% $states.result.StatusCode %}",
                Next="A",
            ),
            A=P(Output={"c": "{% $states.input %}", "e": "{% $r.echo.a %}"}, End=True),
        ),
        {"a": [1.5]},
        {"c": 200, "e": [1.5]},
    ),
    (
        "http-retry",
        sm(
            "T",
            T=call(
                "/flaky",
                Retry=[
                    {
                        "ErrorEquals": ["States.Http.StatusCode.503"],
                        "IntervalSeconds": 1,
                        "MaxAttempts": 3,
                        "BackoffRate": 2.0,
                        "MaxDelaySeconds": 4,
                        "JitterStrategy": "FULL",
                    }
                ],
                Output="{% $states.result.StatusCode %}",
                End=True,
            ),
        ),
        {"a": 1},
        200,
    ),
    (
        "http-dead",
        sm(
            "T",
            T=call(
                "/dead",
                Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.0}],
                Catch=[{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "C"}],
                Next="C",
            ),
            C=P(End=True),
        ),
        {"a": 1},
        "States.Http.StatusCode.500",
    ),
    (
        "http-timeout",
        sm(
            "T",
            T={
                **call("/slow"),
                "TimeoutSeconds": 1,
                "Catch": [
                    {"ErrorEquals": ["States.Timeout"], "Output": "{% $states.errorOutput.Error %}", "Next": "C"}
                ],
                "Next": "C",
            },
            C=P(End=True),
        ),
        {"a": 1},
        "States.Timeout",
    ),
    (
        "task-output-fails",
        sm(
            "T",
            T=call(
                "/ok",
                Output="{% $states.result.nope %}",
                Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "caught", "Next": "C"}],
                Next="C",
            ),
            C=P(End=True),
        ),
        {"a": 1},
        "caught",
    ),
    (
        "s3-get",
        sm(
            "T",
            T=dict(
                Type="Task",
                Resource=S3G,
                Arguments={"Bucket": "my-bucket", "Key": "{% 'applications/' & $states.input.id & '.json' %}"},
                Assign={"b": "{% $parse($states.result.Body) %}"},
                Output={"ct": "{% $states.result.ContentType %}"},
                Next="A",
            ),
            A=P(Output="{% $b.features %}", End=True),
        ),
        {"id": "a1"},
        [1, 2],
    ),
    (
        "s3-missing",
        sm(
            "T",
            T=dict(
                Type="Task",
                Resource=S3G,
                Arguments={"Bucket": "my-bucket", "Key": "nope"},
                Catch=[{"ErrorEquals": ["S3.NoSuchKeyException"], "Output": "none", "Next": "C"}],
                Next="C",
            ),
            C=P(End=True),
        ),
        {},
        "none",
    ),
    (
        "s3-put",
        sm(
            "T",
            T=dict(
                Type="Task",
                Resource=S3P,
                Arguments={
                    "Bucket": "my-bucket",
                    "Key": "scores/a.json",
                    "Body": {"id": "{% $states.input.id %}", "f": [0.5]},
                    "ContentType": "application/json",
                },
                Next="G",
            ),
            G=dict(
                Type="Task",
                Resource=S3G,
                Arguments={"Bucket": "my-bucket", "Key": "scores/a.json"},
                Output="{% $parse($states.result.Body) %}",
                End=True,
            ),
        ),
        {"id": "z"},
        {"id": "z", "f": [0.5]},
    ),
    (
        "s3-put-string",
        sm(
            "T",
            T=dict(
                Type="Task",
                Resource=S3P,
                Arguments={"Bucket": "my-bucket", "Key": "scores/b.json", "Body": "{% $states.input.id %}"},
                Next="G",
            ),
            G=dict(
                Type="Task",
                Resource=S3G,
                Arguments={"Bucket": "my-bucket", "Key": "scores/b.json"},
                Output="{% $states.result.Body %}",
                End=True,
            ),
        ),
        {"id": "z"},
        '"z"',
    ),
    (
        "sns",
        sm(
            "T",
            T=dict(
                Type="Task",
                Resource="arn:aws:states:::sns:publish",
                Arguments={"TopicArn": TOPIC, "Subject": "s", "Message": "{% 'scored ' & $string($states.input.p) %}"},
                Output="{% $exists($states.result.MessageId) %}",
                End=True,
            ),
        ),
        {"p": 0.9},
        True,
    ),
    (
        "context",
        sm(
            "A",
            A=P(
                Output={
                    "i": "{% $states.context.Execution.Input.q %}",
                    "n": "{% $states.context.State.Name %}",
                    "h": "{% $exists($states.context.Execution.StartTime) and $exists($states.context.StateMachine.Name) %}",
                },
                End=True,
            ),
        ),
        {"q": 3},
        {"i": 3, "n": "A", "h": True},
    ),
    (
        "sm-timeout",
        {**sm("W", W={"Type": "Wait", "Seconds": 60, "End": True}), "TimeoutSeconds": 2},
        {},
        "TIMED_OUT States.Timeout",
    ),
    (
        "timeout-expr",
        sm("T", T={**call("/ok"), "TimeoutSeconds": "{% 2 + 3 %}", "Output": "ok", "End": True}),
        {"a": 1},
        "ok",
    ),
    (
        "big",
        sm("A", A=P(Output="{% $join([1..40000].('abcdefgh')) %}", Next="B"), B=P(Output=1, End=True)),
        {},
        "FAILED States.DataLimitExceeded",
    ),
    (
        "and-or",
        sm("A", A=P(Output="{% $states.input.a > 0.8 and $states.input.b = 'x' ? 'y' : 'n' %}", End=True)),
        {"a": 0.9, "b": "x"},
        "y",
    ),
]


class Stub(http.server.BaseHTTPRequestHandler):
    """Echoes what it is sent; /flaky fails every other time, /dead always, /slow takes three seconds."""

    asked = 0

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status = 200
        if self.path == "/flaky":
            Stub.asked += 1
            status = 503 if Stub.asked % 2 else 200
        elif self.path == "/dead":
            status = 500
        elif self.path == "/slow":
            time.sleep(3)
        reply = json.dumps({"echo": body}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


def main():
    only = sys.argv[1:]
    stub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    failed = ran = 0
    with interpreter(f"http://127.0.0.1:{stub.server_port}", wait_scale=0.1) as (client, _calls):
        s3 = client("s3")
        s3.create_bucket(Bucket="my-bucket")
        s3.put_object(
            Bucket="my-bucket", Key="applications/a1.json", Body=b'{"features":[1,2]}', ContentType="application/json"
        )
        subscribe(client, TOPIC)
        for name, definition, given, expected in PROBES:
            if only and name not in only:
                continue
            report = run(client, json.dumps(definition), given, seconds=20)
            got = report["output"] if report["status"] == "SUCCEEDED" else f"{report['status']} {report['error']}"
            ran += 1
            if json.dumps(got) != json.dumps(expected):
                failed += 1
                print(f"{name}: expected {json.dumps(expected)}, got {json.dumps(got)[:200]}; {report.get('cause')}")
    print(f"{ran - failed} of {ran} definitions gave what AWS documents")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
