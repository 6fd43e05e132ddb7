"""The sweep reads the promises that have a step to come, and those are kept by triggers."""

from datetime import timedelta
from random import Random

from django.db.models import Min, Q

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
    Promise.objects.filter(claim=claim).update(kept_at=at(1))
    assert escalation.sweep(now=at(10_000)) == 0
