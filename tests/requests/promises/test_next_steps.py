"""The sweep reads the promises that have a step to come, and those are kept by triggers."""

from datetime import timedelta
from random import Random

from django.db.models import Min, Q

from requests.jobs.models import Job
from requests.promises import escalation
from requests.promises.models import EscalationStep, Promise
from tests.requests.promises.helpers import at, routed


def test_the_next_step_is_the_first_that_was_not_carried_out(landlord):
    rng = Random(1)
    routed(landlord)
    first = Min("steps__due_at", filter=Q(steps__done_at__isnull=True))
    for _step in range(12):
        step = EscalationStep.objects.order_by("?").first()
        what = rng.choice(["done", "open", "later", "saved", "deleted"])
        if what == "done":
            EscalationStep.objects.filter(pk=step.pk).update(done_at=at(0))
        elif what == "open":
            EscalationStep.objects.update(done_at=None)
        elif what == "later":
            EscalationStep.objects.update(due_at=step.due_at + timedelta(hours=1))
        elif what == "saved":
            promise = Promise.objects.get(pk=step.promise_id)
            promise.next_step_at = None
            promise.save()
        elif EscalationStep.objects.count() > 2:
            EscalationStep.objects.filter(pk=step.pk).delete()
        told = Promise.objects.annotate(first=first).values_list("next_step_at", "first")
        assert [one for one in told if one[0] != one[1]] == []


def test_a_promise_that_was_kept_has_no_due_step(landlord):
    claim = routed(landlord)
    assert escalation.sweep(now=at(10_000)) > 0
    Job.objects.all().delete()
    Promise.objects.filter(claim=claim).update(kept_at=at(1))
    assert escalation.sweep(now=at(10_000)) == 0


def test_a_sweep_goes_on_until_every_due_step_has_its_job(landlord, monkeypatch):
    monkeypatch.setattr(escalation, "MOST", 2)
    routed(landlord)
    due = EscalationStep.objects.filter(due_at__lte=at(10_000)).count()
    assert due > 4
    assert escalation.sweep_batch(now=at(10_000)) == 2
    assert escalation.sweep(now=at(10_000)) == due - 2
    assert Job.objects.filter(kind=Job.Kind.ESCALATE).count() == due


def test_steps_whose_jobs_stand_keep_no_other_from_the_batch(landlord, monkeypatch):
    monkeypatch.setattr(escalation, "MOST", 1)
    routed(landlord)
    for _step in range(3):
        assert escalation.sweep_batch(now=at(10_000)) == 1
    waits, given_up, ran = Job.objects.filter(kind=Job.Kind.ESCALATE).order_by("pk")
    waits.attempts = Job.MAX_ATTEMPTS
    waits.save()
    Job.objects.filter(pk=given_up.pk).update(done_at=at(1), given_up_reason="nobody is there")
    # A clock had jumped back: this one found nothing due and runs again.
    Job.objects.filter(pk=ran.pk).update(done_at=at(1))
    assert escalation.sweep_batch(now=at(10_000)) == 1
    assert Job.objects.filter(kind=Job.Kind.ESCALATE).count() == 3
    assert not Job.objects.filter(pk=ran.pk, done_at__isnull=False).exists()
    assert escalation.sweep_batch(now=at(10_000)) == 1
    assert Job.objects.filter(kind=Job.Kind.ESCALATE).count() == 4
