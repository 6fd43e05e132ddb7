"""Write work as job rows, and drain those due under a lease (docs/adr/0002, docs/adr/0063).

Leases run on the database's clock, so that workers whose clocks differ cannot share a row. A
worker reserves a few rows at once and begins them one after the other: the statement that counts
the attempt of the next one, before its effect, also writes that the last one is done.
"""

import errno
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from portal.memory import reading_once
from portal.telemetry import span
from portal.transactions import is_away
from requests.jobs.models import Job
from requests.jobs.priorities import Priority, priority_of
from requests.jobs.wake import wake_on_commit

log = logging.getLogger(__name__)
HOLD = timedelta(days=36_500)  # due in a century: held
MOST = 200  # jobs per message
SECONDS = 5.0  # per message, so that sweeps and a request to stop get their turn
ALL = tuple(Priority)
# A failure of our own database or disk is nobody's attempt, this many times: about half an hour.
MOST_HICCUPS = 60
LONGEST_HICCUP = 30  # seconds
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
PATIENCE = (0.2, 1.0, 2.0)  # seconds between tries to write an outcome
BATCH = 10  # rows that a worker reserves at once
# Longer than most jobs take, and short enough for what a dead worker had reserved.
RESERVED = timedelta(seconds=15)
COLUMNS = ("id", "kind", "key", "payload", "attempts", "hiccups", "priority", "next_at")
# The priorities in their order: the limit ends the look before those that are not needed.
RESERVE = f"""
WITH picked AS (
    SELECT job.id, job.due FROM unnest(%s::int[]) WITH ORDINALITY AS urgency (priority, turn)
    CROSS JOIN LATERAL (
        SELECT id, next_at AS due FROM requests_job
        WHERE done_at IS NULL AND attempts < %s AND priority = urgency.priority
            AND next_at <= statement_timestamp()
        ORDER BY next_at, id LIMIT %s FOR UPDATE SKIP LOCKED
    ) job LIMIT %s
)
UPDATE requests_job SET next_at = statement_timestamp() + %s FROM picked
WHERE requests_job.id = picked.id
RETURNING {", ".join(f"requests_job.{column}" for column in COLUMNS)}, picked.due
"""  # noqa: S608 (columns of ours)
BEGIN = """
WITH ended AS (
    UPDATE requests_job SET done_at = statement_timestamp(), error = '' WHERE id = %s
)
UPDATE requests_job SET attempts = attempts + 1, next_at = statement_timestamp() + %s
WHERE id = %s AND attempts = %s AND next_at = %s AND done_at IS NULL
RETURNING attempts, next_at, EXISTS (
    SELECT FROM requests_job other WHERE other.priority = ANY (%s::int[])
    AND other.done_at IS NULL AND other.attempts < %s AND other.next_at <= statement_timestamp()
)
"""


def enqueue(
    kind: str,
    key: object,
    *,
    delay: timedelta = timedelta(0),
    emergency: bool = False,
    **payload: object,
) -> None:
    """Write one job row, due ``delay`` from now, in the transaction of the fact that needs it.

    ``kind`` and ``key`` are unique: a repeat adds nothing. ``payload`` holds JSON values that the
    handler takes as keyword arguments beside ``key`` and ``now``. Due by the database's clock,
    the only one that leases look at. What concerns an ``emergency`` is taken before the rest.
    Wakes the process that works it, after the commit.
    """
    priority = priority_of(kind, emergency=emergency)
    row = Job(kind=kind, key=str(key), payload=payload, next_at=Now() + delay, priority=priority)
    # One statement, where asking first would take two and a savepoint.
    Job.objects.bulk_create([row], ignore_conflicts=True)
    wake_on_commit(priority)


def enqueue_all(kind: str, delays: Mapping[Any, timedelta]) -> None:
    """Write one job row for each key, due its delay from now, as ``enqueue`` does, in one go."""
    priority = priority_of(kind, emergency=False)
    Job.objects.bulk_create(
        (
            Job(kind=kind, key=str(key), next_at=Now() + delay, priority=priority)
            for key, delay in delays.items()
        ),
        ignore_conflicts=True,
    )
    if delays:
        wake_on_commit(priority)


