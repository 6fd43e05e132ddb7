"""A backup as a file: a tar stream inside an age file, and the manifest that ends it.

Nothing is written unencrypted on the way: parts flow through a pipe. The manifest names each part
with its sha256; a part more, less or other than it says is no backup. Without us,
``age -d -i KEY FILE | tar -x`` opens it.
"""

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyrage

CHUNK = 8 * 2**20
MAGIC = b"age-encryption.org/v1"
MANIFEST, MANIFEST_SUM, KEYS = "manifest.json", "manifest.sha256", "keys.json"
FORMAT = 1
# What tarfile, the pipe and age say of a file that is damaged, cut short or for another key.
BROKEN = (tarfile.TarError, OSError, EOFError, ValueError, pyrage.DecryptError)


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why, for a person."""


@contextmanager
def _piped(work: Callable[[int], None], ours: int, theirs: int, mode: str) -> Iterator[IO[bytes]]:
    """Give our end of a pipe while ``work`` has the other one in a thread; raise its failure."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(theirs)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    broken: BaseException | None = None
    try:
        with os.fdopen(ours, mode) as stream:
            yield stream
    except (*BROKEN, BackupError) as error:
        broken = error
    finally:
        thread.join()
    if isinstance(broken, BackupError):
        raise broken
    # When the thread fails we only see the pipe's end: what it says comes first.
    if cause := failures[0] if failures else broken:
        raise BackupError(str(cause)) from cause


@contextmanager
def _encrypted(target: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    key = public_key(recipient)
    theirs, ours = os.pipe()

    def encrypt(end: int) -> None:
        with os.fdopen(end, "rb") as plain:
            pyrage.encrypt_io(plain, target, [key])

    with _piped(encrypt, ours, theirs, "wb") as plain:
        yield plain


@contextmanager
def _decrypted(source: IO[bytes], identity: pyrage.x25519.Identity) -> Iterator[IO[bytes]]:
    ours, theirs = os.pipe()

    def decrypt(end: int) -> None:
        with os.fdopen(end, "wb") as plain:
            pyrage.decrypt_io(source, plain, [identity])

    with _piped(decrypt, ours, theirs, "rb") as plain:
        yield plain


class Writer:
    """Adds parts to a backup and keeps their sums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        self.sums: dict[str, str] = {}

    def add(self, name: str, body: IO[bytes], size: int) -> None:
        summing = _Summing(body)
        self._write(name, summing, size)
        self.sums[name] = summing.digest.hexdigest()

    def add_bytes(self, name: str, body: bytes) -> None:
        self.add(name, io.BytesIO(body), len(body))

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest with the sums of all parts; nothing may follow."""
        body = json.dumps(manifest | {"format": FORMAT, "parts": self.sums}, indent=1).encode()
        summed = hashlib.sha256(body).hexdigest().encode()
        for name, text in ((MANIFEST, body), (MANIFEST_SUM, summed)):
            self._write(name, io.BytesIO(text), len(text))

    def _write(self, name: str, body: Any, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self.tar.addfile(info, body)


class _Summing:
    """A reader that sums what passes."""

    def __init__(self, body: IO[bytes]) -> None:
        self.body, self.digest = body, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self.body.read(size)
        self.digest.update(found)
        return found


@contextmanager
def write(target: IO[bytes], recipient: str) -> Iterator[Writer]:
    """Write a backup to an open file, for the holder of ``recipient``; "" leaves it readable."""
    if not recipient:
        with tarfile.open(fileobj=target, mode="w|") as tar:
            yield Writer(tar)
        return
    with _encrypted(target, recipient) as plain, tarfile.open(fileobj=plain, mode="w|") as tar:
        yield Writer(tar)


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextmanager
def read(
    path: Path, identity: pyrage.x25519.Identity | None
) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Give name and body of each part in turn; a body is read before the next part is asked for.

    Raises BackupError for what is damaged, cut short, or encrypted for somebody else.
    """
    with path.open("rb") as file:
        if not is_encrypted(path):
            try:
                yield _parts(file)
            except BROKEN as error:
                raise BackupError(f"{path.name}: {error}") from error
            return
        if identity is None:
            raise BackupError(f"{path.name} is encrypted: give its key with --identity.")
        try:
            with _decrypted(file, identity) as plain:
                yield _parts(plain)
                while plain.read(CHUNK):  # age vouches for the last byte only once it was read
                    pass
        except BackupError as error:
            raise BackupError(f"{path.name}: {error}") from error


def _parts(stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            body = tar.extractfile(member)
            if body is None:
                raise BackupError(f"it holds {member.name}, which is no file.")
            yield member.name, body


def verify(path: Path, identity: pyrage.x25519.Identity | None) -> dict[str, Any]:
    """Read the whole file and compare every sum; return the manifest with the keys as "keys".

    Raises BackupError.
    """
    sums: dict[str, str] = {}
    small: dict[str, bytes] = {}
    with read(path, identity) as parts:
        for name, body in parts:
            if name in (MANIFEST, MANIFEST_SUM):
                small[name] = body.read()
                continue
            if name in sums:
                raise BackupError(f"it holds {name} twice.")
            digest = hashlib.sha256()
            while block := body.read(CHUNK):
                digest.update(block)
                if name == KEYS:
                    small[name] = small.get(name, b"") + block
            sums[name] = digest.hexdigest()
    text = small.get(MANIFEST, b"")
    if not text or hashlib.sha256(text).hexdigest().encode() != small.get(MANIFEST_SUM):
        raise BackupError(f"{path.name} is damaged or cut short: its manifest is not whole.")
    manifest = json.loads(text)
    if manifest["format"] != FORMAT:
        raise BackupError(f"{path.name} is of format {manifest['format']}, we read {FORMAT}.")
    wrong = sorted(
        name
        for name in sums.keys() | manifest["parts"].keys()
        if sums.get(name) != manifest["parts"].get(name)
    )
    if wrong:
        raise BackupError(f"{path.name} is damaged: {wrong[0]} ({len(wrong)} parts in all).")
    return manifest | {"keys": json.loads(small.get(KEYS, b"{}"))}


def public_key(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupError("PALIER_BACKUP_RECIPIENT is no age public key (age1…).") from error
