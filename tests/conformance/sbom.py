"""Holds the bills of materials of an output tree against CycloneDX's own library and SPDX's licenses.

    python sbom.py OUT

Every `sbom.cdx.json` must be valid by the strict schema of CycloneDX 1.6, every license must be an expression of licenses
that SPDX lists, every package URL must say the component's name and version, and every model's digest must be that of a
file beside the bill: in the image, or in the store that the bill names.
Exit: 0 nothing found, 1 something found, 2 could not check.
"""

import hashlib
import json
import pathlib
import sys

from tools import cannot, report

try:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from license_expression import get_spdx_licensing
    from packageurl import PackageURL
except ImportError as missing:
    cannot(f"{missing}; run tests/tools/install")


def findings(file):
    """What is wrong with one bill."""
    text = file.read_text()
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        yield str(wrong).splitlines()[0]
    bill = json.loads(text)
    licensing = get_spdx_licensing()
    folders = ("models", "store")
    files = [path for folder in folders for path in (file.parent / folder).rglob("*") if path.is_file()]
    models = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for component in bill["components"]:
        name = component["name"]
        for entry in component.get("licenses", []):
            for error in licensing.validate(entry["expression"]).errors:
                yield f"{name}: {error}"
        if "purl" in component:
            purl = PackageURL.from_string(component["purl"])
            if (purl.type, purl.name, purl.version) != ("cargo", name, component["version"]):
                yield f"{name}: {component['purl']}"
        if component["type"] == "machine-learning-model":
            digest = component["hashes"][0]["content"]
            if digest not in models:
                yield f"{name} {component['version']}: no file of its digest"
            stored = file.parent / "store" / component["version"] / f"{digest}.onnx"
            told = [reference["url"] for reference in component.get("externalReferences", [])]
            if stored.is_file() != any(url.endswith(f"/{component['version']}/{stored.name}") for url in told):
                yield f"{name} {component['version']}: it is to be fetched from {told}"


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("services/*/sbom.cdx.json"))
    found = [f"{file.parent.name}: {finding}" for file in files for finding in findings(file)]
    sys.exit(report(found, [file.parent.name for file in files]))


main()
