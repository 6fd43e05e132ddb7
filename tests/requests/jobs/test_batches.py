"""Jobs are reserved by the handful; each attempt is still counted alone, before its effect."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from portal.clock import now
from requests.jobs import queue, wake
from requests.jobs.models import Job
from requests.jobs.priorities import Priority
from tests.factories import pass_time


def statements(jobs: int) -> int:
    """Return the statements of draining so many jobs that do nothing."""
    Job.objects.bulk_create(
        Job(kind="route", key=f"{jobs}-{n}", next_at=Now()) for n in range(jobs)
    )
    with CaptureQueriesContext(connection) as seen:
        assert queue.drain({"route": lambda **_: None}, now) == jobs
    return len(seen)


@pytest.mark.django_db
def test_a_job_costs_one_statement_and_a_batch_one_more():
    # Reserve ten, begin each, and one look that finds nothing; the last is written as done.
    assert statements(1) == 1 + 1 + 1 + 1
    assert statements(40) == 4 + 40 + 1 + 1


@pytest.mark.django_db
def test_the_attempt_is_counted_before_the_effect_and_of_no_other_job():
    Job.objects.bulk_create(Job(kind="route", key=str(n), next_at=Now()) for n in range(3))
    seen = []

    def die(*, key, now):
        seen.append(dict(Job.objects.values_list("key", "attempts")))
        raise SystemExit

    with pytest.raises(SystemExit):
        queue.drain({"route": die}, now)
    assert seen == [{"0": 1, "1": 0, "2": 0}]
    # What the dead worker had reserved waits seconds, not a lease, and has lost no attempt.
    assert not queue.is_due()
    pass_time(seconds=queue.RESERVED.total_seconds() + 1)
    assert [queue.lease_due().key for _ in range(2)] == ["1", "2"]
    assert dict(Job.objects.values_list("key", "attempts")) == {"0": 1, "1": 1, "2": 1}


@pytest.mark.django_db
def test_an_emergency_waits_for_one_job_and_not_for_a_batch():
    Job.objects.bulk_create(Job(kind="route", key=str(n), next_at=Now()) for n in range(5))
    order = []

    def work(*, key, now):
        order.append(key)
        if key == "1":
            Job.objects.create(kind="ring", key="gas", next_at=Now(), priority=Priority.EMERGENCY)

    queue.drain({"route": work, "ring": work}, now)
    # It came during the second: the third had its attempt counted already, or not yet.
    assert order == ["0", "1", "2", "gas", "3", "4"]
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
def test_a_reservation_that_ran_out_is_left_to_who_has_the_job():
    Job.objects.bulk_create(Job(kind="route", key=str(n), next_at=Now()) for n in range(2))
    done = []

    def slow(*, key, now):
        done.append(key)
        if len(done) == 1:
            pass_time(minutes=1)
            other = queue.lease_due()
            done.append(f"other {other.key}")

    queue.drain({"route": slow}, now, most=2)
    assert done[:2] == ["0", "other 1"]
    assert "1" not in done


@pytest.mark.django_db
def test_what_was_reserved_and_not_begun_is_due_again_at_once(monkeypatch):
    Job.objects.bulk_create(Job(kind="route", key=str(n), next_at=Now()) for n in range(5))
    assert queue.drain({"route": lambda **_: None}, now, most=2) == 2
    assert Job.objects.filter(next_at__lte=Now(), done_at=None).count() == 3


def test_a_step_that_writes_several_jobs_wakes_once(
    landlord, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(wake, "wake", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        for key in "abc":
            queue.enqueue("notify", key)
        queue.enqueue("deliver", "d")
        queue.enqueue("notify", "a")
    assert sent == [wake.DRAIN, wake.SEND]
    assert Job.objects.count() == 4
