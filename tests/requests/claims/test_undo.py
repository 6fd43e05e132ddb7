"""Half a minute to take a step back: the claim as it was, nothing sent, nobody else's step."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import HOLD, TooLate, advance, hold_duration, undo
from requests.conversation import actions as conversation
from requests.figures import upkeep
from requests.figures.fact_models import Fact
from requests.figures.measures import Measure
from requests.inbox import triage
from requests.incidents import actions as incidents
from requests.jobs import queue
from requests.jobs.models import Job
from requests.routing.actions import route_claim
from requests.routing.decision_models import RoutingDecision
from requests.work_orders.actions import advance_order, create_order, send_order
from tests.factories import account, contractor, leak, member, pass_time


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
    message = conversation.write_step_message(
        claim=claim, text="Voilà.", now=at, actor=Actor.member(agent)
    )
    event = advance(
        claim=claim,
        transition=Event.ANSWER,
        actor=Actor.member(agent),
        now=at,
        text="Voilà.",
        message=str(message.pk),
    )
    undo(event=event, actor=Actor.member(agent), now=at + timedelta(seconds=29))
    assert row(claim) == before
    assert not Message.unscoped.filter(pk=message.pk).exists()
    assert not claim.events.filter(name=Event.ANSWER).exists()
    assert ClaimEvent.everything.get(pk=event.pk).facts["text"] == "Voilà."
    queue.drain(tasks.HANDLERS, lambda: at + timedelta(hours=1))
    assert mailoutbox == []
    upkeep.refresh(now=at)
    assert set(Fact.objects.values_list("measure", flat=True)) == {Measure.RECEIVED}


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
def test_a_step_undone_can_be_made_again(claim, agent):
    at = now()
    event = advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=at)
    undone = undo(event=event, actor=Actor.member(agent), now=at)
    again = advance(
        claim=claim,
        transition=Event.TAKE_CHARGE,
        actor=Actor.member(agent),
        now=at,
        version=undone.version,
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
        actor=Actor.member(agent),
        now=at,
    )
    claim.refresh_from_db()
    assert (claim.category, claim.urgency) == (landlord["gas"], "U0")
    assert RoutingDecision.objects.count() == 2
    undo(event=event, actor=Actor.member(agent), now=at)
    assert row(claim) == before
    assert RoutingDecision.objects.count() == 1


@pytest.mark.parametrize("why", ["late", "leased", "sent", "other person", "followed", "twice"])
def test_what_cannot_be_undone(claim, agent, landlord, why):
    at = now()
    event = advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=at)
    by, when = agent, at + timedelta(seconds=10)
    if why == "late":
        when = at + HOLD + timedelta(seconds=1)
    elif why == "leased":
        Job.objects.exclude(key=str(event.pk)).delete()
        pass_time(seconds=31)
        assert queue.lease_due().key == str(event.pk)
    elif why == "sent":
        Job.objects.filter(key=str(event.pk)).update(done_at=at)
    elif why == "other person":
        by = member(landlord["north"], "agency_manager")
    elif why == "followed":
        advance(claim=claim, transition=Event.ANSWER, actor=Actor.member(agent), now=at, text="Oui")
    elif why == "twice":
        undo(event=event, actor=Actor.member(by), now=when)
    before = row(claim)
    with pytest.raises(TooLate):
        undo(event=event, actor=Actor.member(by), now=when)
    assert row(claim) == before


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
def test_a_tenants_own_step_is_told_at_once(claim, agent):
    at = now()
    event = advance(claim=claim, transition=Event.WITHDRAW, actor=Actor.TENANT, now=at)
    due = Job.objects.get(kind="notify", key=str(event.pk)).next_at
    assert due - at < timedelta(seconds=20)


@pytest.mark.parametrize("role", Role.values)
def test_only_what_the_landlords_staff_do_waits(role):
    staff = set(Role.values) - {"tenant", "contractor", "tenant_representative"}
    assert hold_duration(role) == (HOLD if role in staff else timedelta(0))


@pytest.mark.parametrize("who", ["contractor", "agent", "tenant"])
def test_a_claim_that_follows_its_order_is_told_at_once_and_stands(claim, agent, who):
    at = now()
    by_agent = Actor.member(agent)
    order = create_order(
        claim=claim,
        contractor=contractor(),
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=at,
        actor=by_agent,
        now=at,
    )
    send_order(order=order, actor=by_agent, now=at)
    advance_order(
        order=order,
        transition="confirm" if who != "tenant" else "book",
        actor={"contractor": Actor.CONTRACTOR, "agent": by_agent, "tenant": Actor.TENANT}[who],
        now=at,
        visit_at=at + timedelta(days=2),
    )
    event = claim.events.get(name=Event.PLAN)
    assert event.role == "system"
    assert not outstanding(event).filter(next_at__gt=Now() + timedelta(seconds=1)).exists()
    # An undo of the claim alone would leave its order planned.
    with pytest.raises(TooLate):
        undo(event=event, actor=by_agent, now=at)
    claim.refresh_from_db()
    assert claim.state == "planned"


def test_a_household_that_joins_an_incident_is_told_at_once(landlord, agent):
    first, at = leak(landlord, now()), now()
    held = incidents.open_incident(
        building=first.building,
        family=first.category.family,
        title="Eau",
        text="On arrive.",
        actor=Actor.member(agent),
        now=at,
        claims=[first],
    )
    second = leak(landlord, at, key="other")
    joining = Actor.tenant(account("awa@example.test"))
    incidents.add_claim(incident=held, claim=second, actor=joining, now=at)
    for claim, waits in ((first, True), (second, False)):
        event = claim.events.get(name=Event.MESSAGE_OUT)
        assert outstanding(event).filter(next_at__gt=Now()).exists() is waits


def outstanding(event):
    return Job.objects.filter(kind="notify", key=str(event.pk), done_at__isnull=True)


def test_routing_again_leaves_the_first_decision(claim):
    assert route_claim(claim_id=claim.pk, now=now()) == claim.decisions.get()
