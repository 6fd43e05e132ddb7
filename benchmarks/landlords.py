"""The landlords that are measured: databases of their own, made once and kept between runs.

A name carries a hash of what makes it (migrations, demo, catalogue, this folder's writers), so a
change there makes a new one and drops the old. The comment of each database says for which moment
it was made and, while copies are added, how many there are: a run that was stopped goes on. No
name is that of the demo or of the tests.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import override_settings

from benchmarks import filling, multiplying
from portal.clock import now
from portal.database import row_security
from portal.database.owner import as_owner
from tests import databases

MADE_FROM = (
    "*/migrations/*.py",
    "requests/demo/*.py",
    "requests/catalogue/*.csv",
    "requests/row_*.py",
    "portal/database/*.py",
    "benchmarks/filling.py",
    "benchmarks/multiplying.py",
    "benchmarks/varied_words.py",
)


@dataclass(frozen=True)
class Size:
    """A landlord to measure: ``times`` is how often the landlord of ``dwellings`` is there."""

    name: str
    dwellings: int
    times: int = 1

    @property
    def total(self) -> int:
        return self.dwellings * self.times


# Multiplied too, so that each run tries what makes the largest ones.
SMALL = Size("small", 1_000, 3)
REFERENCE = Size("reference", 25_000)
LARGE = Size("large", 25_000, 16)
HUGE = Size("huge", 25_000, 160)
SIZES = {size.name: size for size in (SMALL, REFERENCE, LARGE, HUGE)}


class Progress:
    """A bar on a terminal, a line for each tenth elsewhere."""

    def __init__(self, what: str) -> None:
        self.what, self.share, self.began = what, -1.0, time.monotonic()

    def __call__(self, label: str, share: float) -> None:
        """Say that ``label`` begins, when ``share`` of the work is done."""
        before, self.share = self.share, share
        line = f"{self.what} {share:4.0%} {time.monotonic() - self.began:5.0f} s  {label}"
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[K{'█' * round(share * 24):<24} {line}")
            sys.stdout.flush()
        elif int(before * 10) != int(share * 10) or before < 0:
            print(line, flush=True)

    def end(self) -> None:
        self("ready", 1)
        if sys.stdout.isatty():
            print()


def media() -> Path:
    """Return the folder of the landlords' files; nothing else is kept there."""
    folder = Path(settings.BASE_DIR) / ".palier" / "bench" / "media"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _state() -> str:
    """Return the hash of what makes a landlord, as it was when this run began."""
    return databases.hash_of(*MADE_FROM)


def _name(size: Size, state: str) -> str:
    return f"kept_{databases.BASE}_{size.name}_{state}"


def _notes(name: str) -> dict | None:
    """Return what the comment of the database says; None where there is no such database."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '{}') FROM pg_database"
            " WHERE datname = %s",
            [name],
        )
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


def _note(cursor, name: str, notes: dict) -> None:
    cursor.execute(
        f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS '{json.dumps(notes)}'"
    )


def _drop_others(size: Size, name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname <> %s",
            [_name(size, "%").replace("_", r"\_"), name],
        )
        for (old,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {connection.ops.quote_name(old)} WITH (FORCE)")


def _tidy() -> None:
    """Do what autovacuum would do in time: without it the first pages take minutes."""
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    owner.close()


def _seed(size: Size, name: str) -> None:
    """Make the landlord through the demo's own writer, and add what the demo lacks."""
    from requests.catalogue.actions import load_catalogue
    from requests.demo import seed

    say = Progress(f"{size.total:,} dwellings")
    moment = now()
    databases.create(name, connection_limit=60)
    with databases.use(name):
        say("tables", 0)
        call_command("migrate", interactive=False, verbosity=0)
        say("people, homes and claims", 0.1)
        with transaction.atomic():
            load_catalogue()
            seed.build(seed=1, dwellings=size.dwellings, now=moment)
        say("promises, jobs, deliveries, letters, names", 0.7)
        filling.fill(moment)
        say("statistics", 0.9)
        _tidy()
        say.end()
    with connection._nodb_cursor() as cursor:
        _note(cursor, name, {"moment": moment.isoformat(), "copies": 1, "whole": True})


def hold_the_owner() -> None:
    """Write the policies anew, with FORCE, which multiplying took off for the owner."""
    with as_owner(), connection.cursor() as cursor:
        for sql in row_security.statements():
            cursor.execute(sql)


def _multiply(size: Size, name: str, notes: dict | None, source: Callable[[], str]) -> None:
    """Copy the landlord of ``source`` ``times`` times, or go on where a former run was stopped."""
    if notes is None or not notes.get("moment"):
        origin = source()
        databases.copy(origin, name)
        known = _notes(origin) or {}
        notes = {"moment": known["moment"], "copies": 1, "whole": False}
        with connection._nodb_cursor() as cursor:
            _note(cursor, name, notes)
    say = Progress(f"{size.total:,} dwellings")
    with databases.use(name):
        owner = connection.of_owner()
        with owner.cursor() as cursor:
            multiplying.open_tables(cursor, size.times, say)
            for number in range(notes["copies"], size.times):
                say(f"copy {number + 1} of {size.times}", number / size.times / 2)
                # The count and the rows are committed together.
                cursor.execute("BEGIN")
                multiplying.add_copy(cursor, number)
                notes["copies"] = number + 1
                _note(cursor, name, notes)
                cursor.execute("COMMIT")
            multiplying.close_tables(cursor, say)
        owner.close()
        hold_the_owner()
        say("statistics", 0.99)
        _tidy()
        say.end()
    with connection._nodb_cursor() as cursor:
        _note(cursor, name, notes | {"whole": True})


def make(size: Size) -> str:
    """Return the name of the landlord's database; make it unless it is there and whole."""
    name = _name(size, _state())
    _drop_others(size, name)
    notes = _notes(name)
    if notes and notes.get("whole"):
        return name
    with override_settings(MEDIA_ROOT=media()):
        if size.times > 1:
            first = Size("first", size.dwellings)
            first = REFERENCE if size.dwellings == REFERENCE.dwellings else first
            _multiply(size, name, notes, lambda: make(first))
        else:
            databases.drop(name)
            _seed(size, name)
    return name


def moment_of(name: str) -> datetime:
    """Return the moment for which the database was made."""
    return datetime.fromisoformat((_notes(name) or {})["moment"])


@contextmanager
def landlord(size: Size, *, travels: bool = True) -> Iterator[str]:
    """Let this process work on the landlord, at the moment for which it was made.

    It answers as on its first day, so that runs weeks apart measure the same. Without ``travels``
    it is now: for other processes, whose clock is real.
    """
    name = make(size)
    moment = time_machine.travel(moment_of(name), tick=True) if travels else nullcontext()
    with databases.use(name), override_settings(MEDIA_ROOT=media()), moment:
        yield name
