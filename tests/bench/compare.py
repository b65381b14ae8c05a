"""Holds the objects of one folder's YAML files against those of another's JSON or YAML files, file by file and one by one.

    compare.py OURS THEIRS [FILE-THAT-THEY-DO-NOT-HAVE]
"""

import json
import pathlib
import sys

import yaml

ours, theirs = (pathlib.Path(folder) for folder in sys.argv[1:3])
names = [sorted({path.name for path in folder.iterdir()} - set(sys.argv[3:])) for folder in (ours, theirs)]


def read(path: pathlib.Path) -> list:
    text = path.read_text()
    if text.startswith("["):
        return json.loads(text)
    return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


if names[0] != names[1]:
    sys.exit(f"other files: {sorted(set(names[0]) ^ set(names[1]))[:10]}")
objects = 0
for name in names[0]:
    emitted, expected = read(ours / name), read(theirs / name)
    if len(emitted) != len(expected):
        sys.exit(f"{name}: {len(emitted)} objects, and {len(expected)}")
    for left, right in zip(emitted, expected):
        if left != right:
            sys.exit(f"{name}: {json.dumps(left, sort_keys=True)}\n  is not {json.dumps(right, sort_keys=True)}")
    objects += len(emitted)
if not objects:
    sys.exit("no objects at all")
print(f"{objects} objects are equal")
