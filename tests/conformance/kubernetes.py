"""Holds the Kubernetes manifests of an output tree against kubectl's kustomize, kubernetes-validate and checkov.

    python kubernetes.py OUT [--minor 1.34 --minor 1.37] [--no-checkov]

Every file is validated alone and within the whole that `kubectl kustomize` builds, strictly, on each minor (default: the
oldest and the newest that there are schemas for in use here, 1.33 and 1.37). Kinds without a schema (custom resources)
are named, not counted as found. checkov must fail no check; skipped ones are printed with their reasons.
Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import argparse
import json
import pathlib
import sys
import tempfile

from tools import LINT, cannot, report, run

MINORS = ["1.33", "1.37"]


def built(folder):
    """The text of the whole, as `kubectl apply -k` would send it."""
    code, out, err = run("kubectl", "kustomize", folder)
    # Deprecation warnings of kustomize go to standard error with exit code 0; they are findings as well.
    complaint = err.strip()
    return out, [f"kubectl kustomize: {complaint}"] if code or complaint else []


def validate(file, name, minor):
    """kubernetes-validate's complaints about one file."""
    code, out, err = run(LINT / "kubernetes-validate", "--strict", "--quiet", "-k", minor, file)
    lines = [line.replace(str(file), name) for line in (out + err).splitlines() if line.strip()]
    kinds = sorted({line for line in lines if line.startswith("WARN")})
    wrong = [line for line in lines if not line.startswith(("WARN", "INFO"))]
    if code and not wrong:
        wrong = [f"{name}: kubernetes-validate ended with {code}: {out}{err}"]
    return [f"kubernetes-validate {minor}: {line}" for line in wrong], kinds


def checkov(file):
    """(failed checks, skipped checks, number passed) of the built whole."""
    code, out, err = run(
        LINT / "checkov",
        "-f",
        file,
        "--framework",
        "kubernetes",
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
    if "results" not in result:  # checkov found no resource that it knows
        return ["checkov: it saw no resource"], [], 0
    checks, summary = result["results"], result["summary"]
    failed = [f"checkov: {c['check_id']} {c['check_name']}: {c['resource']}" for c in checks["failed_checks"]]
    failed += [f"checkov: could not read {file}" for file in checks.get("parsing_errors", [])]
    if code and not failed:
        cannot(f"checkov ended with {code}: {err[-2000:]}")
    skipped = [
        f"checkov skipped {c['check_id']} for {c['resource']}: {c['check_result'].get('suppress_comment')}"
        for c in checks.get("skipped_checks", [])
    ]
    return failed, skipped, summary["passed"]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--minor", action="append")
    options.add_argument("--no-checkov", action="store_true")
    options = options.parse_args()
    folder = options.out / "kubernetes"
    files = sorted(f for f in folder.rglob("*.yaml") if f.name != "kustomization.yaml")
    findings, notes, checked = [], set(), [str(f.relative_to(folder)) for f in files]
    if not (folder / "kustomization.yaml").is_file():
        findings.append(f"{folder} has no kustomization.yaml")
        return report(findings, checked)

    whole, complaints = built(folder)
    findings += complaints
    with tempfile.TemporaryDirectory() as scratch:
        together = pathlib.Path(scratch) / "built.yaml"
        together.write_text(whole, encoding="utf-8")
        targets = [(f, str(f.relative_to(folder))) for f in files]
        targets += [(together, "the built whole")] if whole else []
        for minor in options.minor or MINORS:
            for file, name in targets:
                wrong, kinds = validate(file, name, minor)
                findings += wrong
                notes.update(kinds)
        if whole and not options.no_checkov:
            failed, skipped, passed = checkov(together)
            findings += failed
            notes.update(skipped)
            print(f"checkov: {passed} checks passed")
    for note in sorted(notes):
        print(note)
    return report(findings, checked)


if __name__ == "__main__":
    sys.exit(main())
