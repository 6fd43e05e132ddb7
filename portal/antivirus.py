"""Ask ClamAV whether a file holds something known: its INSTREAM command, by socket.

``PALIER_CLAMAV`` names the daemon: ``unix:///run/clamav/clamd.ctl`` or ``clamav:3310``. Unset, no
file is checked. Protocol: clamd(8); why no library: docs/adr/0044-antivirus-and-object-storage.md.
"""

import re
import socket
import struct
from contextlib import suppress
from typing import Protocol

from django.conf import settings

CHUNK = 256 * 1024
CONNECT, PING = 3.0, 1.0  # seconds
# Archives within archives take their time; less than the lease of a job.
SCAN = 25.0
# "stream: OK", "stream: Eicar-Test-Signature FOUND", "… ERROR".
ANSWER = re.compile(r"\Astream: (?:(?P<name>.{1,200}?) )?(?P<status>OK|FOUND)\Z")


class Readable(Protocol):
    """Django's file or Python's."""

    def read(self, num_bytes: int, /) -> bytes: ...


class ScannerAway(Exception):
    """The daemon does not answer; the same file can be asked about later."""


class NotScanned(Exception):
    """The daemon answers, but not about this file; ``str()`` is what it said."""


def is_on() -> bool:
    """Return whether files from outside are checked."""
    return bool(settings.PALIER_CLAMAV)


def is_up() -> bool:
    """Return whether the daemon answers."""
    try:
        with _connection(PING) as daemon:
            daemon.sendall(b"zPING\0")
            return _line(daemon) == "PONG"
    except (OSError, ScannerAway):
        return False


def find_virus(stream: Readable) -> str:
    """Return the name of what the daemon finds in ``stream``, "" when that is nothing.

    Raises ScannerAway, and NotScanned for a file that it cannot or will not look at: one larger
    than its StreamMaxLength, for instance.
    """
    with _connection(CONNECT) as daemon:
        daemon.settimeout(SCAN)
        # It ends the connection in the middle of a file that it refuses; its answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(daemon, stream)
        try:
            said = _line(daemon)
        except OSError as error:
            raise ScannerAway(f"{type(error).__name__} while scanning") from error
    if not said:
        raise ScannerAway("no answer")
    found = ANSWER.match(said)
    if found is None or (found["status"] == "FOUND") != bool(found["name"]):
        raise NotScanned(said[:200])
    return found["name"] or ""


def _send(daemon: socket.socket, stream: Readable) -> None:
    try:
        daemon.sendall(b"zINSTREAM\0")
        while block := stream.read(CHUNK):
            daemon.sendall(struct.pack("!L", len(block)) + block)
        daemon.sendall(struct.pack("!L", 0))
    except TimeoutError as error:
        raise ScannerAway("timed out while sending") from error


def _connection(seconds: float) -> socket.socket:
    """Return an open connection. Raises ScannerAway."""
    address = settings.PALIER_CLAMAV
    try:
        if address.startswith("unix://"):
            daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                daemon.settimeout(seconds)
                daemon.connect(address.removeprefix("unix://"))
            except OSError:
                daemon.close()
                raise
            return daemon
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
    except OSError as error:
        raise ScannerAway(f"{type(error).__name__} while connecting") from error


def _line(daemon: socket.socket) -> str:
    """Return the answer up to its NUL."""
    said = b""
    while b"\0" not in said and len(said) < 4096 and (block := daemon.recv(4096)):
        said += block
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
