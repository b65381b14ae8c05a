"""Executes an emitted Step Functions definition against a service that runs here, and reports what happened as JSON.

    python execute.py ASL_FILE --service http://127.0.0.1:8080 [--bucket NAME] [--topic ARN] [--input JSON]
        [--interpreter ministack|moto] [--object KEY=FILE …] [--set NAME=VALUE …] [--wait-scale 0.01] [--seconds 60] [--expect JSON]

It starts the interpreter (that of states_server.py, or of moto_server.py) on a free loopback port, makes the bucket with the given objects and the
topic, runs the definition once, and prints `status`, `output` or `error` and `cause`, the `states` entered in order, the
`calls` that http:invoke made, the `objects` in the bucket afterwards and what the topic got as `published`.
`http:invoke` goes to --service whatever host the definition names. --set fills in `${NAME}` of the definition's text.
--wait-scale shortens waits and the pauses between retries, and nothing else.

Exit: 0 the execution succeeded (and gave what --expect says), 1 it did not, 2 it could not be run.
"""

import argparse
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools import free_port

HERE = pathlib.Path(__file__).parent
REGION, ACCOUNT = "us-east-1", "123456789012"
STARTS_WITHIN = 60
# moto needs other versions of what ministack needs, hence an environment of its own beside that of this script.
INTERPRETERS = {
    "ministack": (pathlib.Path(sys.executable), "states_server.py"),
    "moto": (pathlib.Path(sys.prefix).parent / "moto" / "bin" / "python", "moto_server.py"),
}


class CannotRun(Exception):
    pass


@contextlib.contextmanager
def interpreter(service, wait_scale=1.0, name="ministack"):
    """A running interpreter: yields a maker of clients for an account and region, and the file that lists HTTP calls."""
    python, script = INTERPRETERS[name]
    with tempfile.TemporaryDirectory() as scratch:
        calls = pathlib.Path(scratch) / "calls.jsonl"
        calls.touch()
        port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
        environment |= {
            "SFN_WAIT_SCALE": str(wait_scale),
            "TMPDIR": scratch,
            "S3_DATA_DIR": f"{scratch}/s3",
            "HOME": scratch,
        }
        environment |= {"AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        log = open(pathlib.Path(scratch) / "log", "w+", encoding="utf-8")
        command = [str(python), str(HERE / script), str(port), service, str(calls)]
        server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=scratch
        )
        try:
            wait_for(server, port, log)

            def client(name, account=ACCOUNT, region=REGION):
                return boto3.client(
                    name,
                    endpoint_url=f"http://127.0.0.1:{port}",
                    region_name=region,
                    aws_access_key_id=account,
                    aws_secret_access_key="none",
                    config=Config(
                        s3={"addressing_style": "path"},
                        retries={"max_attempts": 0},
                        inject_host_prefix=False,
                        proxies={},
                    ),
                )

            yield client, calls
        finally:
            server.stdin.close()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
            log.close()


def wait_for(server, port, log):
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            log.seek(0)
            raise CannotRun(f"the interpreter ended with {server.returncode}:\n{log.read()[-2000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise CannotRun(f"the interpreter did not listen within {STARTS_WITHIN} s")


def run(client, definition, given, seconds, account=ACCOUNT, region=REGION):
    """One execution to its end: its description, with `states` in the order in which they were entered."""
    states = client("stepfunctions", account, region)
    role = f"arn:aws:iam::{account}:role/example"
    machine = states.create_state_machine(name=f"m{time.time_ns()}", definition=definition, roleArn=role)[
        "stateMachineArn"
    ]
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    until = time.monotonic() + seconds
    while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        if time.monotonic() > until:
            raise CannotRun(f"the execution was still running after {seconds} s")
        time.sleep(0.05)
    events = states.get_execution_history(executionArn=arn)["events"]
    report = {"status": found["status"]}
    if found["status"] == "SUCCEEDED":
        report["output"] = json.loads(found["output"])
    else:
        report |= {"error": found.get("error"), "cause": found.get("cause")}
    report["states"] = [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]
    return report


def subscribe(client, topic):
    """Makes the topic of that ARN, and a queue that keeps what it publishes."""
    *_, region, account, name = topic.split(":")
    sns, sqs = client("sns", account, region), client("sqs", account, region)
    made = sns.create_topic(Name=name)["TopicArn"]
    if made != topic:
        raise CannotRun(f"asked for the topic {topic}, got {made}")
    queue = sqs.create_queue(QueueName="published")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def published():
        messages = []
        while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                body = json.loads(message["Body"])
                messages.append({key: body.get(key) for key in ("TopicArn", "Subject", "Message")})
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return messages

    return published


def arguments():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    pair = lambda text: tuple(text.split("=", 1)) if "=" in text else options.error(f"`{text}` is not NAME=VALUE")  # noqa: E731
    options.add_argument("asl", type=pathlib.Path)
    options.add_argument("--service", required=True)
    options.add_argument("--interpreter", choices=INTERPRETERS, default="ministack")
    options.add_argument("--bucket")
    options.add_argument("--topic")
    options.add_argument("--input", type=json.loads, default={})
    options.add_argument("--object", type=pair, action="append", default=[])
    options.add_argument("--set", type=pair, action="append", default=[])
    options.add_argument("--wait-scale", type=float, default=1.0)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--expect", type=json.loads, default=...)
    return options.parse_args()


def main():
    options = arguments()
    definition = options.asl.read_text(encoding="utf-8")
    for name, value in options.set:
        definition = definition.replace("${" + name + "}", value)
    account, region = ACCOUNT, REGION
    if options.topic:
        *_, region, account, _name = options.topic.split(":")
    with interpreter(options.service, options.wait_scale, options.interpreter) as (client, calls):
        s3 = client("s3", account, region)
        if options.bucket:
            where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3.create_bucket(Bucket=options.bucket, **where)
            for key, file in options.object:
                s3.put_object(Bucket=options.bucket, Key=key, Body=pathlib.Path(file).read_bytes())
        published = subscribe(client, options.topic) if options.topic else list
        report = run(client, definition, options.input, options.seconds, account, region)
        report["calls"] = [json.loads(line) for line in calls.read_text().splitlines()]
        report["published"] = published()
        report["objects"] = {}
        if options.bucket:
            for entry in s3.list_objects_v2(Bucket=options.bucket).get("Contents", []):
                body = s3.get_object(Bucket=options.bucket, Key=entry["Key"])["Body"].read()
                report["objects"][entry["Key"]] = body.decode(errors="replace")
    print(json.dumps(report, indent=2))
    if report["status"] != "SUCCEEDED":
        return 1
    if options.expect is not ... and report["output"] != options.expect:
        print(f"expected the output {json.dumps(options.expect)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CannotRun, OSError, ClientError, BotoCoreError) as error:
        print(f"cannot run: {error}", file=sys.stderr)
        sys.exit(2)
