"""Two workers never do one job; without the lease they do, so this test can fail."""

import contextlib
import threading

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from portal.clock import now
from requests.jobs import queue
from requests.jobs.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]
JOBS = 24


def reserve_without_lock(priorities, most) -> list[Job]:
    """The mutant: reads due rows like the real one, but holds nothing against the others."""
    due = Job.objects.filter(done_at__isnull=True, next_at__lte=Now()).order_by("next_at", "pk")
    return list(due[:most])


def begin_without_a_look(done, job, urgent) -> Job:
    """The same mutant: takes what it read, whoever has begun it meanwhile."""
    if done is not None:
        Job.objects.filter(pk=done.pk).update(done_at=Now())
    Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1)
    return job


def done_by_two_workers() -> list[str]:
    """Drain with two threads that meet inside each effect; returns the keys in effect order."""
    effects: list[str] = []
    meet = threading.Barrier(2)

    def effect(*, key, now):
        # Broken when the other one has nothing left to do, by that one's abort.
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(timeout=60)
        effects.append(key)

    def worker():
        try:
            queue.drain({"route": effect}, now)
        finally:
            meet.abort()
            connection.close()

    Job.objects.bulk_create(Job(kind="route", key=str(n), next_at=Now()) for n in range(JOBS))
    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return effects


def test_two_workers_share_the_work_without_doubling():
    effects = done_by_two_workers()
    assert sorted(effects, key=int) == [str(n) for n in range(JOBS)]


@pytest.mark.mutant
def test_without_the_lease_work_is_doubled(monkeypatch):
    monkeypatch.setattr(queue, "_reserve", reserve_without_lock)
    monkeypatch.setattr(queue, "_begin", begin_without_a_look)
    effects = done_by_two_workers()
    assert len(effects) > len(set(effects))
