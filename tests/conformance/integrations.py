"""Holds what Step Functions definitions call against the models of AWS's own SDK: names of services, actions, parameters, results, errors.

    python integrations.py OUT_OR_FILE …

Of a folder, every stepfunctions/*.asl.json is read. A parameter that the action does not take, one that it must have and is not
given, a value of another type, a field read from a result that has none such, and an error that no service throws are findings.
Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import json
import pathlib
import re
import sys

from tools import cannot, report

try:
    import botocore.session
    from botocore.exceptions import UnknownServiceError
except ImportError as error:
    cannot(f"{error}; run tests/tools/install")

# Names of services in `aws-sdk:` integrations that the SDK for Python calls otherwise.
SDK_NAMES = {"sfn": "stepfunctions"}
# Optimized integrations of an API: service and action.
OPTIMIZED = {
    "sns:publish": ("sns", "Publish"),
    "lambda:invoke": ("lambda", "Invoke"),
    "states:startExecution": ("stepfunctions", "StartExecution"),
    "s3:getObject": ("s3", "GetObject"),
    "s3:listObjectsV2": ("s3", "ListObjectsV2"),
}
# Those of no API that the SDK knows: parameters that must be given, those that may, and fields of the result (None: any).
OTHERS = {
    "http:invoke": (
        {"ApiEndpoint", "Method", "Authentication"},
        {"Headers", "QueryParameters", "RequestBody", "Transform"},
        {"ResponseBody", "Headers", "StatusCode", "StatusText"},
    ),
    "eks:runJob": ({"ClusterName", "CertificateAuthority", "Endpoint", "Job"}, {"Namespace", "LogOptions"}, None),
    # A ResultWriter.
    "s3:putObject": ({"Bucket"}, {"Prefix"}, None),
}
# What `.sync:2` gives is what this action tells of the execution.
WAITED = {"StartExecution": "DescribeExecution"}
# What stands before the name of an error: the service, and the exceptions that its SDK throws beside the modelled ones.
ERRORS = {
    "S3": ("s3", {"S3Exception", "SdkClientException"}),
    "SNS": ("sns", {"SnsException", "SdkClientException"}),
    "Lambda": ("lambda", {"AWSLambdaException", "SdkClientException", "ClientExecutionTimeoutException", "Unknown"}),
    "Eks": ("eks", {"EksException", "SdkClientException"}),
    "Sfn": ("stepfunctions", {"SfnException", "SdkClientException"}),
    "StepFunctions": ("stepfunctions", {"AWSStepFunctionsException", "SdkClientException"}),
}
TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "list": list,
    "structure": dict,
    "map": dict,
}

session = botocore.session.Session()
models = {}


def model(service):
    if service not in models:
        models[service] = session.get_service_model(service)
    return models[service]


def pascal(name):
    return name[0].upper() + name[1:]


def members(shape):
    """Parameters as Step Functions spells them: all begin with a capital."""
    return {pascal(name): member for name, member in shape.members.items()} if shape else {}


def fields(value):
    """Every first field that is read from the Task's result anywhere in `value`."""
    return set(re.findall(r"\$states\.result\.(\w+)", json.dumps(value)))


def arguments(place, given, shape, path=""):
    """A structure's parameters, and those in it; an expression may give anything."""
    if not isinstance(given, dict):
        return
    known = members(shape)
    for name, value in given.items():
        if name not in known:
            yield f"{place}: `{path}{name}` is no parameter; there are {', '.join(sorted(known))}"
            continue
        member = known[name]
        if isinstance(value, str) and value.startswith("{%"):
            continue
        # A blob, and a text that holds JSON, take any value.
        kind = TYPES.get(member.type_name)
        holds_json = member.type_name == "string" and name == "Input"
        if kind and not holds_json and not isinstance(value, kind):
            yield f"{place}: `{path}{name}` is a {member.type_name}, and gets {json.dumps(value)[:60]}"
        elif member.type_name == "structure":
            yield from arguments(place, value, member, f"{path}{name}.")
    for name in shape.required_members if shape else []:
        if pascal(name) not in given:
            yield f"{place}: `{path}{pascal(name)}` must be given"


def integration(place, state):
    resource = state["Resource"].removeprefix("arn:aws:states:::")
    given = state.get("Arguments", {})
    used = fields([state.get("Assign"), state.get("Output")])
    name, _, pattern = resource.partition(".")
    if name in OTHERS:
        needed, taken, result = OTHERS[name]
        yield from (f"{place}: `{name}` of {resource} must be given" for name in sorted(needed - given.keys()))
        yield from (f"{place}: `{name}` is no parameter of {resource}" for name in sorted(given.keys() - needed - taken))
        if result is not None:
            yield from (f"{place}: {resource} gives no `{name}`" for name in sorted(used - result))
        return
    if name.startswith("aws-sdk:"):
        _, service, action = name.split(":")
        service, action = SDK_NAMES.get(service, service), pascal(action)
    elif name in OPTIMIZED:
        service, action = OPTIMIZED[name]
    else:
        yield f"{place}: {resource} is no integration that is known here"
        return
    try:
        operation = model(service).operation_model(action)
    except (UnknownServiceError, KeyError, botocore.model.OperationNotFoundError):
        yield f"{place}: {service} has no action {action}"
        return
    yield from arguments(place, given, operation.input_shape)
    if pattern == "waitForTaskToken":
        if "$states.context.Task.Token" not in json.dumps(given):
            yield f"{place}: nobody gets the token that it waits for"
        return
    told = model(service).operation_model(WAITED[action]) if pattern.startswith("sync") else operation
    gives = members(told.output_shape)
    # The API answers in a header.
    yield from (f"{place}: {service} {action} gives no `{name}`" for name in sorted(used - gives.keys()))


def error(place, name):
    if name.startswith("States."):
        return
    service, dot, exception = name.partition(".")
    if not dot:
        return
    if service == "EKS":
        if not re.fullmatch(r"[45]\d\d|SdkClientException", exception):
            yield f"{place}: the cluster throws no `{name}`"
    elif service not in ERRORS:
        yield f"{place}: no service throws `{name}`"
    else:
        service, beside = ERRORS[service]
        modelled = {shape.name for shape in model(service).error_shapes}
        modelled |= {f"{shape}Exception" for shape in modelled if not shape.endswith("Exception")}
        if exception not in modelled | beside:
            yield f"{place}: {service} throws no `{exception}`"


def walk(place, value):
    """Findings of everything in a definition, and one `None` for each call that was looked at."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from walk(f"{place}/{at}", item)
    elif isinstance(value, dict):
        if str(value.get("Resource", "")).startswith("arn:aws:states:::"):
            yield None
            yield from integration(place, value)
        for rule in [*value.get("Retry", []), *value.get("Catch", [])] if "Type" in value else []:
            for name in rule["ErrorEquals"]:
                yield from error(place, name)
        for name, item in value.items():
            # What is sent is not a definition.
            if name not in ("Arguments", "Assign", "Output"):
                yield from walk(f"{place}/{name}", item)


def main():
    findings, checked = [], []
    for given in map(pathlib.Path, sys.argv[1:]):
        files = sorted((given / "stepfunctions").glob("*.asl.json")) if given.is_dir() else [given]
        for file in files:
            found = list(walk(file.name, json.loads(file.read_text(encoding="utf-8"))))
            checked.append(f"{file.name} ({found.count(None)} calls)")
            findings += [finding for finding in found if finding is not None]
    return report(findings, checked)


if __name__ == "__main__":
    sys.exit(main())
