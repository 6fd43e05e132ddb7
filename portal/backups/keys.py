"""The key pair of the backups: the server has the public half; the other is kept elsewhere.

The key file is age's own, so that ``age -p`` may put a passphrase on it. We only read those:
pyrage makes them as costly as the machine allows, and a smaller one could not open them after a
disaster.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pyrage

from portal.backups.archive import BackupError

SECRET = "AGE-SECRET-KEY-"


def write_key(path: Path) -> str:
    """Write a new key file for its owner only, and return the public key. Never replaces one."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    write_private(path, f"# public key: {public}\n{identity}\n".encode())
    return public


def read_key(path: Path, ask: Callable[[], str]) -> pyrage.x25519.Identity:
    """Read a key file, encrypted or not; ``ask`` gives the passphrase. Raises BackupError."""
    body = path.read_bytes()
    try:
        if SECRET.encode() not in body:
            body = pyrage.passphrase.decrypt(body, ask())
        lines = [line for line in body.decode().split() if line.startswith(SECRET)]
        return pyrage.x25519.Identity.from_str(lines[0])
    except pyrage.DecryptError as error:
        raise BackupError(f"Wrong passphrase for {path.name}, or no key file.") from error
    except (pyrage.IdentityError, IndexError, ValueError) as error:
        raise BackupError(f"{path.name} holds no age identity.") from error


def write_private(path: Path, body: bytes) -> None:
    """Write a file that its owner alone may read; refuse to replace one."""
    try:
        place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BackupError(f"{path} exists already.") from error
    with os.fdopen(place, "wb") as file:
        file.write(body)
