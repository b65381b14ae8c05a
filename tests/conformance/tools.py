"""What the conformance scripts share: where the tools are, running one of them, and how findings are reported."""

import os
import pathlib
import random
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("WINDLASS_TOOLS", ROOT / ".tools"))
LINT = TOOLS / "python" / "lint" / "bin"


def run(*command, stdin=None, seconds=300):
    """(exit code, standard output, standard error) of a program that gets no network proxy and bounded time."""
    environment = os.environ | {"PYTHONWARNINGS": "ignore", "NO_COLOR": "1", "LOG_LEVEL": "ERROR"}
    try:
        ended = subprocess.run(
            [str(part) for part in command],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            env=environment,
        )
    except FileNotFoundError:
        cannot(f"{command[0]} is not installed; run tests/tools/install")
    except subprocess.TimeoutExpired:
        cannot(f"{command[0]} took more than {seconds} s")
    return ended.returncode, ended.stdout, ended.stderr


def free_port():
    """A loopback port that nobody listens on now, and none of those that systems give to connections, of which one might take it."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def cannot(why):
    """Ends with 2: the check could not be made, which is neither good nor bad news of what was checked."""
    print(f"cannot check: {why}", file=sys.stderr)
    sys.exit(2)


def report(findings, checked):
    """Prints every finding; the exit code says whether there was one. To have checked nothing is a finding."""
    if not checked:
        findings = [*findings, "nothing was checked"]
    for finding in findings:
        print(finding)
    print(
        f"{len(checked)} checked, {len(findings)} found: {', '.join(checked)}"
        if len(checked) < 12
        else f"{len(checked)} checked, {len(findings)} found"
    )
    return 1 if findings else 0
