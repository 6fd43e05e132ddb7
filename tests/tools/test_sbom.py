"""The committed bill of materials names exactly what is locked, and says the same on any day."""

import base64
import json
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BILL = json.loads((ROOT / "sbom.cdx.json").read_text())
PYTHON = [row for row in BILL["components"] if row["purl"].startswith("pkg:pypi/")]
SCRIPTS = [row for row in BILL["components"] if row["purl"].startswith("pkg:npm/")]
AGAIN = "run `make sbom` and commit sbom.cdx.json"


def locked() -> dict[tuple[str, str], set[str]]:
    """Hashes of each name and version of the lock, read line by line."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in (ROOT / "requirements" / "app.txt").read_text().splitlines():
        if line and line[0] not in " #":
            (pin,) = (requirement := Requirement(line.rstrip("\\ "))).specifier
            hashes = found.setdefault((canonicalize_name(requirement.name), pin.version), set())
        hashes.update(re.findall(r"--hash=sha256:(\w+)", line))
    return found


def test_it_names_exactly_the_locked_distributions_with_their_hashes():
    named = {}
    for row in PYTHON:
        (files,) = row["externalReferences"]
        assert {value["alg"] for value in files["hashes"]} == {"SHA-256"}
        hashes = [value["content"] for value in files["hashes"]]
        named[row["name"], row["version"]] = set(hashes)
    assert named == locked(), AGAIN
    assert len(PYTHON) == len(named), AGAIN
    assert len(BILL["components"]) == len(PYTHON) + len(SCRIPTS)


def test_it_names_the_scripts_of_others_that_pages_load():
    listed = json.loads((ROOT / "static" / "vendor" / "vendored.json").read_text())
    wanted = {
        (package["name"], package["version"]): package["integrity"].partition("-")[2]
        for package in listed
    }
    named = {}
    for row in SCRIPTS:
        [[value]] = [files["hashes"] for files in row["externalReferences"]]
        assert value["alg"] == "SHA-512"
        digest = base64.b64encode(bytes.fromhex(value["content"])).decode()
        named[row["name"], row["version"]] = digest
    assert named == wanted, AGAIN


def test_each_has_its_licence_and_address():
    for row in BILL["components"]:
        kind = "pypi" if row in PYTHON else "npm"
        assert row["purl"] == f"pkg:{kind}/{row['name']}@{row['version']}"
        (licence,) = row["licenses"]
        said = licence.get("expression") or licence["license"].get("id")
        assert said or licence["license"]["name"], row["name"]


def test_it_describes_this_portal():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    about = BILL["metadata"]["component"]
    assert (about["name"], about["version"]) == (project["name"], project["version"]), AGAIN
    depends = {row["ref"]: row.get("dependsOn", []) for row in BILL["dependencies"]}
    assert set(depends["palier"]) == {row["purl"] for row in BILL["components"]}
    assert (BILL["bomFormat"], BILL["specVersion"]) == ("CycloneDX", "1.6")


def test_it_holds_nothing_of_the_moment_or_the_machine():
    text = (ROOT / "sbom.cdx.json").read_text()
    assert "timestamp" not in BILL["metadata"]
    assert text == json.dumps(BILL, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    order = [(row["name"], row["version"]) for row in BILL["components"]]
    assert order == sorted(order)
    assert "file://" not in text
