"""Check that the portal works: services, processes, progress of the jobs, disk, clock, backup."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from portal import antivirus
from portal.backups.latest import PULSE
from portal.clock import now
from portal.database import replica
from portal.file_storage import bucket_answers
from portal.models import Pulse

# Worker and sender answer beat every two seconds, beat ticks every five; due work is taken at once.
LIMITS = {name: timedelta(seconds=60) for name in ("worker", "sender", "beat")}
PROGRESS_LIMIT = timedelta(seconds=120)
BACKUP_LIMIT = timedelta(hours=26)
LEAST_ROOM = 0.05  # of the disk that holds the files
# Codes and sessions are dated by our clock, leases by the database's.
CLOCK_LIMIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """One check. ``age`` is how long ago it last worked, where that decides."""

    name: str
    ok: bool
    age: timedelta | None = None

    def as_dict(self) -> dict:
        seconds = None if self.age is None else round(self.age.total_seconds(), 1)
        return {"ok": self.ok} | ({} if seconds is None else {"age_seconds": seconds})


def checks() -> list[Check]:
    """Return all checks, in the order in which one explains the next. Never raises."""
    database = Check("database", _works(_database))
    broker = Check("broker", _works(_broker))
    disk = _files()
    if not database.ok:
        return [database, broker, disk]
    ages = {p.name: p.seen - p.at for p in Pulse.objects.annotate(seen=Now())}
    apart = abs(now() - _database_time())
    clock = Check("clock", apart <= CLOCK_LIMIT, apart)
    alive = [
        Check(name, name in ages and ages[name] <= limit, ages.get(name))
        for name, limit in LIMITS.items()
    ]
    waited = import_string(settings.PALIER_OLDEST_DUE)()
    progress = Check("progress", waited is None or waited <= PROGRESS_LIMIT, waited)
    more = [*_backup(ages.get(PULSE)), *_scanner(), *_replica()]
    return [database, broker, *alive, progress, disk, clock, *more]


def _backup(age: timedelta | None) -> list[Check]:
    """Check the age of the last backup where they are made every night."""
    if not settings.PALIER_BACKUP_DIR:
        return []
    return [Check("backup", age is not None and age <= BACKUP_LIMIT, age)]


def _files() -> Check:
    """Check that files can be kept: room on the disk, or a bucket that answers."""
    answers = bucket_answers()
    return Check("disk", _has_room()) if answers is None else Check("bucket", answers())


def _scanner() -> list[Check]:
    """Check that the virus scanner answers, where there is one: without it new files stay shut."""
    return [Check("antivirus", antivirus.is_up())] if antivirus.is_on() else []


def _replica() -> list[Check]:
    """Check that the replica keeps up, where there is one: without it the primary reads all."""
    return [Check("replica", replica.is_usable())] if replica.is_set() else []


def _has_room() -> bool:
    """Return whether files can still be kept; not known is no alarm."""
    try:
        found = shutil.disk_usage(settings.MEDIA_ROOT)
    except OSError:
        return True
    return found.free >= LEAST_ROOM * found.total


def _database_time() -> datetime:
    """Return what the database's clock says; the start of this statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _works(probe: Callable[[], object]) -> bool:
    try:
        probe()
    except Exception:
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1
    )
    with client:
        client.ping()
