"""The landlords that are measured: databases of their own, made once and kept between runs.

A name carries a hash of what makes it (demo, catalogue, this folder's writers), so a change there
makes a new one and drops the old. New migrations and policies are applied to a landlord that is
there, as an operator's update does, and say how long they took. The comment of each database says
for which moment it was made and, while copies are added, how many there are: a run that was stopped
goes on. No name is that of the demo or of the tests.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import override_settings

from benchmarks import copies, supplement
from portal.clock import now
from portal.database import row_security
from portal.database.owner import as_owner
from requests.claims.models import Claim
from requests.figures import upkeep
from requests.figures.fact_models import Fact
from tests import databases

MADE_FROM = (
    "requests/demo/*.py",
    "requests/catalogue/*.csv",
    "benchmarks/supplement.py",
    "benchmarks/varied_words.py",
)
COPIED_BY = ("benchmarks/copies.py",)
UPDATED_BY = ("*/migrations/*.py", "requests/row_*.py", "portal/database/*.py")

AT_ONCE = (os.cpu_count() or 2) + 2  # sessions and processes that make a landlord


@dataclass(frozen=True)
class Size:
    """A landlord to measure: ``times`` is how often the landlord of ``dwellings`` is there."""

    name: str
    dwellings: int
    times: int = 1

    @property
    def total(self) -> int:
        return self.dwellings * self.times


# Multiplied too, so that each run tries what makes the largest ones. The demo's own writer makes
# each claim in Python: ten seconds of processor for 2,500 dwellings, half an hour for 500,000.
FIRST = Size("first2500", 2_500)  # what most others are multiplied from
SMALL = Size("small", 1_000, 3)
REFERENCE = Size("reference", 2_500, 10)
MIDDLE = Size("middle", 2_500, 40)
LARGE = Size("large", 2_500, 160)
SEEDED = Size("seeded", 2_500, 200)
HUGE = Size("huge", 2_500, 1_600)
SIZES = {size.name: size for size in (FIRST, SMALL, REFERENCE, MIDDLE, LARGE, SEEDED, HUGE)}


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
def _hash(files: tuple[str, ...]) -> str:
    """Return the hash of the files, as they were when this run first asked."""
    return databases.hash_of(*files)


def _name(size: Size) -> str:
    made_from = MADE_FROM + (COPIED_BY if size.times > 1 else ())
    return f"kept_{databases.BASE}_{size.name}_{_hash(made_from)}"


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
            [f"kept_{databases.BASE}_{size.name}_%".replace("_", r"\_"), name],
        )
        for (old,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(old)} WITH (FORCE)")


def _spent(began: float) -> dict[str, int]:
    """Return what making took: seconds, those of its processors in Python, and its MB at most."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": round(time.monotonic() - began),
        "processor": round(sum(one.ru_utime + one.ru_stime for one in used)),
        "memory": round(max(one.ru_maxrss for one in used) / 1024),
    }


def tidy() -> None:
    """Do what autovacuum would do in time: without it the first pages take minutes."""
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    owner.close()


def _migrate() -> None:
    with databases.draw_less():
        call_command("migrate", interactive=False, verbosity=0)


def _write(size: Size, moment: datetime) -> None:
    from requests.catalogue.actions import load_catalogue
    from requests.demo import seed

    with transaction.atomic():
        load_catalogue()
        seed.build(seed=1, dwellings=size.dwellings, now=moment)


def count_facts(moment: datetime) -> None:
    """Write the facts of all claims and their sums, by several processes."""
    Fact.objects.all().delete()
    keys = Claim.objects.system("a landlord to measure").order_by().values_list("pk", flat=True)
    chunks = list(upkeep.batched_keys(keys))
    connections.close_all()  # none may be shared with the processes
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("fork")) as pool:
        list(pool.map(partial(upkeep.write_facts, now=moment), chunks))
    upkeep.add_up(now=moment)


def _seed(size: Size, name: str, notes: dict | None) -> None:
    """Make the landlord through the demo's own writer, and add what the demo lacks.

    A run that was stopped begins again with the step in which it was.
    """
    began = time.monotonic()
    say = Progress(f"{size.total:,} dwellings")
    if not notes:
        databases.create(name, connection_limit=60)
        notes = {"moment": now().isoformat(), "steps": 0, "whole": False}
        notes["updated"] = _hash(UPDATED_BY)
    moment = datetime.fromisoformat(notes["moment"])
    steps: tuple[tuple[str, float, Callable[[], None]], ...] = (
        ("tables", 0, _migrate),
        ("people, homes and claims", 0.1, lambda: _write(size, moment)),
        ("promises, jobs, deliveries, letters, names", 0.7, lambda: supplement.fill(moment)),
        ("figures", 0.85, lambda: count_facts(moment)),
        ("statistics", 0.9, tidy),
    )
    for number, (label, share, work) in enumerate(steps):
        if number < notes["steps"]:
            continue
        say(label, share)
        with databases.use(name):
            work()
        with connection._nodb_cursor() as cursor:
            _note(cursor, name, notes | {"steps": number + 1})
    say.end()
    with connection._nodb_cursor() as cursor:
        _note(cursor, name, notes | {"whole": True, "spent": _spent(began)})


