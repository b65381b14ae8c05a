"""As evaluate.cjs, with the Python port of the engine."""

import json
import math
import sys

import jsonata
from jsonata.utils import Utils


def bound(value):
    """The engine takes None for nothing, and has a value of its own for null."""
    if isinstance(value, dict):
        return {key: bound(part) for key, part in value.items()}
    if isinstance(value, list):
        return [bound(part) for part in value]
    return Utils.NULL_VALUE if value is None else value


def plain(value):
    """The way back; a number that is no JSON is a failure."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("no finite number")
    return None if value is Utils.NULL_VALUE else value


def evaluate(template, variables):
    if isinstance(template, dict):
        return {key: evaluate(part, variables) for key, part in template.items()}
    if isinstance(template, list):
        return [evaluate(part, variables) for part in template]
    if not (isinstance(template, str) and template.startswith("{%") and template.endswith("%}")):
        return template
    text = template[2:-2]

    def run(text):
        expression = jsonata.Jsonata(text)
        expression.register_lambda("parse", lambda text: bound(json.loads(text)))
        return expression.evaluate(None, bound(variables))

    value = run(text)
    if value is None and not run(f"$exists(({text}))"):
        raise ValueError("nothing")
    return plain(value)


# The engine prints what it thinks of an expression.
answers, sys.stdout = sys.stdout, sys.stderr
results = []
for case in json.load(sys.stdin):
    try:
        results.append({"value": evaluate(case["template"], case["variables"])})
    except Exception as error:  # every failure of an engine is a result here
        results.append({"error": str(error) or type(error).__name__})
print(json.dumps(results), file=answers)
