"""Drain due job rows under a lease, one transaction per effect."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from requests.models import Job

LEASE = timedelta(seconds=60)


def lease_due(now: datetime, most: int = 20) -> list[Job]:
    """Take up to ``most`` due rows: attempt counted and lease set before any effect."""
    with transaction.atomic():
        jobs = list(
            Job.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, next_at__lte=now, attempts__lt=Job.MAX_ATTEMPTS)
            .order_by("next_at")[:most]
        )
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
            attempts=F("attempts") + 1, next_at=now + LEASE
        )
    return jobs


def drain(handlers: Mapping[str, Callable], clock: Callable[[], datetime]) -> int:
    """Run due jobs until none is left; returns how many succeeded.

    A handler takes ``key`` and ``now`` and is idempotent. Its failure is written on the row
    and tried again after 2, 4, 8 … minutes; after ``MAX_ATTEMPTS`` the row waits for a person.
    """
    done = 0
    while jobs := lease_due(clock()):
        for job in jobs:
            try:
                handlers[job.kind](key=job.key, now=clock())
            except Exception as error:
                later = clock() + timedelta(minutes=2 ** (job.attempts + 1))
                Job.objects.filter(pk=job.pk).update(next_at=later, error=repr(error)[:2000])
            else:
                Job.objects.filter(pk=job.pk).update(done_at=clock(), error="")
                done += 1
    return done
