"""Executes the workflows of an example on two interpreters that others wrote and with `windlass run`, and holds the results against each other.

    python workflows.py EXAMPLE SCENARIOS --windlass PROGRAM [--env NAME] [--service NAME=URL …] [--case NAME …]

EXAMPLE is the folder of a spec, with the emitted definitions in out/stepfunctions. SCENARIOS is a JSON file:

    { "workflows": ["enrich", "assess"],                        # in the order in which they must exist
      "outside": {"PATH OR NAME": "enrich"},                    # functions that others know by another name or address
      "buckets": {"data": "my-bucket"}, "topics": {"oncall": "arn:aws:sns:…"}, "models": {"risk": "risk"},    # names in the spec, and outside
      "cases": [ { "name": "…", "workflow": "assess", "input": {…}, "slow": SECONDS,
                   "objects": {"data": {"KEY": JSON}},          # what is in the buckets before
                   "services": {"risk": [503, "dead", "slow", "pass"]},   # what becomes of the first requests; then all pass
                   "answers": {"enrich": [{"Return": …}, {"Throw": {"Error": …, "Cause": …}}]},    # functions and jobs, in turn; the last stays
                   "approve": {"approved": true, "comment": "…"} or null,    # null: nobody answers
                   "output": JSON or "error": "NAME",
                   "writes": {"data": {"KEY": JSON}}, "messages": ["…"],
                   "writes_may_differ": ["KEY PREFIX"], "asked_may_differ": true } ] }

Requests for services go through a relay, which does to them what a case says, to the services that really run. Buckets, topics, tokens and executions are
the interpreters' own, and folders and lines for `windlass run`. Prints a line for every case; exits with 1 when a case went otherwise than it says, or a runner
otherwise than another.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from botocore.exceptions import ClientError
from execute import ACCOUNT, REGION, CannotRun, interpreter, subscribe

ANSWER = pathlib.Path(__file__).parent / "answer.py"
WAIT_SCALE = 0.001
# What is known of the cluster that jobs run in.
CLUSTER = {"Cluster": {"Endpoint": "https://cluster.example.com", "CertificateAuthority": {"Data": "bm9uZQ=="}}}


class Relay:
    """Where services and stand-ins answer; a script says what becomes of the next requests."""

    def __init__(self, services, scenarios):
        relay = self
        self.services, self.models = services, scenarios.get("models", {})
        self.outside = scenarios.get("outside", {})
        self.begin({})

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                relay.answer(self, body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self, case):
        self.lock = threading.Lock()
        self.script = {name: list(steps) for name, steps in case.get("services", {}).items()}
        self.answers = {name: list(steps) for name, steps in case.get("answers", {}).items()}
        self.slow = case.get("slow", 1.0)
        self.asked = []

    def answer(self, request, body):
        path = urllib.parse.urlsplit(request.path).path
        content = json.loads(body or b"null")
        if path.startswith("/answers/"):
            return self.reply(request, 200, json.dumps(self.recorded(path.removeprefix("/answers/"), content)).encode())
        model = re.fullmatch(r"/v2/models/([^/]+)/infer", path)
        if model is None:
            # A function with an address of its own goes by that.
            said = self.recorded(path.strip("/"), content)
            if "Throw" in said:
                status = int(said["Throw"]["Error"].rsplit(".", 1)[-1])
                return self.reply(request, status, said["Throw"].get("Cause", "").encode())
            return self.reply(request, 200, json.dumps(said["Return"]).encode())
        service = next(name for name, served in self.models.items() if served == model[1])
        with self.lock:
            step = self.script.get(service) and self.script[service].pop(0) or "pass"
            self.asked.append((service, content))
        if step == "slow":
            time.sleep(self.slow)
        if step == "dead":
            request.close_connection = True
            request.connection.close()
            return None
        if isinstance(step, int):
            return self.reply(request, step, json.dumps({"error": "as scripted"}).encode())
        target = urllib.parse.urlsplit(self.services[service])
        onward = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
        onward.request("POST", path, body, {"content-type": "application/json"})
        answer = onward.getresponse()
        return self.reply(request, answer.status, answer.read())

    def recorded(self, name, content):
        name = self.outside.get(name, name)
        if name == "cluster":
            return {"Return": CLUSTER}
        with self.lock:
            self.asked.append((name, content))
            steps = self.answers.get(name)
            if not steps:
                return {"Throw": {"Error": "NothingRecorded", "Cause": name}}
            return steps.pop(0) if len(steps) > 1 else steps[0]

    @staticmethod
    def reply(request, status, body):
        with contextlib.suppress(OSError):
            request.send_response(status)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)


class Interpreter:
    """One of the two programs that others wrote."""

    def __init__(self, name, example, scenarios, services, stack):
        self.name, self.scenarios = name, scenarios
        self.relay = Relay(services, scenarios)
        self.client, _calls = stack.enter_context(interpreter(self.relay.url, WAIT_SCALE, name))
        self.states, self.s3 = self.client("stepfunctions"), self.client("s3")
        for bucket in scenarios.get("buckets", {}).values():
            self.s3.create_bucket(Bucket=bucket)
        self.published = [subscribe(self.client, topic) for topic in scenarios.get("topics", {}).values()]
        self.definitions = {
            name: re.sub(
                r"\$\{ConnectionArn\w*\}",
                f"arn:aws:events:{REGION}:{ACCOUNT}:connection/c/1",
                (example / "out" / "stepfunctions" / f"{name}.asl.json").read_text(encoding="utf-8"),
            )
            for name in scenarios["workflows"]
        }
        prefix = scenarios.get("prefix", "")
        role = f"arn:aws:iam::{ACCOUNT}:role/example"
        self.machines = {
            name: self.states.create_state_machine(name=prefix + name, definition=text, roleArn=role)["stateMachineArn"]
            for name, text in self.definitions.items()
        }

    def run(self, case):
        self.relay.begin(case)
        for name, bucket in self.scenarios.get("buckets", {}).items():
            for entry in self.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                self.s3.delete_object(Bucket=bucket, Key=entry["Key"])
            for key, content in case.get("objects", {}).get(name, {}).items():
                self.s3.put_object(Bucket=bucket, Key=key, Body=text_of(content).encode())
        arn = self.states.start_execution(
            stateMachineArn=self.machines[case["workflow"]],
            name=f"x{time.time_ns()}",
            input=json.dumps(case.get("input", {})),
        )["executionArn"]
        until, messages = time.monotonic() + 90, []
        while (found := self.states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > until:
                events = self.states.get_execution_history(executionArn=arn)["events"]
                entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
                raise CannotRun(f"{self.name}: `{case['name']}` was still running after 90 s; it entered {', '.join(entered)}")
            messages += self.messages(case)
            time.sleep(0.05)
        messages += self.messages(case)
        result = {"messages": sorted(messages)}
        if found["status"] == "SUCCEEDED":
            result["output"] = json.loads(found["output"])
        else:
            result["error"] = found.get("error") or ("States.Timeout" if found["status"] == "TIMED_OUT" else None)
            result["cause"] = found.get("cause")
        result["writes"] = {}
        for name, bucket in self.scenarios.get("buckets", {}).items():
            before = case.get("objects", {}).get(name, {})
            written = {}
            for entry in self.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                text = self.s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
                if entry["Key"] not in before or parsed(text) != parsed(text_of(before[entry["Key"]])):
                    written[entry["Key"]] = parsed(text)
            if written:
                result["writes"][name] = written
        result["asked"] = self.relay.asked
        return result

    def messages(self, case):
        """What was published; a question in it is answered as the case says, with the token that it carries."""
        found = []
        for published in self.published:
            for message in published():
                text = message["Message"]
                token = re.search(r"--task-token[ =]'?([^\s']+)", text)
                if token is None:
                    found.append(text)
                    continue
                found.append(text.split("\n")[0])
                answer = case.get("approve")
                if answer is not None:
                    self.states.send_task_success(taskToken=token[1], output=json.dumps(answer))
        return found


class Windlass:
    """`windlass run`."""

    name = "windlass run"

    def __init__(self, example, scenarios, services, options):
        self.example, self.scenarios, self.options = example, scenarios, options
        self.relay = Relay(services, scenarios)

    def run(self, case):
        self.relay.begin(case)
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            (scratch / "input.json").write_text(json.dumps(case.get("input", {})))
            command = [self.options.windlass, "run", case["workflow"], self.example, "--input", scratch / "input.json"]
            command += ["--env", self.options.env] if self.options.env else []
            for name in self.scenarios.get("models", {}):
                command += ["--service", f"{name}={self.relay.url}"]
            for name in self.scenarios.get("functions", []):
                command += ["--function", f"{name}={sys.executable} {ANSWER} {self.relay.url}/answers/{name}"]
            for name in self.scenarios.get("jobs", []):
                command += ["--job", f"{name}={sys.executable} {ANSWER} {self.relay.url}/answers/{name}"]
            if case.get("approve"):
                command += ["--approve", "yes" if case["approve"]["approved"] else "no"]
            for name in self.scenarios.get("buckets", {}):
                folder = scratch / "buckets" / name
                folder.mkdir(parents=True)
                command += ["--bucket", f"{name}={folder}"]
                for key, content in case.get("objects", {}).get(name, {}).items():
                    (folder / key).parent.mkdir(parents=True, exist_ok=True)
                    (folder / key).write_text(text_of(content))
            done = subprocess.run(command, capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL)
            result = {"messages": [], "writes": {}}
            if done.returncode == 0:
                result["output"] = json.loads(done.stdout)
            else:
                failed = re.search(r"the execution failed with `([^`]+)`", done.stderr)
                result["error"] = failed and failed[1]
                result["cause"] = done.stderr
            said = re.findall(r"^channel\.\S+:(?: \[[^\]]*\])? (.*)$", done.stderr, re.MULTILINE)
            result["messages"] = sorted(said)
            for name in self.scenarios.get("buckets", {}):
                folder, before = scratch / "buckets" / name, case.get("objects", {}).get(name, {})
                written = {}
                for file in sorted(folder.rglob("*")):
                    key = file.relative_to(folder).as_posix()
                    if file.is_file() and (key not in before or parsed(file.read_text()) != parsed(text_of(before[key]))):
                        written[key] = parsed(file.read_text())
                if written:
                    result["writes"][name] = written
            result["asked"] = self.relay.asked
            return result


def without(writes, prefixes):
    """Without the objects whose keys begin so: their names are drawn by lot."""
    kept = {name: {key: text for key, text in keys.items() if not key.startswith(tuple(prefixes))} for name, keys in writes.items()}
    return {name: keys for name, keys in kept.items() if keys}


def text_of(content):
    return content if isinstance(content, str) else json.dumps(content)


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


# How close numbers are: as printing leaves them, and as a model's do that runs on another processor.
PRINTED, COMPUTED = 1e-9, 1e-6


def same(a, b, close=PRINTED):
    """Equal as JSON."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= close * max(1.0, abs(a), abs(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], close) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y, close) for x, y in zip(a, b, strict=True))
    return a == b


