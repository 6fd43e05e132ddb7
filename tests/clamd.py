"""ClamAV's daemon for tests: one of ours that speaks its protocol, and the real one.

Ours finds ``SIGN`` in what it is sent. The real one gets a signature file of its own with the
same, so that no database of the network is needed.
"""

import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIGN = b"PALIER-TEST-VIRUS"
NAME = "Palier.Test"
MOST = 512 * 1024  # StreamMaxLength, of both


class Talk(socketserver.StreamRequestHandler):
    """One connection: PING or INSTREAM, as clamd(8) words them."""

    def handle(self) -> None:
        command = self._until_nul()
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self._scan() + b"\0")
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def _until_nul(self) -> bytes:
        said = b""
        while (one := self.rfile.read(1)) not in {b"\0", b""}:
            said += one
        return said

    def _scan(self) -> bytes:
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
            if len(data) > MOST:
                return b"INSTREAM size limit exceeded. ERROR"
        self.server.scanned.append(data)
        return b"stream: " + (NAME.encode() + b" FOUND" if SIGN in data else b"OK")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.scanned: list[bytes] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def closed_port() -> str:
    """An address where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def program() -> str | None:
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def real(folder: Path) -> Iterator[str]:
    """Run ClamAV's own daemon with our signature alone; give its address."""
    database, path = folder / "signatures", folder / "clamd.sock"
    database.mkdir()
    (database / "palier.ndb").write_text(f"{NAME}:0:*:{SIGN.hex()}\n")
    config = folder / "clamd.conf"
    config.write_text(
        f"LocalSocket {path}\nDatabaseDirectory {database}\nForeground yes\n"
        f"StreamMaxLength {MOST}\nLogFile {folder / 'clamd.log'}\nOfficialDatabaseOnly no\n"
    )
    found = program()
    assert found
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen([found, "--config-file", str(config)], stdout=out, stderr=out)
    try:
        limit = time.monotonic() + 60
        while not path.exists():
            assert process.poll() is None, (folder / "out").read_text()
            assert time.monotonic() < limit
            time.sleep(0.05)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait(60)
