"""moto as a second interpreter of Step Functions definitions, completed where version 5.2.5 falls short of AWS.

    python moto_server.py PORT SERVICE_URL CALLS_FILE   # loopback only; ends when its standard input closes

moto walks the states as LocalStack does, whose interpreter it holds: another one than ministack's, which states_server.py drives. Added here, because
moto lacks it or does less than AWS documents:

- the engine of JSONata, for which moto leaves a gap: jsonata-python, with `$parse` and `$hash`; what fails in it fails as `States.QueryEvaluationError`;
- strings of variables, which moto writes into expressions without escaping them;
- `http:invoke`, sent to SERVICE_URL whatever host the endpoint names, with the names of its errors;
- what an ItemReader lists and fails with; a Choice whose rule and default go on to the same state; `ItemBatcher`; a ResultWriter is left out;
- executions that are started, in the words of AWS; functions, jobs and the cluster, which SERVICE_URL/answers/NAME stands in for;
- `aws-sdk:s3`: the body of an object that is read is its text, one that is written is the JSON text of its value, errors have AWS' names.
"""

import hashlib
import json
import math
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PORT, SERVICE, CALLS = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.environ["MOTO_PORT"] = str(PORT)

import jsonata  # noqa: E402
import moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name as custom  # noqa: E402
import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as retriers  # noqa: E402
import moto.stepfunctions.parser.asl.component.common.string.string_expression as expressions  # noqa: E402
import moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component as maps  # noqa: E402
import moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval.resource_eval_s3 as readers  # noqa: E402
import moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory as factory  # noqa: E402
import moto.stepfunctions.parser.asl.component.state.choice.state_choice as choices  # noqa: E402
import moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function as waits  # noqa: E402
import moto.stepfunctions.parser.asl.jsonata.jsonata as engine  # noqa: E402
import moto.stepfunctions.parser.asl.parse.asl_parser as parser  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from moto.core.config import default_user_config  # noqa: E402
from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: E402
from moto.stepfunctions.parser.api import (  # noqa: E402
    EvaluationFailedEventDetails,
    HistoryEventType,
    TaskFailedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (  # noqa: E402
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (  # noqa: E402
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (  # noqa: E402
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails  # noqa: E402
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for  # noqa: E402

LIMIT = 262_144  # bytes of a payload
SCALE = float(os.environ.get("SFN_WAIT_SCALE", "1"))


def evaluate(text):
    expression = jsonata.Jsonata(text)
    expression.register_lambda("parse", json.loads)
    expression.register_lambda("hash", lambda text, kind: hashlib.new(kind.replace("-", ""), text.encode()).hexdigest())
    return expression.evaluate(None)


def declarations(bindings):
    parts = []
    for name, value in bindings.items():
        # What JSONata would read in a string of JSON is escaped in both alike.
        text = json.dumps(value, ensure_ascii=False, default=lambda value: value.isoformat())
        parts.append(f"{name}:={text};")
    return "".join(parts)


# The names that http:invoke gives its errors begin with it, too.
custom.ILLEGAL_CUSTOM_ERROR_PREFIX = "States.!"
engine._eval_jsonata = evaluate
engine.encode_jsonata_variable_declarations = declarations
for module in list(sys.modules.values()):
    if getattr(module, "encode_jsonata_variable_declarations", None) and module.__name__.startswith("moto."):
        module.encode_jsonata_variable_declarations = declarations


def failing(evaluation):
    """An expression that fails is an error that can be caught."""

    def run(self, env):
        try:
            return evaluation(self, env)
        except FailureEventException:
            raise
        except Exception as error:
            name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
            details = EvaluationFailedEventDetails(cause=str(error), error=name.error_name)
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=name,
                    event_type=HistoryEventType.EvaluationFailed,
                    event_details=EventDetails(evaluationFailedEventDetails=details),
                )
            ) from error

    return run


expressions.StringJSONata._eval_body = failing(expressions.StringJSONata._eval_body)


def record(call):
    with open(CALLS, "a", encoding="utf-8") as log:
        log.write(json.dumps(call) + "\n")


class Completed(StateTaskServiceAwsSdk):
    """What fails with a name of its own."""

    def failure(self, env, name, cause):
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type(), error=name, cause=cause
        )
        event = FailureEvent(
            env=env,
            error_name=custom.CustomErrorName(error_name=name),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )
        return FailureEventException(event)


class Sdk(Completed):
    def _eval_body(self, env):
        if self.resource.resource_arn.endswith(":eks:describeCluster"):
            cluster = StandIn(lambda _: "cluster")
            cluster.__dict__.update({**self.__dict__, "name_of": cluster.name_of})
            return cluster._eval_body(env)
        return super()._eval_body(env)

    def _from_error(self, env, ex):
        code = getattr(ex, "response", {}).get("Error", {}).get("Code")
        if code and self._get_boto_service_name() == "s3":
            return self.failure(env, f"S3.{code.removesuffix('Exception')}Exception", str(ex)).failure_event
        return super()._from_error(env=env, ex=ex)

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        if self._get_boto_service_name() == "s3" and "Body" in normalised_parameters:
            body = json.dumps(normalised_parameters["Body"], ensure_ascii=False, separators=(",", ":"))
            normalised_parameters = {**normalised_parameters, "Body": body.encode()}
        super()._eval_service_task(env, resource_runtime_part, normalised_parameters, state_credentials)
        answer = env.stack[-1]
        if hasattr(answer.get("Body"), "read"):
            answer["Body"] = answer["Body"].read().decode()
        env.stack[-1] = json.loads(json.dumps(answer, default=lambda value: value.isoformat()))


class Http(Completed):
    def _get_supported_parameters(self):
        return {"ApiEndpoint", "Method", "Authentication", "Headers", "QueryParameters", "RequestBody", "Transform"}

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        given = normalised_parameters
        endpoint = urllib.parse.urlsplit(given["ApiEndpoint"])
        if endpoint.scheme != "https" or ":connection/" not in given.get("Authentication", {}).get("ConnectionArn", ""):
            raise self.failure(env, "States.Runtime", "an https address and a connection are needed")
        query = urllib.parse.urlencode(given.get("QueryParameters") or {}, doseq=True)
        headers = {"range": f"bytes=0-{LIMIT}", "content-type": "application/json"}
        headers |= {name.lower(): str(value) for name, value in (given.get("Headers") or {}).items()}
        url = SERVICE.rstrip("/") + endpoint.path + (f"?{query}" if query else "")
        body = json.dumps(given["RequestBody"]).encode() if "RequestBody" in given else None
        call = {"endpoint": given["ApiEndpoint"], "method": given["Method"], "body": given.get("RequestBody")}
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            request = urllib.request.Request(url, body, headers, method=given["Method"])
            with opener.open(request, timeout=60) as answer:
                status, kind, text = answer.status, answer.headers.get("content-type", ""), answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            record(call | {"status": error.code, "response": text})
            raise self.failure(env, f"States.Http.StatusCode.{error.code}", text) from None
        except OSError as error:
            record(call | {"status": None, "response": str(error)})
            raise self.failure(env, "States.Http.Socket", str(error)) from None
        content = json.loads(text) if "json" in kind else text
        record(call | {"status": status, "response": content})
        env.stack.append({"StatusCode": status, "StatusText": "", "Headers": {}, "ResponseBody": content})


class Scaled:
    """The clock of a module of moto, in which pauses are shorter."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def sleep(self, seconds):
        self.inner.sleep(seconds * SCALE)


retriers.time = Scaled(retriers.time)


def pause(self, env):
    # moto counts whole seconds, and would wait for the rest of one for ever.
    self._wait_interval(env=env, wait_seconds=math.ceil(self._get_wait_seconds(env=env) * SCALE))


waits.WaitFunction._eval_body = pause
class StandIn(Completed):
    """What is answered by POST /answers/NAME at the service's address: `Return` or `Throw`, as recorded results have it."""

    def __init__(self, name_of):
        super().__init__()
        self.name_of = name_of
        self._supported_integration_patterns = frozenset({ResourceCondition.Sync, ResourceCondition.WaitForTaskToken})

    def _get_supported_parameters(self):
        return None

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        url = f"{SERVICE.rstrip('/')}/answers/{self.name_of(normalised_parameters)}"
        body = json.dumps(normalised_parameters).encode()
        request = urllib.request.Request(url, body, {"content-type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            said = json.load(answer)
        if "Throw" in said:
            raise self.failure(env, said["Throw"]["Error"], said["Throw"].get("Cause", ""))
        env.stack.append(said["Return"])

    def _build_sync_resolver(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        result = env.stack.pop()
        return lambda: result


class Start(Completed):
    """An execution that is started and waited for, by the machine's name or that of an alias, which routes to it here."""

    def __init__(self):
        super().__init__()
        self._supported_integration_patterns = frozenset({ResourceCondition.Sync2, ResourceCondition.WaitForTaskToken})

    def _get_supported_parameters(self):
        return {"StateMachineArn", "Input", "Name"}

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        given = normalised_parameters
        client = boto_client_for(service="stepfunctions", region=resource_runtime_part.region)
        started = client.start_execution(
            stateMachineArn=":".join(given["StateMachineArn"].split(":")[:7]),
            name=f"s{time.time_ns()}",
            input=json.dumps(given.get("Input", {})),
        )["executionArn"]
        while (found := client.describe_execution(executionArn=started))["status"] == "RUNNING":
            time.sleep(0.02)
        if found["status"] != "SUCCEEDED":
            told = {"Error": found.get("error"), "Cause": found.get("cause"), "Status": found["status"]}
            raise self.failure(env, "States.TaskFailed", json.dumps(told))
        env.stack.append({"ExecutionArn": started, "Output": json.loads(found["output"]), "Status": found["status"]})

    def _build_sync2_resolver(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        result = env.stack.pop()
        return lambda: result


def function_name(arguments):
    """`enrich` of `arn:aws:lambda:…:function:enrich:live`."""
    return arguments["FunctionName"].split(":function:")[-1].split(":")[0]


def job_name(arguments):
    return arguments["Job"]["metadata"]["labels"]["app.kubernetes.io/name"]


def listed(env, part, credentials):
    """Objects as a Map sees them: `Etag`, where the API says `ETag`, and none where there are none."""
    found = boto_client_for(service="s3", region=part.region).list_objects_v2(**env.stack.pop()).get("Contents", [])
    env.stack.append([{"Key": object["Key"], "Size": object["Size"], "Etag": object["ETag"]} for object in found])


def reading(read):
    def run(env, part, credentials):
        try:
            read(env, part, credentials)
        except ClientError as error:
            name = StatesErrorName(typ=StatesErrorNameType.StatesItemReaderFailed)
            details = EvaluationFailedEventDetails(cause=str(error), error=name.error_name)
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=name,
                    event_type=HistoryEventType.MapRunFailed,
                    event_details=EventDetails(evaluationFailedEventDetails=details),
                )
            ) from error

    return staticmethod(run)


readers.ResourceEvalS3._handle_list_objects_v2 = staticmethod(listed)
readers.ResourceEvalS3._handle_get_object = reading(readers.ResourceEvalS3._handle_get_object)


def choose(self, env):
    """The `Assign` and `Output` of a Choice are for its default alone, also where a rule goes on to the same state."""
    for rule in self.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.default_chosen = False
            env.stack.append(rule.next_stmt.name)
            return
    if self.default_state is None:
        raise RuntimeError(f"no rule of {self.name} applies")
    env.default_chosen = True
    env.stack.append(self.default_state.state_name)


def chosen(self, env):
    env.next_state_name = env.stack.pop()
    if env.default_chosen and self.assign_decl:
        self.assign_decl.eval(env=env)
    if env.default_chosen and self.output:
        self.output.eval(env=env)


choices.StateChoice._eval_state, choices.StateChoice._eval_state_output = choose, chosen

BATCHES = {}


def readable(node):
    """A definition as moto reads it: without ItemBatcher, whose size is kept by state, and without ResultWriter."""
    if isinstance(node, list):
        return [readable(part) for part in node]
    if not isinstance(node, dict):
        return node
    for name, state in (node.get("States") or {}).items():
        if "ItemBatcher" in state:
            BATCHES[name] = state["ItemBatcher"]["MaxItemsPerBatch"]
    return {key: readable(part) for key, part in node.items() if key not in ("ItemBatcher", "ResultWriter")}


def parsing(parse):
    return staticmethod(lambda definition: parse(json.dumps(readable(json.loads(definition)))))


def in_batches(map_run):
    def run(self, env, eval_input):
        size = BATCHES.get(eval_input.state_name)
        if size:
            items = env.stack.pop()
            env.stack.append([{"Items": items[at : at + size]} for at in range(0, len(items), size)])
        return map_run(self, env, eval_input)

    return run


parser.AmazonStateLanguageParser.parse = parsing(parser.AmazonStateLanguageParser.parse)
maps.DistributedIterationComponent._map_run = in_batches(maps.DistributedIterationComponent._map_run)

inherited = factory.state_task_service_for


def service_for(service_name):
    own = {"http": Http, "aws-sdk": Sdk, "states": Start, "lambda": lambda: StandIn(function_name), "eks": lambda: StandIn(job_name)}
    return own.get(service_name, lambda: inherited(service_name))()


factory.state_task_service_for = service_for
for module in list(sys.modules.values()):
    if getattr(module, "state_task_service_for", None) is inherited:
        module.state_task_service_for = service_for


def serve():
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=PORT, verbose=False)
    server.start()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=False).start()


serve()
