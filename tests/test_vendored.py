"""Scripts of others under static/vendor/ are what their list says, and nothing else lies there."""

import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "static" / "vendor"
PACKAGES = json.loads((FOLDER / "vendored.json").read_text())


def test_each_file_is_the_one_that_was_taken():
    listed = {
        name: entry["sha256"] for package in PACKAGES for name, entry in package["files"].items()
    }
    found = {
        str(path.relative_to(FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name != "vendored.json"
    }
    own = found.pop("pmtiles/LICENSE.txt")  # the package ships none
    assert own
    assert found == listed


def test_each_package_has_its_licence_beside_it():
    for package in PACKAGES:
        assert package["licence"]
        assert package["integrity"].startswith("sha512-")
        [folder] = {name.partition("/")[0] for name in package["files"]}
        assert "Redistribution" in (FOLDER / folder / "LICENSE.txt").read_text()
