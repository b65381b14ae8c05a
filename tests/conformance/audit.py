"""What the compiler's audit lets pass, the engine computes rightly: ONNX's own node tests through both.

    audit.py WINDLASS CASES

WINDLASS is the compiler; CASES is the example `cases` of the runtime, which runs models on the service's engine. A case that the
audit refuses is fine, and one at which the engine fails is not silent; one that passes and gives other numbers is a finding. So is a
figure of `check --report` for the memory of tensors that is not that of the case.
Exit: 0 none, 1 some, 2 it could not be checked.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnx_cases
except ImportError as error:
    print(f"cannot check: {error}; run tests/tools/install", file=sys.stderr)
    sys.exit(2)

# The least that must run, so that an audit that refuses everything does not pass.
LEAST_RIGHT = 1700


def refused(windlass, folder, names):
    """Cases that the compiler refuses, with what it says."""
    blocks = [f'model "c{n}" {{\n  version "1" {{ file = "{name}.onnx" }}\n  serve = "1"\n}}\n' for n, name in enumerate(names)]
    (pathlib.Path(folder) / "main.hcl").write_text('project "cases" {}\n' + "".join(blocks))
    ended = subprocess.run([windlass, "check", "--format", "json", folder], capture_output=True, text=True)
    told = {}
    for finding in json.loads(ended.stdout)["diagnostics"]:
        parts = finding["summary"].split("`")
        if len(parts) < 2 or not parts[1].endswith(".onnx"):
            print(f"cannot check: the compiler says {finding['summary']}", file=sys.stderr)
            sys.exit(2)
        told[parts[1].removesuffix(".onnx")] = finding["summary"]
    return told


# The least cases of one operator whose tensors the compiler knows.
LEAST_KNOWN = 1400


def figures(windlass, folder, names):
    """What the compiler says of cases that it lets pass, by name."""
    blocks = [f'model "c{n}" {{\n  version "1" {{ file = "{name}.onnx" }}\n  serve = "1"\n}}\n' for n, name in enumerate(names)]
    (pathlib.Path(folder) / "main.hcl").write_text('project "cases" {}\n' + "".join(blocks))
    ended = subprocess.run([windlass, "check", "--report", "--format", "json", folder], capture_output=True, text=True)
    _, end = json.JSONDecoder().raw_decode(ended.stdout)
    return {names[int(model["name"][1:])]: model for model in json.loads(ended.stdout[end:])["models"]}


def wrong_figures(folder, cases, told):
    """Of graphs with one node all tensors are there at once: what it takes and what it makes. And how many of these are known."""
    wrong, known = [], 0
    for name, path, inputs, outputs, *_ in cases:
        tensors = told[name]["tensors"] if name in told else None
        graph = onnx.load(path).graph
        bound = {constant.name for constant in graph.initializer}
        taken = [value for value in graph.input if value.name not in bound]
        shapes = [[dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in taken]
        made = [numpy.asarray(output) for output in outputs]
        # A first dimension without a size is one row, no tensor is empty, and how long texts are is not known.
        unclear = any(0 in shape for shape in shapes) or any(o.dtype.kind not in "biuf" or not o.size for o in made)
        if tensors is None or len(graph.node) != 1 or unclear:
            continue
        arrays = [onnx_cases.load(path) for path in inputs]
        if any(array.dtype.kind not in "biuf" for array in arrays):
            continue
        known += 1
        expected = sum(array.nbytes for array in [*arrays, *made])
        if tensors != expected:
            wrong.append(f"{name}: the compiler says that its tensors take {tensors} bytes, which are {expected}")
    return wrong, known


def tolerance(expected, rtol, atol):
    """Half precision is rounded differently where sums are made in another order."""
    if numpy.asarray(expected).dtype == numpy.float16:
        return max(rtol, 2e-2), max(atol, 5e-3)
    return max(rtol, 1e-3), max(atol, 1e-5)


def main(windlass, runner):
    with tempfile.TemporaryDirectory() as folder:
        cases = list(onnx_cases.cases(folder))
        told = refused(windlass, folder, [name for name, *_ in cases])
        lines = [f"{model}\t{os.path.join(folder, name)}.out\t{','.join(inputs)}\n" for name, model, inputs, *_ in cases]
        ran = subprocess.run([runner], input="".join(lines), capture_output=True, text=True).stdout.splitlines()
        if len(ran) != len(cases):
            print(f"cannot check: {len(ran)} of {len(cases)} cases were run", file=sys.stderr)
            sys.exit(2)
        right, failed, caught, silent = 0, 0, 0, []
        for (name, _, inputs, outputs, rtol, atol), said in zip(cases, ran):
            # A request holds at least one element of each tensor, so an empty one never reaches the engine.
            if any(0 in onnx_cases.load(path).shape for path in inputs):
                continue
            why = None
            for form in ["", "s"] if said.endswith("symbolic") else [""]:
                for index, expected in enumerate(outputs):
                    if not said.startswith("ok"):
                        break
                    path = os.path.join(folder, f"{name}.out{form}{index}.pb")
                    found = onnx_cases.load(path) if os.path.exists(path) else numpy.zeros(0)
                    why = why or onnx_cases.differs(found, expected, *tolerance(expected, rtol, atol))
            if name in told:
                caught += why is not None
            elif not said.startswith("ok"):
                failed += 1
                if "panicked" in said:
                    silent.append(f"{name}: {said}")
            elif why:
                silent.append(f"{name}: {why}")
            else:
                right += 1
        passed = [name for name, *_ in cases if name not in told]
        wrong, known = wrong_figures(folder, cases, figures(windlass, folder, passed))
        silent += wrong
        for finding in silent:
            print(finding)
        if known < LEAST_KNOWN:
            silent.append("too few")
        if right < LEAST_RIGHT:
            silent.append("too few")
        print(
            f"{len(cases)} cases: {right} right, {len(told)} refused when compiling ({caught} of which the engine would have "
            f"computed wrongly), {failed} refused by the engine, the tensors of {known} known, {len(silent)} wrong"
        )
        return 1 if silent else 0


sys.exit(main(*sys.argv[1:]))
