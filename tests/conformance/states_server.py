"""ministack as the interpreter of Step Functions definitions, completed where version 1.5.33 falls short of AWS.

    python states_server.py PORT SERVICE_URL CALLS_FILE   # loopback only; ends when its standard input closes

The walk through the states, retriers, catchers, maps, waits and the JSONata engine are ministack's and jsonata-python's.
Added here, each because ministack lacks it or does less than AWS documents, and each held by a probe in execute_test.py:

- `http:invoke`, sent to SERVICE_URL whatever host the endpoint names; `s3:getObject` and `s3:putObject`;
- ItemBatcher; of a distributed Map `Assign`, `Output` and expressions in ItemSelector; expressions in the `Arguments` of an ItemReader and in `ToleratedFailurePercentage`; executions started by an alias;
- functions, jobs and the cluster, which SERVICE_URL/answers/NAME stands in for;
- Parallel in JSONata: `Arguments`, `Assign`, `Output`, and variables of its own in every branch;
- `Assign` sees the old values of all variables; `Succeed.Output`; a Choice's `Output` with `Default`;
- a condition that is no boolean fails; `TimeoutSeconds` may be an expression and holds for the whole machine too;
- more than 262,144 bytes in a state's output or a variable fail, and nothing catches that.

What it still does not do: retry with `MaxDelaySeconds` and jitter (it waits interval x rate^n), `HeartbeatSeconds`,
stopping sibling branches when one fails, the history quota, permissions, and container, batch and connection integrations.
"""

import contextvars
import copy
import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import jsonata
import ministack.services.stepfunctions as sf

LIMIT = 262_144  # bytes of a payload or variable
HTTP_SECONDS = 60  # the longest that http:invoke waits
Failed = sf._ExecutionError


def is_jsonata(state, ctx):
    return sf._state_query_language(state, ctx) == "JSONata"


def within_limit(value, what):
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    if size > LIMIT:
        raise Failed("States.DataLimitExceeded", f"{what} has {size} bytes; {LIMIT} are allowed")
    return value


# -- integrations ------------------------------------------------------------------------------------------------------


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def http_invoke(service, calls):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)

    def invoke(_resource, arguments):
        endpoint = urllib.parse.urlsplit(arguments.get("ApiEndpoint") or "")
        connection = arguments.get("Authentication", arguments.get("InvocationConfig", {})).get("ConnectionArn", "")
        if endpoint.scheme != "https" or not endpoint.hostname:
            raise Failed("States.Runtime", f"ApiEndpoint is no https address: {arguments.get('ApiEndpoint')!r}")
        if ":connection/" not in connection:
            raise Failed("States.Runtime", "http:invoke names no EventBridge connection (Authentication.ConnectionArn)")
        query = urllib.parse.urlencode(arguments.get("QueryParameters") or {}, doseq=True)
        # Step Functions itself sends the Range; a service that answers it with 206 or 416 would break.
        headers = {"range": f"bytes=0-{LIMIT}", "user-agent": "Amazon|StepFunctions|HttpInvoke|us-east-1"}
        body = None
        if "RequestBody" in arguments:
            body = json.dumps(arguments["RequestBody"]).encode()
            headers["content-type"] = "application/json"
        headers |= {name.lower(): str(value) for name, value in (arguments.get("Headers") or {}).items()}
        url = service.rstrip("/") + endpoint.path + (f"?{query}" if query else "")
        call = {
            "endpoint": arguments["ApiEndpoint"],
            "method": arguments["Method"],
            "body": arguments.get("RequestBody"),
        }
        try:
            request = urllib.request.Request(url, body, headers, method=arguments["Method"])
            with opener.open(request, timeout=HTTP_SECONDS) as answer:
                status, got, reply = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            record(calls, call | {"status": error.code, "response": text})
            raise Failed(f"States.Http.StatusCode.{error.code}", text) from None
        except OSError as error:
            record(calls, call | {"status": None, "response": str(error)})
            raise Failed("States.Http.Socket", str(error)) from None
        text = reply.decode(errors="replace")
        content = json.loads(text) if "json" in got.get("content-type", "") else text
        record(calls, call | {"status": status, "response": content})
        headers = {name: got.get_all(name) for name in got}
        return within_limit(
            {"StatusCode": status, "StatusText": "", "Headers": headers, "ResponseBody": content}, "response"
        )

    return invoke


def record(calls, call):
    with open(calls, "a", encoding="utf-8") as log:
        log.write(json.dumps(call) + "\n")


