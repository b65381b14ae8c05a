"""Builds the image of a service with buildah from the Dockerfile that was emitted, and looks into it.

    python image.py SERVICES NAME PROGRAM

SERVICES is the folder with the Dockerfile, PROGRAM the service, built already: the stages that would build it start from an
image of a registry, so a folder takes their place, and the last stage is built as it stands. Built twice, the image must be
the same to the byte; it must hold one static program and the models that were emitted, nothing else, and nothing that its user
may write; it must start as that user with nothing around it, get ready, and end well when it is asked to. Where a service
fetches its models, what was emitted for the store is served to it on the loopback address.
Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request

from tools import cannot, free_port, report, run

USER = 65532


def buildah(folder, *arguments):
    """What buildah prints, its images and containers in a folder of our own; nothing of it needs privileges of its own."""
    store = ["--root", folder / "store", "--runroot", folder / "run", "--storage-driver", "vfs"]
    code, out, err = run("buildah", *store, *arguments)
    if code:
        sys.exit(f"buildah {arguments[0]}: {out}{err}")
    return out


def is_static(program):
    """Whether an ELF file names no loader."""
    data = program.read_bytes()
    if data[:5] != b"\x7fELF\x02":
        return False
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, start + size * number)[0] for number in range(count)]
    interpreter = 3
    return interpreter not in kinds


def built(folder, services, name, program):
    """The image's digests, one for each time that it was built; the last one lies in FOLDER/oci."""
    stage = folder / "stage"
    (stage / "build" / name).mkdir(parents=True)
    shutil.copy(program, stage / "service")
    shutil.copytree(services / name / "models", stage / "build" / name / "models")
    options = ["--isolation", "chroot", "--no-cache", "--quiet", "--timestamp", "0"]
    digests = []
    for _ in range(2):
        context = ["--build-context", f"build={stage}", "--build-arg", f"SERVICE={name}", services]
        digests.append(buildah(folder, "build", *options, *context).strip().splitlines()[-1])
    buildah(folder, "push", "--quiet", digests[-1], f"oci:{folder / 'oci'}:image")
    return digests


def blob(folder, digest):
    return folder / "oci" / "blobs" / digest.replace(":", "/")


def unpacked(folder):
    """The image's configuration, and where its files lie."""
    index = json.loads((folder / "oci" / "index.json").read_text())
    manifest = json.loads(blob(folder, index["manifests"][0]["digest"]).read_text())
    root = folder / "root"
    root.mkdir()
    for layer in manifest["layers"]:
        with tarfile.open(blob(folder, layer["digest"])) as files:
            files.extractall(root, filter="fully_trusted")
    return json.loads(blob(folder, manifest["config"]["digest"]).read_text())["config"], root


def contents(root, emitted):
    """What is wrong with the files."""
    files = [path for path in sorted(root.rglob("*")) if not path.is_dir()]
    program, *models = sorted(files, key=lambda path: path.relative_to(root) != pathlib.Path("service"))
    if program != root / "service" or not is_static(program):
        yield f"{program.relative_to(root)} is not a static program"
    found = {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in models}
    if found != emitted:
        yield f"besides the program, the image holds {sorted(found)}, and was to hold {sorted(emitted)}"
    for path in [root, *root.rglob("*")]:
        mode = path.lstat().st_mode
        if path != root and (mode & (stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID) or path.lstat().st_uid == USER):
            yield f"{path.relative_to(root)} has the mode {stat.filemode(mode)}"


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def serving(folder):
    """The address at which this folder is served, as a store of models would be."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def running(config, root, settings):
    """What is wrong when the image's program runs in its root, as its user."""
    if os.geteuid() != 0:
        print("the image was not run: that takes root")
        return
    port = free_port()

    def enter():
        os.chroot(root)
        os.chdir("/")
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)

    settings = settings | {"WINDLASS_LISTEN": f"127.0.0.1:{port}", "WINDLASS_DRAIN_DELAY": "0"}
    # A user who may enter no other folder has to reach the root that it is locked into.
    os.chmod(root, 0o755)
    try:
        process = subprocess.Popen(config["Entrypoint"], preexec_fn=enter, env=settings, stdout=subprocess.DEVNULL)
    except OSError as error:
        yield f"the program in the image does not start: {error}"
        return
    try:
        until = time.monotonic() + 20
        while not answers(f"http://127.0.0.1:{port}/v2/health/ready"):
            if process.poll() is not None or time.monotonic() > until:
                yield f"the program in the image does not get ready: it ended with {process.poll()}"
                return
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=20) != 0:
            yield f"the program ended with {process.returncode}"
    finally:
        process.kill()
        process.wait()


def findings(folder, services, name, program):
    digests = built(folder, services, name, program)
    if len(set(digests)) != 1:
        yield f"built twice, the image is another: {digests}"
    config, root = unpacked(folder)
    if config.get("User") != f"{USER}:{USER}" or config.get("Entrypoint") != ["/service"]:
        yield f"the configuration: {config}"
    models = [path for path in (services / name / "models").rglob("*") if path.is_file()]
    digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
    emitted = {str(path.relative_to(services / name)): digest(path) for path in models}
    yield from contents(root, emitted)
    store = services / name / "store"
    if store.is_dir():
        with serving(store) as address:
            yield from running(config, root, {"WINDLASS_MODEL_STORE": address})
    else:
        yield from running(config, root, {})


def main():
    services, name, program = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    if shutil.which("buildah") is None:
        cannot("buildah is not installed; run tests/tools/install")
    with tempfile.TemporaryDirectory() as folder:
        found = list(findings(pathlib.Path(folder), services.resolve(), name, program.resolve()))
    sys.exit(report(found, [name]))


main()
