"""Several people report one fault: they are told one date, before and after each step."""

from datetime import timedelta

import pytest

from portal.actor import Actor
from requests.catalogue.models import Category
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import HOLD, advance, undo
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.incidents import actions as incidents
from requests.jobs.models import Job
from requests.promises import actions as promises
from requests.promises import recalculation
from requests.promises.outlook import Outlook
from requests.routing.actions import route_claim
from requests.routing.expected_date import news_said
from tests import factories
from tests.requests.promises.helpers import TUESDAY, at


@pytest.fixture
def lift(landlord) -> Category:
    return factories.category(
        "ASC-01", "U2", "contractor_direct", ack_hours=4, collective=True, asset="building"
    )


@pytest.fixture
def report(landlord, lift):
    def make(number: int, hours: float, *, routed: bool = True, **values) -> Claim:
        home = factories.dwelling(landlord["dwelling"].staircase, str(number))
        filing = Filing(
            channel="web",
            key=f"k{number}",
            category="ASC-01",
            dwelling=home.pk,
            contact_email=f"n{number}@example.test",
            **values,
        )
        claim = file_claim(filing, actor=Actor.TENANT, now=at(hours))
        if routed:
            route_claim(claim_id=claim.pk, now=at(hours))
            claim.refresh_from_db()
        return claim

    return make


def run_shared(now) -> None:
    """Run the jobs that pass a date on, as the worker does half a minute later."""
    for job in Job.objects.filter(kind=Job.Kind.RENEW, done_at=None):
        recalculation.renew(key=job.key, now=now, **job.payload)
    Job.objects.filter(kind=Job.Kind.RENEW).update(done_at=now)


def dates(*claims: Claim) -> set:
    return set(
        Claim.objects.system("test").filter(pk__in=[c.pk for c in claims]).values_list("promise_at")
    )


def test_me_too_is_told_the_neighbours_date_before_and_after_routing(report):
    first = report(1, 0)
    second = report(2, 3, routed=False, same_as=str(first.pk))
    assert news_said(second, at(3)) == first.promise_at
    route_claim(claim_id=second.pk, now=at(3))
    assert dates(first, second) == {(first.promise_at,)}


def test_the_neighbours_follow_when_the_date_moves_and_are_told(landlord, report):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    first = report(1, 0)
    second = report(2, 1, same_as=str(first.pk))
    advance(claim=first, transition=Event.TAKE_CHARGE, actor=agent, now=at(2), promise_at=at(26))
    assert Job.objects.get(kind=Job.Kind.RENEW).next_at is not None
    run_shared(at(2) + HOLD)
    assert dates(first, second) == {(at(26),)}
    told = second.events.get(name=Event.RESCHEDULED)
    assert told.facts["promised"] == at(26).isoformat()
    # Nothing more to say, nothing more said.
    recalculation.renew(key="again", now=at(3), what="shared", which=str(first.pk))
    assert second.events.filter(name=Event.RESCHEDULED).count() == 1


def test_an_undone_step_moves_nobody(landlord, report):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    first = report(1, 0)
    second = report(2, 1, same_as=str(first.pk))
    event = advance(claim=first, transition=Event.TAKE_CHARGE, actor=agent, now=at(2))
    undo(event=event, actor=agent, now=at(2) + timedelta(seconds=5))
    run_shared(at(2) + HOLD)
    assert dates(first, second) == {(second.promise_at,)}
    assert not second.events.filter(name=Event.RESCHEDULED).exists()


def test_a_reply_to_one_neighbour_keeps_the_date_of_all(landlord, report):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    first = report(1, 0)
    second = report(2, 1, same_as=str(first.pk))
    foreseen = Outlook(second, at(2)).after(Event.MESSAGE_OUT)
    conversation.write(
        claim=second,
        text="Quel étage ?",
        direction="out",
        channel="email",
        actor=agent,
        now=at(2),
    )
    assert dates(first, second) == {(foreseen,)} == {(first.promise_at,)}


def test_an_incident_gives_every_household_one_date(landlord, report):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    claims = [report(number, number / 2) for number in range(4)]
    assert len(dates(*claims)) > 1
    made = incidents.open_incident(
        building=claims[0].building,
        family=claims[0].category.family,
        title="Ascenseur",
        text="La pièce est commandée.",
        actor=agent,
        now=at(4),
        claims=reversed(claims),
    )
    assert len(dates(*claims)) == 1
    late = report(9, 5)
    incidents.add_claim(incident=made, claim=late, actor=agent, now=at(5))
    assert len(dates(*claims, late)) == 1
    incidents.notify_all(incident=made, text="Demain.", actor=agent, now=at(6), expected_end=at(24))
    assert dates(*claims, late) == {(at(24),)}
    assert at(24) > TUESDAY


def test_late_neighbours_are_given_one_new_date(report):
    claims = [report(1, 0)]
    claims.append(report(2, 1, same_as=str(claims[0].pk)))
    due = claims[0].promise_at
    for minutes, claim in enumerate(reversed(claims), 1):  # the follower's turn comes first
        promises.promise_new_date(claim, now=due + timedelta(minutes=minutes))
    run_shared(due + timedelta(minutes=5))
    assert len(dates(*claims)) == 1
    assert dates(*claims) != {(due,)}
