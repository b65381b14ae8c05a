"""As evaluate.cjs, with the Python port of the engine."""

import json
import sys

import jsonata
from jsonata.utils import Utils


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
        expression.register_lambda("parse", json.loads)
        # The engine takes None for nothing, and has a value of its own for null.
        bound = {k: Utils.NULL_VALUE if v is None else v for k, v in variables.items()}
        return expression.evaluate(None, bound)

    value = run(text)
    if value is None and not run(f"$exists(({text}))"):
        raise ValueError("nothing")
    return value


results = []
for case in json.load(sys.stdin):
    try:
        results.append({"value": evaluate(case["template"], case["variables"])})
    except Exception as error:  # every failure of an engine is a result here
        results.append({"error": str(error) or type(error).__name__})
print(json.dumps(results))
