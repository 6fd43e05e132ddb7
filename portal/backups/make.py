"""Make a backup: database, files, keys and manifest in one file, whole or not there at all."""

import json
import os
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from portal import secrets
from portal.backups import archive, postgres
from portal.backups.archive import KEYS, BackupError
from portal.backups.latest import PULSE
from portal.models import Pulse

DATABASE, FILES = "database/", "files/"
PATTERN, HALF = "palier-*.tar*", ".palier-*.half"


@dataclass
class Made:
    """What a backup holds; bytes as they went in."""

    path: Path
    database: int = 0
    files: int = 0
    bytes_of_files: int = 0
    missing: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def version() -> str:
    """Return the version of this code."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def keys() -> dict[str, str]:
    """Return the secrets without which what is restored does not work, by name."""
    found = {name: getattr(settings, name, "") for name in settings.PALIER_BACKUP_KEYS}
    found |= {name: value for name, value in os.environ.items() if secrets.NAME.fullmatch(name)}
    return {name: value for name, value in found.items() if value}


def make(folder: Path, *, recipient: str, now: datetime, keep: int = 0) -> Made:
    """Write a backup into ``folder`` and thin the older ones to ``keep``; 0 keeps all.

    Encrypted for ``recipient``; when that is "", readable by anybody and without keys. Raises
    BackupError, and then leaves nothing that looks like a backup.
    """
    began = time.monotonic()
    moment = now.astimezone(timezone.utc)
    ending = ".tar.age" if recipient else ".tar"
    made = Made(folder / f"palier-{moment:%Y-%m-%dT%H%M%SZ}{ending}")
    if recipient:
        archive.public_key(recipient)
    with postgres.one_at_a_time() as cursor:
        for left in folder.glob(HALF):  # of a run that was killed
            left.unlink()
        with _whole_or_nothing(made.path) as target, archive.write(target, recipient) as writer:
            with postgres.snapshot(cursor) as name:
                facts = {
                    "made_at": moment.isoformat(),
                    "code": version(),
                    "migrations": postgres.applied_migrations(cursor),
                    "rows": postgres.row_counts(cursor),
                    "audit": postgres.chain_head(cursor),
                }
                named = postgres.named_files(cursor)
                for number, block in enumerate(postgres.dump(name)):
                    writer.add_bytes(f"{DATABASE}{number:06}", block)
                    made.database += len(block)
            for file in named:
                _add_file(writer, file, made)
            if recipient:
                writer.add_bytes(KEYS, json.dumps(keys()).encode())
            writer.finish(facts | {"missing": made.missing})
        Pulse.beat(PULSE)
        _thin(folder, keep, newest=made.path)
    made.seconds = time.monotonic() - began
    return made


def _add_file(writer: archive.Writer, name: str, made: Made) -> None:
    """Add what the storage has under that name; note what it has not: the row may be gone too."""
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        made.missing.append(name)
        return
    with file:
        writer.add(f"{FILES}{name}", file, file.size)
        made.files += 1
        made.bytes_of_files += file.size


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that gets its name only when all of it is on the disk."""
    if path.exists():
        raise BackupError(f"{path} exists already.")
    half = path.with_name(f".{path.name}.half")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)
    place = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _thin(folder: Path, keep: int, *, newest: Path) -> None:
    """Delete all but the newest ``keep``; their names sort by moment."""
    if keep:
        former = sorted(path for path in folder.glob(PATTERN) if path != newest)
        for path in former[: max(0, len(former) - keep + 1)]:
            path.unlink()
