"""Link new rows of the trail into the chain, batch by batch; one sealer works at a time."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from portal.audit import digest
from portal.audit.sources import Source, sources
from portal.audit_models import AuditBatch, AuditKey, AuditSeal

LOCK = 7_254_727  # key of the advisory lock that a sealer holds; any number will do
MOST = 1000  # rows in one batch
NOBODY = ("", b"")  # name of the key and key of columns that concern nobody
# A transaction may commit a row after later ones were sealed. None lasts longer than this;
# `manage.py audit seal` looks at all rows all the same.
LONGEST_TRANSACTION = timedelta(hours=1)


def run(now: datetime, *, batches: int = 30, everything: bool = False) -> int:
    """Seal what waits, at most ``batches`` at once; return the number of rows.

    What waits is looked for once, not for each batch: a backlog of a million rows would be read
    again a thousand times. 0 when another sealer is at work.

    ``everything`` looks for rows that were left out in the past too.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        keys = _next(now, batches * MOST, everything=everything)
    total = 0
    for start in range(0, len(keys), MOST):
        sealed = _seal(now, keys[start : start + MOST])
        total += sealed
        if not sealed:
            break
    return total


def seal(now: datetime, *, everything: bool = False) -> int:
    """Seal the next batch and return its number of rows; 0 when another sealer is at work.

    ``everything`` looks for rows that were left out in the past too.
    """
    return run(now, batches=1, everything=everything)


def _alone() -> bool:
    """Return whether no other sealer works, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _next(now: datetime, most: int, *, everything: bool) -> list[tuple[Source, int]]:
    """Return the next ``most`` rows that no batch holds."""
    old = AuditBatch.objects.filter(made_at__lte=now - LONGEST_TRANSACTION).order_by("-number")
    settled = None if everything else old.first()
    floor: dict[str, int] = settled.upto if settled else {}
    found: list[tuple[Source, int]] = []
    for source in sources().values():
        keys = _waiting(source, floor.get(source.code), now)[: most - len(found)]
        found += [(source, key) for key in keys]
    return found


@transaction.atomic
def _seal(now: datetime, keys: list[tuple[Source, int]]) -> int:
    """Seal one batch; 0 when another sealer began meanwhile."""
    if not _alone():
        return 0
    former = AuditBatch.objects.order_by("-number").first()
    found: dict[Source, dict[int, dict[str, Any]]] = {}
    for source in sources().values():
        wanted = [key for one, key in keys if one == source]
        sealed = AuditSeal.objects.filter(source=source.code, row__in=wanted)
        wanted = sorted({*wanted} - {*sealed.values_list("row", flat=True)}) if wanted else []
        if rows := source.read(wanted) if wanted else {}:
            found[source] = rows
    seals = _seals(found)
    if not seals:
        return 0
    upto = dict(former.upto) if former else {}
    for source, rows in found.items():
        upto[source.code] = max(upto.get(source.code, 0), *rows)
    batch = AuditBatch(
        number=former.number + 1 if former else 1,
        made_at=now,
        previous=former.head if former else "",
        rows=len(seals),
        upto=upto,
    )
    batch.head = head_of(batch, seals)
    batch.save(force_insert=True)
    for row in seals:
        row.batch = batch
    AuditSeal.objects.bulk_create(seals, batch_size=500)
    return len(seals)


def head_of(batch: AuditBatch, seals: list[AuditSeal]) -> str:
    """Return the head that the batch must have with these seals."""
    return digest.head(
        number=batch.number,
        made_at=batch.made_at,
        previous=batch.previous,
        upto=batch.upto,
        seals=sorted((s.source, s.row, s.digest, s.marks) for s in seals),
    )


def waiting(now: datetime) -> dict[str, int]:
    """Return how many settled rows no batch holds yet, by source."""
    counts = {code: _waiting(source, None, now).count() for code, source in sources().items()}
    return {code: number for code, number in counts.items() if number}


def _waiting(source: Source, floor: int | None, now: datetime):
    sealed = AuditSeal.objects.filter(source=source.code, row=OuterRef("pk"))
    rows = source.settled(now).filter(~Exists(sealed))
    if floor is not None:
        rows = rows.filter(pk__gt=floor)
    return rows.order_by("pk").values_list("pk", flat=True)


def _seals(found: dict[Source, dict[int, dict[str, Any]]]) -> list[AuditSeal]:
    persons = {
        person
        for source, rows in found.items()
        for row in rows.values()
        for personal in source.personal
        if (person := digest.person_of(row, personal))
    }
    keys = _keys(persons)
    return [_sealed(row, source, keys) for source, rows in found.items() for row in rows.values()]


def _sealed(row: dict[str, Any], source: Source, keys: dict[str, AuditKey]) -> AuditSeal:
    marks = {}
    for personal in source.personal:
        person = digest.person_of(row, personal)
        name, secret = (str(keys[person].pk), bytes(keys[person].secret)) if person else NOBODY
        marks[personal.group] = [name, digest.mark(row, personal, source, secret)]
    return AuditSeal(
        source=source.code,
        row=row["pk"],
        digest=digest.digest(row, source, marks),
        marks=marks,
    )


def _keys(persons: set[str]) -> dict[str, AuditKey]:
    """Return the key of each person; whoever has none gets one."""
    found = {key.person: key for key in AuditKey.objects.filter(person__in=persons)}
    fresh = [
        AuditKey(id=uuid.uuid4(), person=person, secret=secrets.token_bytes(32))
        for person in sorted(persons - found.keys())
    ]
    AuditKey.objects.bulk_create(fresh)
    return found | {key.person: key for key in fresh}