def _at_once(works: Sequence[Callable[[Any], None]], done: Callable[[int], None]) -> None:
    """Let several sessions of the owner do the works, in any order; say how many are done."""

    def run(work: Callable[[Any], None]) -> None:
        owner = connection.of_owner()
        try:
            with owner.cursor() as cursor:
                work(cursor)
        finally:
            owner.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = as_completed([pool.submit(run, work) for work in works])
        for number, end in enumerate(ends, 1):
            end.result()
            done(number)


def hold_the_owner() -> None:
    """Write the policies anew, with FORCE, which copying took off for the owner."""
    with as_owner(), connection.cursor() as cursor:
        for sql in row_security.statements():
            cursor.execute(sql)


def _told(say: copies.Say, label: str, begun: float, until: float, works: int, done: int) -> None:
    say(f"{label}: {done} of {works}", begun + (until - begun) * done / works)


def multiply(times: int, say: copies.Say) -> None:
    """Copy what the landlord of this connection has, or go on where a former run was stopped."""
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        copies.open_tables(cursor, times, say)
        writes = [
            [partial(copies.write, part=part, times=times) for part in turn]
            for turn in copies.to_write(cursor, times)
        ]
        builds = [
            [partial(copies.build, made=made) for made in turn] for turn in copies.to_build(cursor)
        ]
        share = 0.0
        for label, until, works in zip(
            ("homes and people", "claims", "indexes", "foreign keys", "foreign keys proved"),
            (0.1, 0.5, 0.75, 0.76, 0.9),
            [*writes, *builds],
            strict=True,
        ):
            say(label, share)
            _at_once(works, partial(_told, say, label, share, until, len(works)))
            share = until
        copies.close_tables(cursor)
        # Triggers did not count what was copied.
        cursor.execute("SELECT rule_recount()")
    owner.close()
    hold_the_owner()


def _multiply(size: Size, name: str, notes: dict | None, source: Callable[[], str]) -> None:
    """Make the landlord of ``source`` ``times`` times, or go on with it."""
    began = time.monotonic()
    if notes is None or not notes.get("moment"):
        origin = source()
        databases.copy(origin, name)
        notes = (_notes(origin) or {}) | {"whole": False}
        with connection._nodb_cursor() as cursor:
            _note(cursor, name, notes)
    say = Progress(f"{size.total:,} dwellings")
    with databases.use(name):
        multiply(size.times, say)
        say("figures", 0.9)
        upkeep.add_up(now=datetime.fromisoformat(notes["moment"]))
        say("statistics", 0.95)
        tidy()
        say.end()
    with connection._nodb_cursor() as cursor:
        _note(cursor, name, notes | {"whole": True, "spent": _spent(began)})


def _update(name: str, notes: dict) -> None:
    """Apply migrations and policies that came since the landlord was made."""
    began = time.monotonic()
    with databases.use(name):
        call_command("migrate", interactive=False, verbosity=0)
        hold_the_owner()
        took = time.monotonic() - began
        tidy()
    print(f"{name}: migrations and policies took {took:.0f} s", flush=True)
    with connection._nodb_cursor() as cursor:
        _note(cursor, name, notes | {"updated": _hash(UPDATED_BY)})


def make(size: Size) -> str:
    """Return the name of the landlord's database; make or update it unless it is there, whole."""
    name = _name(size)
    _drop_others(size, name)
    notes = _notes(name)
    if notes and notes.get("whole"):
        if notes.get("updated") != _hash(UPDATED_BY):
            _update(name, notes)
        return name
    # The demo tells staff of roles and openings by mail: no server listens here.
    nowhere = "django.core.mail.backends.dummy.EmailBackend"
    with override_settings(MEDIA_ROOT=media(), EMAIL_BACKEND=nowhere):
        if size.times > 1:
            first = Size(f"first{size.dwellings}", size.dwellings)
            _multiply(size, name, notes, lambda: make(first))
        else:
            _seed(size, name, notes)
    return name


def moment_of(name: str) -> datetime:
    """Return the moment for which the database was made."""
    return datetime.fromisoformat((_notes(name) or {})["moment"])


def spent_on(size: Size) -> dict[str, int]:
    """Return what making the landlord took (see ``_spent``); {} when it is not known."""
    return (_notes(_name(size)) or {}).get("spent", {})


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


@contextmanager
def scratch(size: Size, purpose: str) -> Iterator[None]:
    """Let this process change a copy of the landlord, now; it is dropped afterwards."""
    name = f"scratch_{databases.BASE}_{purpose}"
    databases.copy(make(size), name)
    try:
        with databases.use(name), override_settings(MEDIA_ROOT=media()):
            yield
    finally:
        databases.drop(name)
