"""Caps, quiet hours, and what a person did not want: the messages that do not leave now."""

from datetime import datetime, timedelta

import pytest

from portal.actor import Actor
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.transitions import advance, record
from requests.notifications import events, outgoing
from requests.notifications.models import Delivery
from requests.promises.working_time import may_ring
from tests.factories import member
from tests.requests.notifications.thread import notes, reply

pytestmark = pytest.mark.long


def test_eleven_messages_in_ten_minutes_are_too_many(make_claim, work, clock, mails):
    claim = make_claim()
    work()
    for number in range(14):
        clock.forward(seconds=20)
        reply(claim, clock, f"Message {number}")
        work()
    assert len(mails.sent) == 10
    assert Delivery.unscoped.filter(state="suppressed", reason="cap").count() == 5
    assert len(notes(claim)) == 1
    held = Delivery.unscoped.filter(state="suppressed").first()
    outgoing.release(held, now=clock())
    outgoing.release(held, now=clock())
    work()
    assert len(mails.sent) == 11
    held.refresh_from_db()
    assert held.state == "sent"


def test_sixty_messages_an_hour_to_one_recipient_over_all_claims(make_claim, work, clock, mails):
    for _ in range(70):
        make_claim()
        clock.forward(seconds=20)
        work()
    assert len(mails.sent) == 60


def sent_before(claim, clock, *minutes: int) -> None:
    """Messages to the claim's person that left so many minutes ago."""
    for ago in minutes:
        at = clock() - timedelta(minutes=ago)
        event = ClaimEvent.unscoped.create(
            claim=claim, name=Event.MESSAGE_OUT, at=at, state=claim.state
        )
        Delivery.unscoped.create(
            event=event,
            claim=claim,
            recipient="awa@example.test",
            channel="email",
            text="x",
            state="sent",
            attempts=1,
            due_at=at,
            created_at=at,
        )


@pytest.mark.parametrize(
    ("before", "passes"),
    [
        (range(11, 11 + 24), True),  # twenty-four in the hour: one more
        (range(11, 11 + 25), False),
        (range(61, 61 + 99 * 5, 5), True),  # ninety-nine in ten hours
        (range(61, 61 + 100 * 5, 5), False),
    ],
)
def test_twenty_five_an_hour_and_a_hundred_in_ten_are_the_most(
    make_claim, work, clock, mails, before, passes
):
    claim = make_claim()
    clock.forward(hours=11)
    work()
    clock.forward(hours=11)
    mails.sent.clear()
    sent_before(claim, clock, *before)
    reply(claim, clock)
    work()
    assert (len(mails.sent) == 1) is passes
    told = [text for text in notes(claim) if "awa@example.test" in text]
    assert bool(told) is not passes


def test_night_and_sunday_keep_a_phone_silent(make_claim, work, clock, texts):
    clock.forward(days=4, hours=10)  # Saturday 20 h in Paris
    make_claim(channel="sms", contact_email="", contact_phone="0639981234")
    make_claim(channel="sms", category="GAZ-01", contact_email="", contact_phone="0639981234")
    work()
    assert len(texts.sent) == 1
    clock.forward(hours=35)  # Monday 7 h
    work()
    assert len(texts.sent) == 1
    clock.forward(hours=1, seconds=1)
    work()
    assert len(texts.sent) == 2


@pytest.mark.parametrize(
    ("zone", "region", "at", "want"),
    [
        # In Paris it is 17 h; on the island 21 h.
        ("Indian/Reunion", "974", "2026-11-24T16:00+00:00", "2026-11-25T04:00+00:00"),
        ("Europe/Paris", "", "2026-11-24T16:00+00:00", "2026-11-24T16:00+00:00"),
        # Good Friday is a holiday in Strasbourg alone.
        ("Europe/Paris", "6AE", "2026-04-03T10:00+00:00", "2026-04-04T06:00+00:00"),
        ("Europe/Paris", "", "2026-04-03T10:00+00:00", "2026-04-03T10:00+00:00"),
    ],
)
def test_a_phone_rings_by_the_clock_and_holidays_of_its_home(landlord, zone, region, at, want):
    unit = landlord["north"]
    unit.time_zone, unit.holiday_region = zone, region
    found = may_ring(unit, "U3", datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(want)


def test_who_wants_only_the_necessary_is_spared_comfort_but_not_answers(
    make_claim, work, clock, mails, client, landlord
):
    claim = make_claim()
    work()
    mails.sent.clear()
    assert client.post(f"/s/{claim.token}/news/", {"news": "needed"}).status_code == 302
    agent = member(landlord["north"], "agent")
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=clock())
    clock.forward(minutes=3)
    work()
    # Another date than the one told before is necessary to know; company is a comfort.
    claim.refresh_from_db()
    assert events.date_words(claim.promise_at) in mails.sent.pop().text
    record(claim, Event.JOINED_INCIDENT, actor=Actor.member(agent), now=clock())
    work()
    assert mails.sent == []
    reply(claim, clock, "Une vraie réponse")
    work()
    assert len(mails.sent) == 1
    assert client.post(f"/s/{claim.token}/news/", {"news": "all"}).status_code == 302
    other = make_claim()
    advance(
        claim=other,
        transition=Event.TAKE_CHARGE,
        actor=Actor.member(agent),
        now=clock(),
        text="Bonjour",
    )
    clock.forward(minutes=3)
    work()
    assert "Bonjour" in mails.sent[-1].text


def test_a_persons_own_words_are_never_spared(make_claim, work, clock, mails, client, landlord):
    claim = make_claim()
    client.post(f"/s/{claim.token}/news/", {"news": "needed"})
    agent = member(landlord["north"], "agent")
    advance(
        claim=claim,
        transition=Event.TAKE_CHARGE,
        actor=Actor.member(agent),
        now=clock(),
        text="Bonjour",
    )
    clock.forward(minutes=3)
    work()
    assert any("Bonjour" in mail.text for mail in mails.sent)
