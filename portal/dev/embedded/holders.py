"""Count the users of the servers: three locks (flock) inside home, and the watcher that stops them.

`start.lock` serialises starting and stopping; `holders.lock` is held shared by each user;
`watcher.lock` is held while the watcher runs. Standard library only, and no Django.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .postgres import Postgres
from .system import PATIENCE, EmbeddedError
from .valkey import Valkey

WATCHER = """
import sys
sys.path.append(sys.argv.pop(1))
from embedded.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
GRACE = 1.0  # seconds between the last holder's end and the stop

_held: dict[Path, int] = {}


@contextlib.contextmanager
def start_lock(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop. Raises EmbeddedError after three minutes."""
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


def hold(home: Path) -> None:
    """Count this process as a user of the servers until it ends or releases them."""
    if home not in _held:
        file = os.open(home / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        _held[home] = file


def release(home: Path) -> None:
    """Give up this process's hold, if any."""
    mine = _held.pop(home, None)
    if mine is not None:
        os.close(mine)


def stop_if_unheld(home: Path) -> bool:
    """Stop both servers when no process holds them. Call with the start lock.

    A holder that forked shares its lock with its children.
    """
    file = os.open(home / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        stop_both(home)
        return True
    finally:
        os.close(file)


def stop_both(home: Path) -> None:
    """Stop both servers. Call with the start lock."""
    Valkey(home).stop()
    Postgres(home).stop()


def watch(home: Path) -> None:
    """Start the watcher unless it lives."""
    file = os.open(home / "watcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(file)
    # Start it through sh so that it is not our child. Our folder comes last on its path, so that no
    # module of portal hides a library, and portal itself, which loads Celery, is never imported.
    parent = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-P", "-c", WATCHER, parent, "watch", str(home)]
    subprocess.run(
        ["/bin/sh", "-c", '"$@" </dev/null >>"$LOG" 2>&1 &', "sh", *command],
        env={**os.environ, "LOG": str(home / "watcher.log")},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        check=True,
    )


def watcher(home: Path) -> None:
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
        with start_lock(home):
            if stop_if_unheld(home):
                os.close(alone)
                return