def differences(case, results):
    """What a case says and a runner did otherwise, and what two runners did differently."""
    found = []
    for result in results.values():
        result["writes"] = without(result["writes"], case.get("writes_may_differ", []) or ["\0"])
    for name, result in results.items():
        for key in ("output", "error", "writes", "messages"):
            wanted = sorted(case[key]) if key == "messages" and key in case else case.get(key)
            if key in case and not same(wanted, result.get(key), COMPUTED):
                found.append(f"{name}: {key}: expected {json.dumps(wanted)}, got {json.dumps(result.get(key))}")
        if "output" not in case and "error" not in case:
            found.append("the case says neither `output` nor `error`")
        if "output" in case and "error" in result:
            found.append(f"{name}: failed with {result['error']}: {result.get('cause')}")
    first, *others = results
    for other in others:
        for key in ("output", "error", "writes", "messages"):
            if not same(results[first].get(key), results[other].get(key)):
                found.append(
                    f"{key}: {first} gave {json.dumps(results[first].get(key))}, "
                    f"{other} {json.dumps(results[other].get(key))}"
                )
        asked = [sorted(json.dumps(call[0]) for call in results[name]["asked"]) for name in (first, other)]
        if asked[0] != asked[1] and not case.get("asked_may_differ"):
            found.append(f"requests: {first} made {asked[0]}, {other} {asked[1]}")
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("example", type=pathlib.Path)
    options.add_argument("scenarios", type=pathlib.Path)
    options.add_argument("--windlass", required=True)
    options.add_argument("--env")
    options.add_argument("--service", action="append", default=[], type=lambda text: tuple(text.split("=", 1)))
    options.add_argument("--case", action="append", default=[])
    options = options.parse_args()
    scenarios = json.loads(options.scenarios.read_text(encoding="utf-8"))
    services = dict(options.service)
    failed = 0
    with contextlib.ExitStack() as stack:
        runners = [Interpreter(name, options.example, scenarios, services, stack) for name in ("ministack", "moto")]
        runners.append(Windlass(options.example, scenarios, services, options))
        with concurrent.futures.ThreadPoolExecutor(len(runners)) as pool:
            for case in scenarios["cases"]:
                if options.case and case["name"] not in options.case:
                    continue
                running = [pool.submit(runner.run, case) for runner in runners]
                results = {runner.name: done.result() for runner, done in zip(runners, running, strict=True)}
                wrong = differences(case, results)
                failed += bool(wrong)
                print(f"{'WRONG' if wrong else 'ok'}: {case['workflow']}: {case['name']}", flush=True)
                for line in wrong:
                    print(f"    {line}")
    print(f"{len(scenarios['cases'])} cases, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CannotRun, ClientError) as error:
        print(f"cannot run: {str(error)[:2000]}", file=sys.stderr)
        sys.exit(2)
