"""Half a minute to take a step back: the claim as it was, nothing sent, nobody else's step."""

from datetime import timedelta

import pytest

from portal.clock import now
from requests import tasks
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.claims.transitions import HOLD, TooLate, advance, undo
from requests.conversation import actions as conversation
from requests.figures.overview import Period, conditions
from requests.inbox import triage
from requests.jobs import queue
from requests.jobs.models import Job
from requests.routing.actions import route_claim
from requests.routing.decision_models import RoutingDecision
from tests.factories import leak, member, pass_time


@pytest.fixture
def agent(landlord):
    return member(landlord["north"], "agent")


@pytest.fixture
def claim(landlord):
    made = leak(landlord, now(), contact_email="awa@example.test")
    queue.drain(tasks.HANDLERS, now)
    made.refresh_from_db()
    return made


def row(claim) -> dict:
    kept = Claim.objects.system("test").filter(pk=claim.pk).values().get()
    return {name: value for name, value in kept.items() if name != "version"}


def test_an_answer_taken_back_leaves_the_claim_as_it_was(claim, agent, mailoutbox):
    before, at = row(claim), now()
    mailoutbox.clear()
    message = conversation.attach(claim=claim, text="Voilà.", now=at, by=agent.user)
    event = advance(
        claim=claim,
        transition="answer",
        membership=agent,
        now=at,
        text="Voilà.",
        message=str(message.pk),
    )
    undo(event=event, by=agent.user, now=at + timedelta(seconds=29))
    assert row(claim) == before
    assert not Message.objects.filter(pk=message.pk).exists()
    assert not claim.events.filter(name="answer").exists()
    assert ClaimEvent.everything.get(pk=event.pk).facts["text"] == "Voilà."
    queue.drain(tasks.HANDLERS, lambda: at + timedelta(hours=1))
    assert mailoutbox == []
    claims = Claim.objects.system("test")
    answered = conditions(Period(at - timedelta(days=1), at), at)["answered"]
    assert not claims.filter(answered).exists()


def test_a_step_undone_can_be_made_again(claim, agent):
    at = now()
    event = advance(claim=claim, transition="take_charge", membership=agent, now=at)
    undone = undo(event=event, by=agent.user, now=at)
    again = advance(
        claim=claim, transition="take_charge", membership=agent, now=at, version=undone.version
    )
    assert claim.state == "in_review"
    held = Job.objects.get(kind="notify", key=str(again.pk)).next_at - at
    assert HOLD <= held < HOLD + timedelta(seconds=20)


def test_a_correction_taken_back_goes_to_its_old_desk(claim, agent, landlord):
    before, at = row(claim), now()
    event = triage.reclassify(
        claim=claim,
        category=landlord["gas"],
        urgency="U0",
        reason="Odeur de gaz",
        membership=agent,
        now=at,
    )
    claim.refresh_from_db()
    assert (claim.category, claim.urgency) == (landlord["gas"], "U0")
    assert RoutingDecision.objects.count() == 2
    undo(event=event, by=agent.user, now=at)
    assert row(claim) == before
    assert RoutingDecision.objects.count() == 1


@pytest.mark.parametrize("why", ["late", "leased", "sent", "other person", "followed", "twice"])
def test_what_cannot_be_undone(claim, agent, landlord, why):
    at = now()
    event = advance(claim=claim, transition="take_charge", membership=agent, now=at)
    by, when = agent.user, at + timedelta(seconds=10)
    if why == "late":
        when = at + HOLD + timedelta(seconds=1)
    elif why == "leased":
        Job.objects.exclude(key=str(event.pk)).delete()
        pass_time(seconds=31)
        assert queue.lease_due().key == str(event.pk)
    elif why == "sent":
        Job.objects.filter(key=str(event.pk)).update(done_at=at)
    elif why == "other person":
        by = member(landlord["north"], "agency_manager").user
    elif why == "followed":
        advance(claim=claim, transition="answer", membership=agent, now=at, text="Oui")
    elif why == "twice":
        undo(event=event, by=by, now=when)
    before = row(claim)
    with pytest.raises(TooLate):
        undo(event=event, by=by, now=when)
    assert row(claim) == before


def test_a_tenants_own_step_is_told_at_once(claim, agent):
    at = now()
    event = advance(claim=claim, transition="withdraw", now=at)
    due = Job.objects.get(kind="notify", key=str(event.pk)).next_at
    assert due - at < timedelta(seconds=20)


def test_routing_again_leaves_the_first_decision(claim):
    assert route_claim(claim_id=claim.pk, now=now()) == claim.decisions.get()
