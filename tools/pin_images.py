"""`make pin-images`: write the digest of each base image behind its version.

Needs docker with buildx and a registry that can be reached; else it changes nothing and exits 1.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Of `Dockerfile` the argument of its FROM lines, of `docker-compose.yml` the images of others.
PLACES = {
    "Dockerfile": re.compile(r"(?m)^(?P<before>ARG PYTHON=)(?P<tag>[\w.-]+)(?:@sha256:\w+)?$"),
    "docker-compose.yml": re.compile(
        r"(?m)^(?P<before> +image: )(?P<tag>[\w./-]+:[\w.-]+)(?:@sha256:\w+)?$"
    ),
}


class Unreachable(Exception):
    """The registry, or docker itself, gave no digest."""


def image_of(file: str, tag: str) -> str:
    """Return the image's name as docker takes it."""
    return f"python:{tag}" if file == "Dockerfile" else tag


def pinned(file: str, text: str, digest_of: Callable[[str], str]) -> str:
    """Return ``text`` with the present digest of every image; an older digest is replaced."""

    def pin(found: re.Match) -> str:
        digest = digest_of(image_of(file, found["tag"]))
        return f"{found['before']}{found['tag']}@{digest}"

    return PLACES[file].sub(pin, text)


def ask_registry(image: str) -> str:
    """Return the digest of the image for all processors. Raises Unreachable."""
    command = ["docker", "buildx", "imagetools", "inspect", image]
    command += ["--format", "{{.Manifest.Digest}}"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"{image}: {error}") from error
    digest = ran.stdout.strip()
    if ran.returncode or not DIGEST.fullmatch(digest):
        raise Unreachable(f"{image}: {ran.stderr.strip() or digest or 'no answer'}")
    return digest


def main(root: Path = ROOT, digest_of: Callable[[str], str] = ask_registry) -> int:
    """Pin all images, or none."""
    try:
        texts = {root / file: pinned(file, (root / file).read_text(), digest_of) for file in PLACES}
    except Unreachable as error:
        print(f"No image was pinned. {error}", file=sys.stderr)
        return 1
    for path, text in texts.items():
        path.write_text(text)
        print(f"{path.name}: pinned.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