def lease_due(priorities: Sequence[int] = ALL) -> Job | None:
    """Take the most urgent due row, or None: attempt counted, lease set, then committed.

    ``priorities`` are looked at in their order; in each, the row that is due the longest comes
    first.
    """
    return _begin(None, held[0], ()) if (held := _reserve(priorities, 1)) else None


def _reserve(priorities: Sequence[int], most: int) -> list[Job]:
    """Keep the most urgent due rows from other workers for ``RESERVED``, in order; count nothing.

    A worker that dies with them costs them these seconds and no attempt.
    """
    rows = _rows(RESERVE, [list(map(int, priorities)), Job.MAX_ATTEMPTS, most, most, RESERVED])
    place = {int(priority): number for number, priority in enumerate(priorities)}
    rows.sort(key=lambda row: (place[row[6]], row[8], row[0]))
    return [
        Job(**dict(zip(COLUMNS, row[:-1], strict=True)) | {"payload": json.loads(row[3])})
        for row in rows
    ]


def _begin(done: Job | None, job: Job, urgent: Sequence[int]) -> Job | None:
    """Write that ``done`` is, and count the attempt of a reserved ``job``, in one statement.

    Returns None when the reservation ran out and another worker has it. Whether work of the
    ``urgent`` priorities came due meanwhile is told by ``job.is_pressed``.
    """
    lease = timedelta(seconds=settings.PALIER_LEASE)
    values = [done.pk if done else None, lease, job.pk, job.attempts, job.next_at]
    rows = _rows(BEGIN, [*values, list(map(int, urgent)), Job.MAX_ATTEMPTS])
    if not rows:
        return None
    job.attempts, job.next_at, job.is_pressed = rows[0]
    return job


def _hand_back(done: Job | None, held: Sequence[Job]) -> None:
    """Write that ``done`` is, and make what was reserved and not begun due again."""
    if done is not None:
        _write(Job.objects.filter(pk=done.pk), done_at=Now(), error="")
    if held:
        keys = [job.pk for job in held]
        Job.objects.filter(pk__in=keys, next_at=held[0].next_at).update(next_at=Now())