def stand_in(base, name_of):
    """What is answered by POST /answers/NAME at the service's address: `Return` or `Throw`, as recorded results have it."""

    def call(_resource, arguments):
        url = f"{base.rstrip('/')}/answers/{name_of(arguments)}"
        request = urllib.request.Request(url, json.dumps(arguments).encode(), {"content-type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=HTTP_SECONDS) as answer:
            said = json.load(answer)
        if "Throw" in said:
            raise Failed(said["Throw"]["Error"], said["Throw"].get("Cause", ""))
        return said["Return"]

    return call


def function_name(arguments):
    """`enrich` of `arn:aws:lambda:…:function:enrich:live`."""
    return arguments["FunctionName"].split(":function:")[-1].split(":")[0]


def job_name(arguments):
    return arguments["Job"]["metadata"]["labels"]["app.kubernetes.io/name"]


STAND_INS = {
    "arn:aws:states:::lambda:invoke": function_name,
    "arn:aws:states:::eks:runJob": job_name,
    "arn:aws:states:::aws-sdk:eks:describeCluster": lambda _: "cluster",
}


def s3(port):
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    def client():
        account, region = sf.get_account_id(), sf.get_region()
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="none",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, proxies={}),
        )

    def guarded(operation):
        def call(_resource, arguments):
            try:
                return operation(dict(arguments))
            except ClientError as error:
                code = error.response["Error"]["Code"]
                raise Failed(f"S3.{code.removesuffix('Exception')}Exception", str(error)) from None

        return call

    def shown(answer):
        answer.pop("ResponseMetadata", None)
        return json.loads(json.dumps(answer, default=lambda value: value.isoformat()))

    def get(arguments):
        answer = client().get_object(**arguments)
        answer["Body"] = answer["Body"].read().decode()
        return within_limit(shown(answer), "the object")

    def put(arguments):
        # A blob parameter is the JSON text of its value: an object is stored as JSON, and a string with its quotes.
        arguments["Body"] = json.dumps(arguments["Body"], ensure_ascii=False, separators=(",", ":")).encode()
        return shown(client().put_object(**arguments))

    return guarded(get), guarded(put)


# -- states ------------------------------------------------------------------------------------------------------------


def parallel(state, raw_input, execution, ctx):
    if not is_jsonata(state, ctx):
        return ministack_parallel(state, raw_input, execution, ctx)
    arguments = sf._apply_jsonata_arguments(state, raw_input, ctx)
    with ThreadPoolExecutor(len(state["Branches"])) as pool:
        running = [
            pool.submit(
                contextvars.copy_context().run,
                sf._run_sub_machine,
                branch["States"],
                branch["StartAt"],
                arguments,
                execution,
                copy.deepcopy(ctx),
            )
            for branch in state["Branches"]
        ]
    results = within_limit([branch.result() for branch in running], "the branches' results")
    output = sf._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
    sf._apply_state_assign(state, raw_input, ctx, result=results)
    return output, sf._next_or_end(state)


def assign(state, raw_input, ctx, result=None, error_output=None):
    if ctx is None or not is_jsonata(state, ctx):
        return
    new = {
        name: within_limit(sf._apply_jsonata_template(value, raw_input, ctx, result, error_output), f"variable {name}")
        for name, value in (state.get("Assign") or {}).items()
    }
    ctx.setdefault("variables", {}).update(new)


def condition(rule, raw_input, ctx):
    value = sf._apply_jsonata_template(rule["Condition"], raw_input, ctx)
    if not isinstance(value, bool):
        raise Failed("States.QueryEvaluationError", f"Condition is {json.dumps(value)}, not a boolean")
    return value


def choice(state, raw_input, ctx=None):
    if not is_jsonata(state, ctx):
        return ministack_choice(state, raw_input, ctx)
    for rule in [*state["Choices"], state]:
        if rule is not state and not condition(rule, raw_input, ctx):
            continue
        following = rule["Next"] if rule is not state else state.get("Default")
        if following is None:
            break
        output = sf._apply_jsonata_output(rule, raw_input, ctx, default=raw_input)
        assign({"QueryLanguage": "JSONata", "Assign": rule.get("Assign")}, raw_input, ctx)
        return output, following
    raise Failed("States.NoChoiceMatched", "no choice matched, and there is no Default")


def output_path(state, data, ctx=None):
    if state.get("Type") == "Succeed" and is_jsonata(state, ctx):
        return within_limit(sf._apply_jsonata_output(state, data, ctx, default=data), "the output")
    return ministack_output_path(state, data, ctx)


def task(state, raw_input, execution, ctx):
    if isinstance(state.get("TimeoutSeconds"), str):
        state = state | {"TimeoutSeconds": sf._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)}
    output, following = ministack_task(state, raw_input, execution, ctx)
    return within_limit(output, "the output"), following


def limited(handler):
    def run(*arguments):
        output, following = handler(*arguments)
        return within_limit(output, "the output"), following

    return run


