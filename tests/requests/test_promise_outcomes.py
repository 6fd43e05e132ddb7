"""Whether a promise was kept: one answer for the tenant's proof and the figures."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.closing import dossier
from requests.figures import upkeep
from requests.figures.fact_models import Fact
from requests.figures.measures import Measure
from requests.promises import actions as promises
from requests.promises.models import EscalationStep, Promise
from tests.factories import leak, member
from tests.requests.promises.helpers import TUESDAY, at, climb_all, routed


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")


MONTH = 24 * 30


def outcomes(claim, now) -> dict:
    """What the tenant's proof says of each date, by kind and date."""
    rows = dossier.build(claim, now=now)["promises"]
    return {(row["kind"], datetime.fromisoformat(row["at"])): row["verdict"] for row in rows}


def is_counted(claim, now) -> bool:
    """Whether the figures count a promise of the claim that was not kept, once the day is over."""
    upkeep.rebuild(now=now + timedelta(days=1))
    counted = Fact.objects.filter(claim=claim, measure=Measure.BROKEN)
    return counted.filter(day__lte=timezone.localdate(now)).exists()


def test_taken_in_charge_and_then_silent_for_a_month_is_not_kept(landlord, agent):
    claim = routed(landlord)
    advance(
        claim=claim,
        transition=Event.TAKE_CHARGE,
        actor=Actor.member(agent),
        now=at(1),
        promise_at=at(26),
    )
    assert outcomes(claim, at(2))["news", at(26)] == "to_come"
    assert not is_counted(claim, at(2))
    said = {kind: verdict for (kind, _due), verdict in outcomes(claim, at(MONTH)).items()}
    assert said == {
        "acknowledgement": "kept",
        "take_charge": "kept",
        "news": "not_kept",
        "first_visit": "not_kept",
        "resolution": "not_kept",
    }
    assert is_counted(claim, at(MONTH))


def test_a_new_date_after_the_first_one_passed_does_not_keep_it(landlord, agent):
    claim = routed(landlord)
    others = Promise.objects.filter(claim=claim).exclude(kind="acknowledgement")
    EscalationStep.objects.filter(promise__in=others).delete()
    others.delete()
    first = claim.promise_at
    climb_all(first + timedelta(minutes=1))
    claim.refresh_from_db()
    assert claim.promise_at > first
    verdicts = outcomes(claim, first + timedelta(minutes=2))
    assert verdicts == {
        ("acknowledgement", first): "not_kept",
        ("news", claim.promise_at): "to_come",
    }
    assert is_counted(claim, first + timedelta(minutes=2))


def test_a_date_that_was_moved_in_time_is_replaced(landlord):
    claim = routed(landlord)
    promises.promise_news(claim, due=at(3), now=at(1))
    promises.promise_news(claim, due=at(40), now=at(2))
    assert outcomes(claim, at(4))["news", at(3)] == "replaced"
    assert outcomes(claim, at(4))["news", at(40)] == "to_come"
    assert not is_counted(claim, at(4))


HOURS = (None, 1, 2, 3)


@pytest.mark.parametrize("kept", HOURS)
@pytest.mark.parametrize("ended", HOURS)
def test_sql_and_python_agree_on_what_is_kept(landlord, kept, ended):
    claim = leak(landlord, TUESDAY)
    promise = Promise.objects.create(
        claim=claim,
        kind="news",
        starts_at=TUESDAY,
        made_at=TUESDAY,
        due_at=at(2),
        kept_at=at(kept) if kept else None,
        ended_at=at(ended) if ended else None,
        urgency="U3",
    )
    for moment in (at(2), at(4)):
        found = Promise.objects.not_kept(moment).exists()
        assert found == (promise.outcome(moment) == "not_kept")
    assert (promise.outcome(at(4)) == "kept") == (kept in (1, 2))
