"""Run PostgreSQL and Valkey from wheels, so that a fresh clone needs nothing but Python and make.

`ensure(home)` starts what is not running and returns the addresses; the caller then counts as a
holder until it ends. A small watcher process stops both servers once no holder is left, however
the holders ended. Production gives DATABASE_URL and REDIS_URL and never comes here.

Standard library only, and no Django. Imports inside are relative, because the watcher loads this
package without its parent (holders.py says why); only ``ensure`` needs the parent.
"""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

if os.name != "posix":
    raise ImportError(
        "The embedded services run on Linux and macOS. On Windows use WSL, or give DATABASE_URL "
        "and REDIS_URL."
    )

from .holders import hold, release, start_lock, stop_both, stop_if_unheld, watch
from .postgres import OWNER, Postgres
from .system import (
    EmbeddedError,
    default_home,
    explain_errors,
    free_port,
    open_home,
    outside_path,
    resolve,
)
from .valkey import Valkey

__all__ = [
    "EmbeddedError",
    "Services",
    "default_home",
    "destroy",
    "ensure",
    "free_port",
    "leave",
    "running",
    "stop",
]


@dataclass(frozen=True)
class Services:
    """The addresses at which both servers answer."""

    database_url: str  # as the application
    redis_url: str
    owner_url: str  # as the owner of the tables
    started: bool  # whether this call started anything


def ensure(home: Path | None = None) -> Services:
    """Start what does not run; return both addresses.

    This process holds the servers until it ends or calls ``leave``.
    """
    home = open_home(home)
    with explain_errors(), start_lock(home):
        hold(home)
        postgres, valkey = Postgres(home), Valkey(home)
        started = postgres.start()
        postgres.make_roles()
        started = valkey.start() or started
        watch(home)
        return Services(postgres.url(), valkey.url(), postgres.url(OWNER), started=started)


def running(home: Path | None = None) -> bool:
    """Return whether both servers answer now."""
    home = resolve(home)
    return home.is_dir() and Postgres(home).alive() and Valkey(home).alive()


def stop(home: Path | None = None) -> None:
    """Stop both servers whoever holds them. Data stays."""
    home = resolve(home)
    if home.is_dir():
        with explain_errors(), start_lock(home):
            stop_both(home)


def leave(home: Path | None = None) -> bool:
    """Give up this process's hold; stop the servers now if it was the last. True if stopped."""
    home = resolve(home)
    release(home)
    if not home.is_dir():
        return False
    with explain_errors(), start_lock(home):
        return stop_if_unheld(home)


def destroy(home: Path | None = None) -> None:
    """Stop both servers and delete their data, including what lies outside home."""
    home = resolve(home)
    if not home.is_dir():
        return
    stop(home)
    leave(home)
    for path in (home / "postgres", home / "valkey", outside_path(home)):
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (home / "postgres.place").unlink()