def _rows(sql: str, values: Sequence[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _due(priority: int) -> QuerySet[Job]:
    return Job.objects.waiting().filter(priority=priority, next_at__lte=Now())


def is_due(priorities: Sequence[int] = ALL) -> bool:
    """Return whether work of one of the priorities is due."""
    return any(_due(priority).exists() for priority in priorities)


def drain(
    handlers: Mapping[str, Callable],
    clock: Callable[[], datetime],
    most: int = MOST,
    *,
    priorities: Sequence[int] = ALL,
    seconds: float | None = None,
) -> int:
    """Run due jobs until none is left, ``most`` were tried or ``seconds`` have passed.

    ``seconds``: ``SECONDS`` unless given.

    Returns how many were tried. A handler takes ``key``, ``now`` and what its payload holds, and
    is idempotent. Its failure is written on the row and tried again after 2, 4, 8 … minutes;
    after ``MAX_ATTEMPTS`` the row waits for a person. When our own database or disk failed
    (``is_hiccup``), the attempt is handed back and made again in seconds.
    """
    limit = time.monotonic() + (SECONDS if seconds is None else seconds)
    held: deque[Job] = deque()
    done: Job | None = None
    tried = 0
    while tried < most and time.monotonic() < limit:
        if not held:
            held.extend(_reserve(priorities, min(BATCH, most - tried)))
            if not held:
                break
        job, done = _next(done, held, priorities)
        if job is None:
            continue
        tried += 1
        try:
            # No job changes what ``once`` keeps: the landlord, calendars, rules, mailboxes.
            with span(f"job {job.kind}"), reading_once():
                handlers[job.kind](key=job.key, now=clock(), **job.payload)
        except Exception as error:
            log.warning("job %s %s, attempt %s: %r", job.kind, job.key, job.attempts, error)
            _failed(job, error)
        else:
            done = job
        if job.is_pressed:  # something more urgent is due: it goes before what was reserved
            _hand_back(done, held)
            held.clear()
            done = None
    _hand_back(done, held)
    return tried


def _next(
    done: Job | None, held: deque[Job], priorities: Sequence[int]
) -> tuple[Job | None, Job | None]:
    """Begin the first of ``held``; return it and what is still to be written as done.

    None when another worker has it. Where the connection broke, what was reserved is let go.
    """
    job = held.popleft()
    urgent = [p for p in priorities if p < job.priority]
    try:
        return _begin(done, job, urgent), None
    except Error as error:
        if connection.in_atomic_block or not is_away(error):
            raise
        held.clear()
        connection.close_if_unusable_or_obsolete()
        if done is not None:
            _write(Job.objects.filter(pk=done.pk), done_at=Now(), error="")
        return None, None


def is_hiccup(error: BaseException) -> bool:
    """Return whether the database was away or gave up on a lock, or the disk is full."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    return is_away(error)


def _failed(job: Job, error: Exception) -> None:
    """Make the job due again later; at once after the last attempt, so that people see it now."""
    # Only while we hold the lease: a slow failure must not free a row of another worker.
    ours = Job.objects.filter(
        pk=job.pk, attempts=job.attempts, hiccups=job.hiccups, done_at__isnull=True
    )
    said = repr(error)[:2000]
    if is_hiccup(error) and job.hiccups < MOST_HICCUPS:
        step = min(2 ** (job.hiccups + 1), LONGEST_HICCUP)
        back = {"attempts": F("attempts") - 1, "hiccups": F("hiccups") + 1}
        _write(ours, next_at=Now() + timedelta(seconds=step), error=said, **back)
        return
    last = job.attempts >= Job.MAX_ATTEMPTS
    wait = timedelta() if last else timedelta(minutes=2**job.attempts)
    _write(ours, next_at=Now() + wait, error=said)


def _write(rows: QuerySet[Job], **outcome: object) -> None:
    """Write what became of a job, on a new connection when the old one broke with it.

    Raises OperationalError or InterfaceError when the database stays away: the lease then ends by
    itself.
    """
    for pause in PATIENCE:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        try:
            rows.update(**outcome)
        except Error as error:
            if connection.in_atomic_block or not is_away(error):
                raise
            time.sleep(pause)
        else:
            return
    connection.close_if_unusable_or_obsolete()
    rows.update(**outcome)


def retry(*, job: Job) -> bool:
    """Allow eight more attempts from now: a person removed the cause. False if it is not dead."""
    changed = Job.objects.dead().filter(pk=job.pk).update(attempts=0, hiccups=0, next_at=Now())
    if changed:
        wake_on_commit(job.priority)
    return bool(changed)


def revive(kind: str, *, error: str) -> int:
    """Make the jobs of a kind due now that failed with this error: its cause is gone.

    ``error`` is the name of the exception. Their attempts begin anew: the failures were nobody's.
    Returns how many.
    """
    failed = Job.objects.filter(kind=kind, done_at__isnull=True, error__startswith=f"{error}(")
    later = Q(next_at__gt=Now()) | Q(attempts__gte=Job.MAX_ATTEMPTS)
    failed = failed.filter(later, attempts__gt=0, next_at__lt=Now() + HOLD / 2)
    return failed.update(attempts=0, hiccups=0, next_at=Now())


def give_up(*, job: Job, reason: str, by) -> bool:
    """End a dead job for a person, with the reason. False if it is not dead any more."""
    return bool(
        Job.objects.dead()
        .filter(pk=job.pk)
        .update(done_at=Now(), given_up_by=by, given_up_reason=reason)
    )


def held_jobs() -> QuerySet[Job]:
    """Return the jobs postponed by ``hold``."""
    return Job.objects.waiting().filter(next_at__gt=Now() + HOLD / 2)


def hold() -> int:
    """Keep back all work that waits, in order; new work goes on. Returns how much."""
    waiting = Job.objects.waiting().exclude(pk__in=held_jobs().values("pk"))
    return waiting.update(next_at=F("next_at") + HOLD)


def release(*, since: datetime | None = None) -> int:
    """Let held work go, or only what was due since an aware ``since``. Returns how much."""
    chosen = held_jobs()
    if since is not None:
        chosen = chosen.filter(next_at__gte=since + HOLD)
    return chosen.update(next_at=F("next_at") - HOLD)
