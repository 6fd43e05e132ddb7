"""`make sbom`: write sbom.cdx.json, the CycloneDX bill of materials of requirements/app.txt.

Scripts of others that pages load (static/vendor/vendored.json) are listed too.

The same lock always gives the same bytes: no date, a serial number made from the content, sorted.
Licences are what the installed distributions declare; those that this system does not install
stand in ``ELSEWHERE``, those that declare none in ``UNDECLARED``. Run by the tools' Python; its
argument is the portal's.
"""

import base64
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "app.txt"
BILL = ROOT / "sbom.cdx.json"
VENDORED = ROOT / "static" / "vendor" / "vendored.json"
PINNED = re.compile(
    r"(?m)^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>\S+)(?P<rest>.*(?:\n[ #].*)*)"
)
# Distributions that only other systems or older Pythons install.
ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "brotlicffi": "MIT",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "NOASSERTION",  # for browsers only; no index that we read has it
}
# Their metadata name no licence; their file LICENSE is this one's text.
UNDECLARED = {"pyrage": "MIT"}
# Read in the portal's environment: {name: licence}, from the fields of the metadata in the order
# of their clearness. A licence's whole text is no name of one.
READ_LICENCES = """
import importlib.metadata, json
found = {}
for distribution in importlib.metadata.distributions():
    about = distribution.metadata
    said = about.get("License-Expression") or about.get("License") or ""
    if not said or "\\n" in said.strip() or len(said) > 60:
        kinds = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        said = " OR ".join(sorted(kind.rpartition(" :: ")[2] for kind in kinds))
    found[about["Name"]] = said.strip()
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Pin:
    """One line of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(text: str) -> list[Pin]:
    """Return what a lock pins, sorted; a library may have a version for each Python."""
    return sorted(
        (
            Pin(
                canonicalize_name(found["name"]),
                found["version"],
                tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", found["rest"]))),
            )
            for found in PINNED.finditer(text)
        ),
        key=lambda pin: (pin.name, pin.version),
    )


def licences(python: str) -> dict[str, str]:
    """Return the licence that each distribution declares in the environment of ``python``."""
    ran = subprocess.run([python, "-c", READ_LICENCES], capture_output=True, text=True, check=True)
    return {canonicalize_name(name): said for name, said in json.loads(ran.stdout).items()}


def component(pin: Pin, licence: str) -> Component:
    """Describe one library; the hashes are those of its files, any of which may be installed."""
    url = PackageURL("pypi", name=pin.name, version=pin.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{pin.name}/{pin.version}/#files"),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in pin.hashes],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        bom_ref=url.to_string(),
        purl=url,
        licenses=[LicenseFactory().make_from_string(licence)],
        external_references=[files],
    )


def script(package: dict) -> Component:
    """Describe one package of npm whose files lie under static/vendor/."""
    url = PackageURL("npm", name=package["name"], version=package["version"])
    digest = base64.b64decode(package["integrity"].partition("-")[2]).hex()
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://www.npmjs.com/package/{package['name']}/v/{package['version']}"),
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=package["name"],
        version=package["version"],
        bom_ref=url.to_string(),
        purl=url,
        licenses=[LicenseFactory().make_from_string(package["licence"])],
        external_references=[files],
    )


def bill(lock: str, known: dict[str, str], project: dict, scripts: Sequence[dict] = ()) -> str:
    """Return the bill of materials as JSON. Raises ValueError for a library without licence.

    ``scripts`` are packages of npm, as in vendored.json.
    """
    said = ELSEWHERE | known | UNDECLARED
    rows = pins(lock)
    if without := sorted({pin.name for pin in rows if not said.get(pin.name)}):
        raise ValueError(
            f"No licence is known of {', '.join(without)}: see ELSEWHERE and UNDECLARED."
        )
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, lock),
        components=[
            *(component(pin, said[pin.name]) for pin in rows),
            *(script(package) for package in scripts),
        ],
    )
    bom.metadata.timestamp = None
    bom.metadata.component = portal = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        bom_ref=project["name"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    bom.register_dependency(portal, bom.components)
    text = JsonV1Dot6(bom).output_as_string()
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"The bill of materials is not valid: {error}")
    data = json.loads(text)
    data["metadata"].pop("timestamp", None)
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(python: str) -> int:
    """Write the bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    scripts = json.loads(VENDORED.read_text())
    BILL.write_text(bill(LOCK.read_text(), licences(python), project, scripts))
    print(f"{BILL.name}: {len(pins(LOCK.read_text()))} libraries.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
