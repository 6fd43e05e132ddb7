"""Write work as job rows, and drain those due under a lease, one at a time (docs/adr/0002).

Leases run on the database's clock, so that workers whose clocks differ cannot share a row.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from requests.jobs.models import Job
from requests.jobs.wake import wake_on_commit

log = logging.getLogger(__name__)
HOLD = timedelta(days=36_500)  # due in a century: held
MOST = 200  # jobs per message, so that a worker stops when asked


def enqueue(kind: str, key: object, *, delay: timedelta = timedelta(0), **payload: object) -> None:
    """Write one job row, due ``delay`` from now, in the transaction of the fact that needs it.

    ``kind`` and ``key`` are unique: a repeat adds nothing. ``payload`` holds JSON values that the
    handler takes as keyword arguments beside ``key`` and ``now``. Due by the database's clock,
    the only one that leases look at. Wakes a worker after the commit.
    """
    Job.objects.get_or_create(
        kind=kind, key=str(key), defaults={"payload": payload, "next_at": Now() + delay}
    )
    wake_on_commit()


def lease_due() -> Job | None:
    """Take the row that is due the longest, or None: attempt counted, lease set, then committed.

    One at a time: a job that kills its worker costs no other job an attempt, and no lease runs
    out while its row waits behind another.
    """
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, next_at__lte=Now(), attempts__lt=Job.MAX_ATTEMPTS)
            .order_by("next_at", "pk")
            .first()
        )
        if job is None:
            return None
        lease = timedelta(seconds=settings.PALIER_LEASE)
        Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1, next_at=Now() + lease)
        job.attempts += 1
        return job


def drain(handlers: Mapping[str, Callable], clock: Callable[[], datetime], most: int = MOST) -> int:
    """Run due jobs until none is left or ``most`` were tried; returns how many were tried.

    A handler takes ``key``, ``now`` and what its payload holds, and is idempotent. Its failure is
    written on the row and tried again after 2, 4, 8 … minutes, or as many seconds when it was our
    own database's (a deadlock, a lost connection); after ``MAX_ATTEMPTS`` the row waits for a
    person.
    """
    for tried in range(most):
        job = lease_due()
        if job is None:
            return tried
        try:
            handlers[job.kind](key=job.key, now=clock(), **job.payload)
        except Exception as error:
            log.warning("job %s %s, attempt %s: %r", job.kind, job.key, job.attempts, error)
            _failed(job, error)
        else:
            Job.objects.filter(pk=job.pk).update(done_at=Now(), error="")
    return most


def _failed(job: Job, error: Exception) -> None:
    """Make the job due again later; at once after the last attempt, so that people see it now."""
    last = job.attempts >= Job.MAX_ATTEMPTS
    step = timedelta(minutes=1)
    if isinstance(error, OperationalError | InterfaceError):
        step = timedelta(seconds=1)
    wait = timedelta() if last else step * 2**job.attempts
    # Only while we hold the lease: a slow failure must not free a row of another worker.
    Job.objects.filter(pk=job.pk, attempts=job.attempts, done_at__isnull=True).update(
        next_at=Now() + wait, error=repr(error)[:2000]
    )


def retry(*, job: Job) -> bool:
    """Allow eight more attempts from now: a person removed the cause. False if it is not dead."""
    changed = Job.objects.dead().filter(pk=job.pk).update(attempts=0, next_at=Now())
    if changed:
        wake_on_commit()
    return bool(changed)


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
