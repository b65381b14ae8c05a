"""Reads the corpus of nasty strings back from a YAML file, through kubectl, kustomize and PyYAML: all must get them whole.

    python yaml_strings.py FILE [--corpus nasty-strings.json]
    python yaml_strings.py --shape           # a file as it should be: the contract by example

    python yaml_strings.py FILE --corpus nasty-strings-beyond-kustomize.json --no-kustomize

kustomize itself loses some strings, however they are spelled: U+007F to U+009F, U+FFFE and U+FFFF as values or keys, and
the key `<<`. The first have a corpus of their own; the last is nobody's key here.

FILE is one ConfigMap. Its `data` holds every string of the corpus as the value of the key `value-0000`, `value-0001`, …
(its index in the corpus), and every string of at most 100 characters again as the key of the value `key-0000`, `key-0001`,
… (YAML allows no key of more than 1,024 characters on a line).
Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import yaml

from tools import cannot, report, run

KEY = 100  # characters of the longest string that must also work as a key
MERGE = "<<"  # as a key, kustomize drops it, quoted or not
CORPUS = pathlib.Path(__file__).with_name("nasty-strings.json")


def expected(corpus):
    data = {f"value-{i:04}": text for i, text in enumerate(corpus)}
    return data | {text: f"key-{i:04}" for i, text in enumerate(corpus) if len(text) <= KEY and text != MERGE}


def quoted(text):
    """The spelling that no reader misreads: double quotes, and an escape for all but printable ASCII."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(c, c if " " <= c <= "~" else f"\\U{ord(c):08X}") for c in text) + '"'


def by_kubectl(file):
    code, out, err = run("kubectl", "annotate", "--local", "-f", file, "w=x", "-o", "json")
    return json.loads(out)["data"] if code == 0 else err.strip()


def by_kustomize(file):
    # kustomize parses with a library of its own and prints YAML again; kubectl then says what that YAML means.
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "strings.yaml").write_bytes(file.read_bytes())
        kinds = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [strings.yaml]\n"
        (folder / "kustomization.yaml").write_text(kinds)
        code, out, err = run("kubectl", "kustomize", folder)
        if code:
            return err.strip()
        (folder / "built.yaml").write_text(out, encoding="utf-8", newline="")
        return by_kubectl(folder / "built.yaml")


def by_pyyaml(file):
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))["data"]
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"


def differences(reader, got, wanted):
    if not isinstance(got, dict):
        return [f"{reader} cannot read it: {str(got)[:500]}"]
    found = []
    for key, value in wanted.items():
        if key not in got:
            found.append(f"{reader}: the key {key[:80]!r} is not there")
        elif got[key] != value or type(got[key]) is not str:
            found.append(
                f"{reader}: {key[:80]!r} should be {value[:80]!r}, is {str(got[key])[:80]!r} ({type(got[key]).__name__})"
            )
    found += [f"{reader}: a key that nobody wrote: {key!r}" for key in got if key not in wanted]
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("file", type=pathlib.Path, nargs="?")
    options.add_argument("--corpus", type=pathlib.Path, default=CORPUS)
    options.add_argument("--no-kustomize", action="store_true")
    options.add_argument("--shape", action="store_true")
    options = options.parse_args()
    corpus = json.loads(options.corpus.read_text(encoding="utf-8"))
    wanted = expected(corpus)
    if options.shape:
        print("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nasty-strings\ndata:")
        for key, value in wanted.items():
            print(f"  {quoted(key)}: {quoted(value)}")
        return 0
    if not options.file or not options.file.is_file():
        cannot(f"{options.file} is no file")
    findings = []
    readers = [("kubectl", by_kubectl), ("kustomize", by_kustomize), ("PyYAML", by_pyyaml)]
    for reader, read in readers:
        if reader == "kustomize" and options.no_kustomize:
            continue
        findings += differences(reader, read(options.file), wanted)
    return report(findings, [f"string {i}" for i in range(len(corpus))])


if __name__ == "__main__":
    sys.exit(main())
