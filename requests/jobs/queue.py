"""Write work as job rows, and drain those due under a lease, one at a time (docs/adr/0002).

Leases run on the database's clock, so that workers whose clocks differ cannot share a row.
"""

import errno
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

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
    Job.objects.get_or_create(
        kind=kind,
        key=str(key),
        defaults={"payload": payload, "next_at": Now() + delay, "priority": priority},
    )
    wake_on_commit(priority)


def lease_due(priorities: Sequence[int] = ALL) -> Job | None:
    """Take the most urgent due row, or None: attempt counted, lease set, then committed.

    ``priorities`` are looked at in their order; in each, the row that is due the longest comes
    first. One at a time: a job that kills its worker costs no other job an attempt, and no lease
    runs out while its row waits behind another.
    """
    with transaction.atomic():
        for priority in priorities:
            # One look for each: an index ordered by both would walk over all that is due later.
            job = (
                _due(priority).select_for_update(skip_locked=True).order_by("next_at", "pk").first()
            )
            if job is not None:
                break
        else:
            return None
        lease = timedelta(seconds=settings.PALIER_LEASE)
        Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, next_at=Now() + lease)
        job.attempts += 1
        return job


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
    for tried in range(most):
        job = lease_due(priorities) if time.monotonic() < limit else None
        if job is None:
            return tried
        try:
            with span(f"job {job.kind}"):
                handlers[job.kind](key=job.key, now=clock(), **job.payload)
        except Exception as error:
            log.warning("job %s %s, attempt %s: %r", job.kind, job.key, job.attempts, error)
            _failed(job, error)
        else:
            _write(Job.objects.filter(pk=job.pk), done_at=Now(), error="")
    return most


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