def execution(arn):
    """Runs an execution, and ends it as TIMED_OUT when the machine's own TimeoutSeconds are over."""
    entry = sf._executions[arn]
    seconds = json.loads(sf._state_machines[entry["stateMachineArn"]]["definition"]).get("TimeoutSeconds")

    def expire():
        if entry["status"] == "RUNNING":
            entry.update(status="TIMED_OUT", error="States.Timeout", cause="", stopDate=sf.now_iso())

    # The timer needs this thread's context: ministack's tables are kept by account and region.
    timer = threading.Timer(seconds or 1e6, contextvars.copy_context().run, [expire])
    timer.daemon = True
    timer.start()
    try:
        ministack_execution(arn)
    finally:
        timer.cancel()


def fail(entry, error, cause):
    if entry["status"] == "RUNNING":
        ministack_fail(entry, error, cause)


def no_catcher_for_limits(find):
    def found(rules, error, *rest):
        if error in ("States.DataLimitExceeded", "States.Runtime"):
            rules = [rule for rule in rules if error in rule["ErrorEquals"]]
        return find(rules, error, *rest)

    return found


def read_items(reader, effective, ctx):
    """The reader's `Arguments` may hold expressions, as those of any state."""
    if "Arguments" in reader:
        reader = reader | {"Arguments": sf._apply_jsonata_template(reader["Arguments"], effective, ctx)}
    items, size = ministack_read_items(reader, effective, ctx), reader.get("batch")
    return [{"Items": items[at : at + size]} for at in range(0, len(items), size)] if size else items


def invoke_resource(resource, arguments):
    for prefix, handler in sf._SERVICE_DISPATCH.items():
        # ministack looks for a function of its own before it looks there.
        if prefix in STAND_INS and resource.startswith(prefix):
            return handler(resource, arguments)
    if ":states:startExecution" in resource:
        # An alias is one more part of the name; what it routes to is the machine here.
        arguments = arguments | {"StateMachineArn": ":".join(arguments["StateMachineArn"].split(":")[:7])}
    return ministack_invoke_resource(resource, arguments)


def run_map(state, raw_input, execution, ctx):
    field = "ToleratedFailurePercentage"
    if isinstance(state.get(field), str):
        state = state | {field: sf._jsonata_state_field(state, field, "number", raw_input, ctx)}
    if "ItemBatcher" in state:
        state = state | {"ItemReader": state["ItemReader"] | {"batch": state["ItemBatcher"]["MaxItemsPerBatch"]}}
    output, following = ministack_map(state, raw_input, execution, ctx)
    if is_jsonata(state, ctx) and state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        # ministack does this for a Map in the execution itself alone.
        sf._apply_state_assign(state, raw_input, ctx, result=output)
        output = sf._apply_jsonata_output(state, raw_input, ctx, result=output, default=output)
    return output, following


def select(selector, effective, ctx):
    if "{%" in json.dumps(selector):
        return sf._apply_jsonata_template(selector, effective, ctx)
    return ministack_select(selector, effective, ctx)


def patient(make):
    """An expression over a hundred rows takes longer than the second that ministack gives it."""
    return staticmethod(lambda expression, timeout=None, **options: make(expression, timeout=30_000, **options))


jsonata.Jsonata.jsonata = patient(jsonata.Jsonata.jsonata)
ministack_map, ministack_select = limited(sf._execute_map), sf._resolve_params_obj
ministack_read_items, ministack_invoke_resource = sf._read_map_items, sf._invoke_resource
ministack_parallel, ministack_choice = sf._run_parallel_branches, sf._execute_choice
ministack_output_path, ministack_task = sf._apply_output_path, sf._execute_task
ministack_execution, ministack_fail = sf._run_execution, sf._fail_execution

sf._run_parallel_branches, sf._apply_state_assign, sf._apply_output_path = parallel, assign, output_path
sf._execute_task, sf._execute_choice = task, limited(choice)
sf._execute_pass, sf._execute_map = limited(sf._execute_pass), run_map
sf._run_execution, sf._fail_execution = execution, fail
sf._read_map_items, sf._invoke_resource, sf._resolve_params_obj = read_items, invoke_resource, select
sf._find_matching_catcher = no_catcher_for_limits(sf._find_matching_catcher)
sf._find_matching_retrier = no_catcher_for_limits(sf._find_matching_retrier)


def main():
    port, service, calls = sys.argv[1:4]
    get, put = s3(port)
    sf._SERVICE_DISPATCH["arn:aws:states:::http:invoke"] = http_invoke(service, calls)
    sf._SERVICE_DISPATCH["arn:aws:states:::aws-sdk:s3:getObject"] = get
    sf._SERVICE_DISPATCH["arn:aws:states:::aws-sdk:s3:putObject"] = put
    for resource, name_of in STAND_INS.items():
        sf._SERVICE_DISPATCH[resource] = stand_in(service, name_of)

    def end_with_parent():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.update(BIND_HOST="127.0.0.1", GATEWAY_PORT=port, LOG_LEVEL="WARNING")
    sys.argv = ["ministack"]
    from ministack.app import main as serve

    serve()


if __name__ == "__main__":
    main()
