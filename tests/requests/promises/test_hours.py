"""A promise falls when somebody is there to keep it, whoever makes it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Desk
from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.transitions import advance, undo
from requests.conversation import actions as conversation
from requests.inbox.forms import ActForm
from requests.promises import deadlines, escalation
from requests.promises.models import EscalationStep
from requests.promises.outlook import Outlook
from requests.routing.actions import route_claim
from tests import factories, moments
from tests.requests.promises.helpers import PARIS, TUESDAY, WEEK, at, routed

EVENING = datetime(2026, 3, 3, 19, 12, tzinfo=PARIS)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.sampled_from(["U0", "U1", "U2", "U3", "A2"]),
    st.sampled_from([0.25, 1, 4, 8, 24, 72]),
)
def test_a_promise_is_kept_in_the_hours_of_the_office(start, urgency, hours):
    due = deadlines.promise(start, urgency, hours, WEEK)
    assert due > start
    if urgency == "U0":
        assert due <= start + timedelta(hours=hours)
        return
    assert deadlines.attended(due, start, WEEK) == due
    assert deadlines.is_open(due - timedelta(seconds=1), WEEK) or deadlines.is_open(due, WEEK)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)))
def test_whoever_is_on_call_keeps_it_at_any_hour(start):
    due = deadlines.promise(start, "U1", 1, WEEK, on_call=True)
    assert due == start + timedelta(hours=1)


def test_the_evening_promises_the_next_morning_and_the_night_shift_the_night(landlord):
    factories.category("CHA-04", "U2", "contractor_direct", ack_hours=4)
    factories.category("ELE-01", "U1", "contractor_direct", ack_hours=1, resolve_days=0.17)
    urgent = factories.leak(landlord, EVENING, key="a", category="CHA-04")
    emergency = factories.leak(landlord, EVENING, key="b", category="ELE-01")
    for claim in (urgent, emergency):
        route_claim(claim_id=claim.pk, now=EVENING)
        claim.refresh_from_db()
    assert urgent.promise_at == datetime(2026, 3, 4, 9, 30, tzinfo=PARIS)
    # The agency is closed: the safety rule gives it to whoever is on call.
    assert emergency.owner.kind == Desk.Kind.ON_CALL
    assert emergency.promise_at == EVENING + timedelta(hours=1)


def test_a_late_emergency_is_given_a_date_at_which_somebody_is_there(landlord):
    factories.category("CHA-04", "U2", "contractor_direct", ack_hours=4)
    claim = factories.leak(landlord, TUESDAY, category="CHA-04")
    route_claim(claim_id=claim.pk, now=TUESDAY)
    step = EscalationStep.objects.get(promise__kind="acknowledgement", level="due")
    EscalationStep.objects.filter(pk=step.pk).update(due_at=EVENING)
    claim.refresh_from_db()
    assert escalation.carry_out_step(step_id=step.pk, now=EVENING)
    claim.refresh_from_db()
    assert claim.promise_at == datetime(2026, 3, 4, 9, 30, tzinfo=PARIS)
    assert claim.events.get(name=Event.LATE).facts["promised"] == claim.promise_at.isoformat()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("2026-03-04T10:00", True), ("2026-03-04T23:12", False), ("2026-03-07T10:00", False)],
)
def test_a_person_cannot_promise_for_an_hour_when_nobody_is_there(landlord, given, kept):
    with moments.at(TUESDAY):
        claim = routed(landlord)
        data = {"version": claim.version, "promise_at": given, "text": "Pardon."}
        form = ActForm(data, transition=Event.INFORM, claim=claim)
        assert form.is_valid() is kept
        assert kept or "Personne" in str(form.errors["promise_at"])
        desk = Desk.objects.get(kind=Desk.Kind.ON_CALL)
        data = {"version": claim.version, "due": given, "reason": "x", "desk": desk.pk}
        assert ActForm(data, transition=Event.HAND_OVER, claim=claim).is_valid()


def test_a_step_never_gives_a_date_that_is_over(landlord):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    claim = routed(landlord)
    later = at(24 * 30)  # all that was promised is over
    foreseen = Outlook(claim, later).after(Event.TAKE_CHARGE)
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=agent, now=later)
    assert claim.promise_at == foreseen > later


def test_an_undone_reply_gives_the_former_date_back(landlord):
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    claim = routed(landlord)
    before = claim.promise_at
    words = {"text": "Bonjour", "direction": "out", "channel": "email"}
    conversation.write(claim=claim, actor=agent, now=at(1), **words)
    claim.refresh_from_db()
    assert claim.promise_at > before
    event = claim.events.get(name=Event.MESSAGE_OUT)
    undo(event=event, actor=agent, now=at(1) + timedelta(seconds=5))
    claim.refresh_from_db()
    assert claim.promise_at == before
