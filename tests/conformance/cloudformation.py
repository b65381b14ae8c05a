"""Holds the CloudFormation template of an output tree against cfn-lint, and reports what checkov says of it.

    python cloudformation.py OUT [--strict] [--skip CHECK …]

cfn-lint must find nothing, warnings and hints included. checkov's failed checks are printed; with --strict they are
findings, except those that --skip names. Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import argparse
import json
import pathlib
import sys

from tools import LINT, cannot, report, run


def cfn_lint(template):
    code, out, err = run(
        LINT / "cfn-lint",
        "--format",
        "json",
        "--include-checks",
        "I",
        "--non-zero-exit-code",
        "informational",
        template,
    )
    try:
        matches = json.loads(out or "[]")
    except json.JSONDecodeError:
        cannot(f"cfn-lint ended with {code}: {out[-2000:]}{err[-2000:]}")
    if code and not matches:
        cannot(f"cfn-lint ended with {code}: {err[-2000:]}")
    for match in matches:
        at, path = match["Location"]["Start"], match["Location"].get("Path") or []
        yield f"cfn-lint: {match['Rule']['Id']} line {at['LineNumber']}, {'/'.join(map(str, path))}: {match['Message']}"


def checkov(template):
    """(failed checks as (id, text), number passed)"""
    code, out, err = run(
        LINT / "checkov",
        "-f",
        template,
        "--framework",
        "cloudformation",
        "--compact",
        "--quiet",
        "--skip-download",
        "-o",
        "json",
    )
    try:
        result = json.loads(out)
    except json.JSONDecodeError:
        cannot(f"checkov ended with {code}: {out[-2000:]}{err[-2000:]}")
    if isinstance(result, list):
        result = result[0]
    if "results" not in result:
        return [("none", "checkov: it saw no resource")], 0
    checks = result["results"]
    failed = [
        (c["check_id"], f"checkov: {c['check_id']} {c['check_name']}: {c['resource']}") for c in checks["failed_checks"]
    ]
    failed += [("parse", f"checkov: could not read {file}") for file in checks.get("parsing_errors", [])]
    return failed, result["summary"]["passed"]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--strict", action="store_true")
    options.add_argument("--skip", action="append", default=[])
    options = options.parse_args()
    template = options.out / "cloudformation" / "stack.json"
    if not template.is_file():
        return report([f"{template} is not there"], [])
    findings = list(cfn_lint(template))
    failed, passed = checkov(template)
    print(f"checkov: {passed} checks passed, {len(failed)} failed")
    for check, text in failed:
        if options.strict and check not in options.skip:
            findings.append(text)
        else:
            print(f"advisory: {text}")
    return report(findings, ["stack.json"])


if __name__ == "__main__":
    sys.exit(main())
