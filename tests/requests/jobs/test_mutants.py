"""Break the unique key of a filing and the count of attempts, and see their checks fail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from portal.clock import now
from requests.claims.models import Claim
from requests.filing import actions as filing
from requests.jobs import queue
from requests.jobs.models import Job
from tests import factories
from tests.databases import run_as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.mutant]


def filed_at_once(monkeypatch, landlord) -> int:
    """File the same twice, each looking before the other has written; return how many there are."""
    real, looks = filing._known, []

    def known(asked):
        looks.append(asked)
        return None if len(looks) < 3 else real(asked)

    monkeypatch.setattr(filing, "_known", known)
    for _ in range(2):
        factories.leak(landlord, now(), key="same", words="x")
    return Claim.objects.system("test").filter(key="same").count()


def test_the_unique_key_dropped(landlord, monkeypatch):
    with monkeypatch.context() as patch:
        assert filed_at_once(patch, landlord) == 1
    Claim.objects.system("test").update(key="other")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end forbids the change
    run_as_owner("ALTER TABLE requests_claim DROP CONSTRAINT claim_filed_once")
    assert filed_at_once(monkeypatch, landlord) == 2


ROUNDS = Job.MAX_ATTEMPTS + 3


def times_run(handler) -> int:
    """Return how often a job that kills its worker is begun, in more rounds than it is allowed."""
    begun = []

    def kill(**_kwargs):
        begun.append(1)
        raise SystemExit

    for _ in range(ROUNDS):
        try:
            queue.drain({"route": handler(kill)}, now, most=1)
        except SystemExit:
            factories.pass_time(minutes=2)
    return len(begun)


def counted_after(effect):
    """The mutant: hand the attempt back before the effect, and count it once that has ended."""

    def handler(*, key, **kwargs):
        rows = Job.objects.filter(kind="route", key=key)
        rows.update(attempts=F("attempts") - 1)
        effect(key=key, **kwargs)
        rows.update(attempts=F("attempts") + 1)

    return handler


def test_an_attempt_counted_after_the_effect():
    queue.enqueue("route", "x")
    assert times_run(lambda effect: effect) == Job.MAX_ATTEMPTS
    Job.objects.update(attempts=0, next_at=F("next_at") - timedelta(days=1))
    assert times_run(counted_after) == ROUNDS
