"""What both servers need from the machine: user, disk space, paths, processes, ports.

Standard library only, and no Django: the watcher runs this package by itself.
"""

import contextlib
import errno
import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOM_NEEDED = 300 * 2**20
PATIENCE = 60  # seconds given to crash recovery


class EmbeddedError(RuntimeError):
    """The embedded services cannot start; the message says why, for a person."""


def default_home() -> Path:
    """Return PALIER_HOME, else `.palier` beside the code."""
    chosen = os.environ.get("PALIER_HOME")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[3] / ".palier"


def resolve(home: Path | None) -> Path:
    """Return the absolute home, whatever was given."""
    return Path(home or default_home()).expanduser().resolve()


def open_home(home: Path | None) -> Path:
    """Return the absolute home, created if missing."""
    home = resolve(home)
    try:
        # Root runs PostgreSQL as another account, which must be able to enter the folder.
        home.mkdir(parents=True, exist_ok=True, mode=0o711 if is_root() else 0o700)
    except OSError as error:
        raise EmbeddedError(f"Cannot create {home}: {error.strerror}.") from error
    return home


@contextlib.contextmanager
def explain_errors() -> Iterator[None]:
    """Turn errors of the system into an EmbeddedError that a person understands."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EmbeddedError(
                f"The disk is full ({error.filename or 'writing'}). Free some space and try again."
            ) from error
        if error.errno == errno.ENOEXEC:
            raise EmbeddedError(_unsupported(str(error.filename))) from error
        raise EmbeddedError(f"Embedded services: {error}") from error


def is_root() -> bool:
    return os.geteuid() == 0


def postgres_account() -> pwd.struct_passwd | None:
    """Return the account that runs PostgreSQL when we are root, which PostgreSQL refuses."""
    if not is_root():
        return None
    for name in ("nobody", "postgres", "daemon"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return entry
    raise EmbeddedError("PostgreSQL refuses to run as root and no other user exists here.")


def outside_path(home: Path) -> Path:
    base = Path("/var/tmp") if os.access("/var/tmp", os.W_OK) else Path(tempfile.gettempdir())
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return base / f"palier-{os.geteuid()}-{digest}"


def shared_folder(home: Path) -> Path:
    """Return a short path outside home that others may enter, always the same, and surely ours."""
    path = outside_path(home)
    mode = 0o711 if is_root() else 0o700
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=mode)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise EmbeddedError(f"{path} belongs to somebody else; remove it and try again.")
    path.chmod(mode)
    return path


def command_of(pid: int) -> str:
    """Return the command line of a live process, '' when there is none or it is a zombie."""
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


def pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def wait(condition, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.03)
    return bool(condition())


def tail(file: Path, lines: int = 12) -> str:
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _unsupported(what: str) -> str:
    return (
        f"{what} may have no build for {platform.system()} {platform.machine()}. In that case "
        "install PostgreSQL 15 or later and Redis or Valkey, and give DATABASE_URL and REDIS_URL."
    )


def package_folder(name: str) -> Path:
    """Return the folder of a wheel. Raises EmbeddedError when it is not installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is not installed: run `make run` or `make test`, which install "
            f"it. {_unsupported('It')}"
        )
    return Path(spec.origin).parent


def require_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM_NEEDED:
        raise EmbeddedError(
            f"The disk of {folder} is full: {free // 2**20} MB left, "
            f"{ROOM_NEEDED // 2**20} MB needed. Free some space and try again."
        )


def is_free(port: int) -> bool:
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
