"""Write the scripts of others that pages load, under static/vendor/, from the npm registry.

``python -m tools.vendor`` fetches each package of ``static/vendor/vendored.json`` at its version,
refuses it unless it has the integrity that stands there, copies its files and writes their hashes.
To take a newer version: change ``version`` and ``integrity`` (``npm view NAME dist.integrity``).
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "vendor"
LIST = FOLDER / "vendored.json"


def fetch(name: str, version: str, integrity: str) -> bytes:
    """Return the package as npm hands it out. Raises ValueError unless it is the one expected."""
    with tempfile.TemporaryDirectory(prefix="palier-vendor-") as folder:
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        [packed] = Path(folder).glob("*.tgz")
        data = packed.read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != integrity:
        raise ValueError(f"{name} {version} is not what was expected: {found}")
    return data


def write(package: dict) -> None:
    """Copy the files of one package, and write their hashes into its entry.

    ``adds`` is written behind a file: a script made for a page's own scope exports its names, so
    that it can be imported. References to source maps, which are not shipped, are taken out.
    """
    data = fetch(package["name"], package["version"], package["integrity"])
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for target, entry in package["files"].items():
            member = archive.extractfile(f"package/{entry['from']}")
            if member is None:
                raise ValueError(f"{package['name']} has no {entry['from']}")
            kept = [
                line
                for line in member.read().decode().splitlines()
                if not line.startswith("//# sourceMappingURL=")
            ]
            text = "\n".join(kept) + "\n" + entry.get("adds", "")
            path = FOLDER / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            entry["sha256"] = hashlib.sha256(text.encode()).hexdigest()


def main() -> int:
    """Write every package of the list."""
    packages = json.loads(LIST.read_text())
    for package in packages:
        write(package)
        print(f"{package['name']} {package['version']}: {len(package['files'])} files")
    LIST.write_text(json.dumps(packages, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
