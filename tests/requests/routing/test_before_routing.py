"""A person who is faster than the worker: routing comes first, and undoes nothing afterwards."""

import pytest

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance, undo
from requests.inbox import triage
from requests.jobs.queue import drain
from requests.promises.models import open_condition
from tests import factories


@pytest.fixture
def agent(landlord) -> Actor:
    return Actor.member(factories.member(landlord["north"], "agent"))


def filed(landlord) -> Claim:
    claim = factories.leak(landlord, now(), contact_email="awa@example.test")
    assert claim.routed_at is None
    return claim


def after_the_worker(claim: Claim) -> Claim:
    drain(tasks.HANDLERS, now)
    return Claim.objects.system("test").get(pk=claim.pk)


def kept(claim: Claim) -> set[str]:
    return set(claim.promises.filter(kept_at__isnull=False).values_list("kind", flat=True))


def test_taken_in_charge_before_routing_keeps_its_promises(landlord, agent):
    claim = filed(landlord)
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=agent, now=now())
    claim = after_the_worker(claim)
    assert kept(claim) == {"acknowledgement", "take_charge"}
    assert claim.promises.filter(open_condition()).count() == 2
    assert [e.name for e in claim.events.order_by("pk")][-2:] == [Event.ROUTED, Event.TAKE_CHARGE]


def test_handed_over_before_routing_stays_where_a_person_put_it(landlord, agent):
    claim, desk = filed(landlord), landlord["south"].desks.first()
    due = now().isoformat()
    step = {"desk": desk.pk, "reason": "ici", "due": due}
    advance(claim=claim, transition=Event.HAND_OVER, actor=agent, now=now(), **step)
    assert after_the_worker(claim).owner == desk


def test_corrected_before_routing_is_promised_what_it_is_now(landlord, agent):
    claim = filed(landlord)
    triage.reclassify(
        claim=claim, category=landlord["gas"], urgency="U0", reason="gaz", actor=agent, now=now()
    )
    promise = after_the_worker(claim).promises.get(open_condition(), kind="take_charge")
    assert promise.urgency == "U0"


def test_withdrawn_before_routing_is_promised_nothing(landlord):
    claim = filed(landlord)
    advance(claim=claim, transition=Event.WITHDRAW, actor=Actor.TENANT, now=now())
    assert not after_the_worker(claim).promises.filter(open_condition()).exists()


def test_taking_back_the_step_leaves_the_routing(landlord, agent):
    claim = filed(landlord)
    event = advance(claim=claim, transition=Event.TAKE_CHARGE, actor=agent, now=now())
    undo(event=event, actor=agent, now=now())
    claim = after_the_worker(claim)
    assert (claim.state, claim.decisions.count()) == ("received", 1)
    assert claim.promises.filter(open_condition()).count() == 4


def test_without_the_desk_the_step_is_taken_all_the_same(landlord, agent):
    claim = filed(landlord)
    landlord["head"].desks.all().delete()
    landlord["north"].desks.all().delete()
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=agent, now=now())
    assert Claim.objects.system("test").get(pk=claim.pk).state == "in_review"
