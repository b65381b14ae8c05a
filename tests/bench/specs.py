"""Specs of any size for the benchmark, and the same services for the other tools."""

import hashlib
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "ui" / "models" / "linear.onnx"

HEAD = """\
project "bench" {
  owner = "platform"
}

platform "aws" {
  account   = "123456789012"
  region    = "us-east-1"
  cluster   = "main"
  namespace = "bench"
}

model "linear" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}
"""

SERVICE = """
service "{name}" {{
  model = model.linear
  image = "{image}"
  port  = {port}

  resources {{
    cpu    = "{cpu}"
    memory = "{memory}"
  }}
  scaling {{
    min = {min}
    max = {max}
    target "cpu" {{ utilization = "{target}%" }}
  }}
}}
"""

# Amounts as the spec writes them, with the threads and the largest body that windlass derives.
CPU = [("250m", 1), ("500m", 1), ("1", 1), ("2", 2)]
MEMORY = [("128Mi", 4 << 20), ("256Mi", 8 << 20), ("512Mi", 16 << 20), ("1Gi", 32 << 20)]


def services(count: int, pinned: bool = True) -> list[dict]:
    """What differs from service to service. An image that is not pinned gets its tag from windlass."""
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    return [
        {
            "name": f"svc-{i}",
            "image": f"registry.example.com/team-{i % 7}/svc-{i}" + (f":1.{i % 10}.{i}" if pinned else ""),
            "port": 8000 + i % 1000,
            "cpu": CPU[i % 4][0],
            "threads": CPU[i % 4][1],
            "memory": MEMORY[i % 4][0],
            "body": MEMORY[i % 4][1],
            "min": 1 + i % 3,
            "max": 5 + i % 20,
            "target": 50 + i % 40,
            "model": digest,
        }
        for i in range(count)
    ]


def project(folder: pathlib.Path, body: str) -> pathlib.Path:
    """A project whose spec is `body` behind a head with a platform and a model."""
    (folder / "models").mkdir(parents=True)
    shutil.copy(MODEL, folder / "models")
    (folder / "spec.hcl").write_text(HEAD + body)
    return folder


def of_services(folder: pathlib.Path, count: int, pinned: bool = True) -> pathlib.Path:
    """A project of `count` services that share one model."""
    return project(folder, "".join(SERVICE.format(**service) for service in services(count, pinned)))


def jsonnet(path: pathlib.Path, count: int) -> pathlib.Path:
    """A program that gives the same objects, by file."""
    literals = ",\n".join(json.dumps(service) for service in services(count))
    path.write_text(
        f"local objects = import {json.dumps(str(HERE / 'objects.libsonnet'))};\n"
        f"local services = [\n{literals}\n];\n"
        "{\n"
        "  'kustomization.yaml': objects.kustomization(std.sort([service.name for service in services])),\n"
        "  'namespace.yaml': objects.shared,\n"
        "} + {\n"
        "  [service.name + '.yaml']: objects.of(service)\n"
        "  for service in services\n"
        "}\n"
    )
    return path


def cdk8s(path: pathlib.Path, count: int) -> pathlib.Path:
    """What the program for cdk8s reads."""
    path.write_text(json.dumps(services(count)))
    return path


def blocks(count: int) -> str:
    """Blocks of which nothing is made."""
    return "".join(f'\nbucket "b{i}" {{\n  name = "bucket-{i}"\n}}\n' for i in range(count))


def keys(count: int) -> str:
    """One object with many keys, of which one is read."""
    lines = "".join(f"    k{i} = {i}\n" for i in range(count))
    return f"\nlocals {{\n  big = {{\n{lines}  }}\n  one = local.big.k{count - 1}\n}}\n"


def references(count: int) -> str:
    """Many references to a few names, in one list."""
    lines = "".join(f"    bucket.data{i % 7}.name,\n" for i in range(count))
    buckets = "".join(f'\nbucket "data{i}" {{\n  name = "bucket-{i}"\n}}\n' for i in range(7))
    return f"{buckets}\nlocals {{\n  all = [\n{lines}  ]\n}}\n"


def local_values(count: int) -> str:
    """Many locals that know nothing of each other."""
    return "\nlocals {\n" + "".join(f"  v{i} = {i} + 1\n" for i in range(count)) + "}\n"


def chain(count: int) -> str:
    """Locals of which each refers to the next: the last one written is the first to be known."""
    lines = "".join(f"  v{i} = local.v{i + 1} + 1\n" for i in range(count - 1))
    return f"\nlocals {{\n{lines}  v{count - 1} = 0\n}}\n"


def workflow(count: int, needs) -> str:
    """A workflow whose stages each compute something of the values of the earlier stages that `needs` gives."""
    stages = []
    for i in range(count):
        sum = " + ".join([f"input.n * {i}", *(f"stage.s{need}.value" for need in sorted(needs(i)))])
        stages.append(f'  stage "s{i}" {{\n    value = {sum}\n  }}\n')
    return '\nworkflow "many" {\n  input "n" {\n    type = number\n  }\n' + "".join(stages) + "}\n"


# How the stages of a workflow may depend on each other.
WORKFLOWS = {
    "side by side": lambda i: set(),
    "a chain": lambda i: {i - 1} if i else set(),
    "layers of five": lambda i: set(range(i // 5 * 5 - 5, i // 5 * 5)) if i >= 5 else set(),
    "no order at all": lambda i: {need for need in (i * 7 % 31 * i // 37, i // 2, i - 3) if 0 <= need < i},
}

# What a spec may have many of, and how many of it are taken.
GROWING = {
    "blocks": (blocks, 100_000),
    "object keys": (keys, 10_000),
    "references": (references, 100_000),
    "locals": (local_values, 100_000),
    "chain of locals": (chain, 100_000),
}
