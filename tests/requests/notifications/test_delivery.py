"""One row per event, recipient and channel; retried, carried together, and never doubled."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import translation

from portal.actor import Actor
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.conversation.actions import write
from requests.notifications import claim_messages, outgoing
from requests.notifications import events as notifications
from requests.notifications import texts as texts_of
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery, FailingAddress
from requests.promises.working_time import may_ring
from tenants.models import ContactPoint, Tenant
from tests.factories import member

REFUSED = Receipt(False, answer="550 no such user", permanent=True, bad_address=True)


def reply(claim, clock, text="Bonjour", channel="email"):
    return write(
        claim=claim, text=text, direction="out", channel=channel, actor=Actor.SYSTEM, now=clock()
    )


def notes(claim):
    return list(claim.messages.filter(direction="note").values_list("text", flat=True))


def test_an_event_becomes_one_delivery_with_its_promise(make_claim, work, mails):
    claim = make_claim()
    work()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.recipient) == ("sent", "awa@example.test")
    assert delivery.provider_id == "id-1"
    claim.refresh_from_db()
    with translation.override(claim.language):
        assert notifications._when(claim.promise_at.isoformat()) in mails.sent[0].text
    assert claim.spoken_reference in mails.sent[0].subject
    assert "Fuite" not in mails.sent[0].subject
    work()
    claim_messages.notify(key=str(delivery.event_id), now=delivery.created_at)
    assert len(mails.sent) == 1


def test_the_preferred_contact_point_wins_then_the_door_they_came_by(make_claim, landlord):
    tenant = Tenant.objects.system("test").create(last_name="Traoré")
    claim = make_claim(tenant=str(tenant.pk), contact_phone="06 39 98 12 34")
    assert [w.channel for w in contact_routes(claim)] == ["email", "sms", "letter", "phone"]
    by_sms = make_claim(channel="sms", contact_phone="06 39 98 12 34")
    assert contact_routes(by_sms)[0].address == "+33639981234"
    ContactPoint.objects.create(
        tenant=tenant, kind="phone", value="+33639981299", preferred=True, verified=True
    )
    claim.refresh_from_db()
    assert contact_routes(claim)[0].address == "+33639981299"
    assert contact_routes(claim, "letter")[0].address.startswith("Traoré\nPorte 12")


@pytest.mark.parametrize(
    "address",
    ["mailer-daemon@x.test", "Postmaster@x.test", "no-reply@x.test", "palier@localhost", "root@h"],
)
def test_robots_and_ourselves_are_never_written_to(make_claim, address):
    assert "email" not in [w.channel for w in contact_routes(make_claim(contact_email=address))]


def test_quick_steps_travel_in_one_message_in_their_order(make_claim, landlord, work, clock, mails):
    claim = make_claim()
    work()
    sonia = member(landlord["north"], "agent")
    advance(claim=claim, transition=Event.TAKE_CHARGE, actor=Actor.member(sonia), now=clock())
    clock.forward(seconds=5)
    advance(
        claim=claim,
        transition=Event.PLAN,
        actor=Actor.member(sonia),
        now=clock(),
        visit_at=clock() + timedelta(days=2),
    )
    work()
    assert len(mails.sent) == 1  # the acknowledgement alone
    clock.forward(seconds=60)
    work()
    assert len(mails.sent) == 2
    text = mails.sent[1].text
    assert text.index("Sonia") < text.index("visite est prévue jeudi 26 novembre")
    assert Delivery.objects.filter(state="sent").count() == 3
    assert Delivery.objects.get(carried_by__isnull=False).state == "sent"


def test_the_words_are_those_of_the_event_not_of_today(make_claim, landlord, work, clock, mails):
    claim = make_claim()
    work()
    sonia = member(landlord["north"], "agent")
    for day in (2, 3):
        advance(
            claim=claim,
            transition=Event.PLAN,
            actor=Actor.member(sonia),
            now=clock(),
            visit_at=clock() + timedelta(days=day),
        )
    clock.forward(minutes=2)
    work()
    assert "jeudi 26" in mails.sent[1].text
    assert mails.sent[1].text.index("jeudi 26") < mails.sent[1].text.index("vendredi 27")


def test_answers_thread_with_what_was_sent_before(make_claim, work, clock, mails):
    claim = make_claim()
    work()
    reply(claim, clock)
    work()
    assert mails.sent[1].in_reply_to == mails.sent[0].message_id
    assert mails.sent[0].message_id in mails.sent[1].references
    assert mails.sent[0].message_id != mails.sent[1].message_id


def test_an_hour_without_provider_delays_and_doubles_nothing(make_claim, work, clock, mails):
    make_claim()
    mails.down = True
    for _ in range(12):
        work()
        clock.forward(minutes=5)
    assert Delivery.objects.get().state == "failed_temporary"
    tries = len(mails.sent)
    assert 3 <= tries <= 5
    mails.down = False
    clock.forward(hours=1)
    work()
    work()
    assert len(mails.sent) == tries + 1
    assert len({m.message_id for m in mails.sent}) == 1
    assert Delivery.objects.get().state == "sent"


def test_after_the_last_retry_the_next_channel_and_a_note(make_claim, work, clock, mails, texts):
    claim = make_claim(contact_phone="0639981234")
    mails.down = True
    for _ in range(60):
        work()
        clock.forward(hours=1)
    assert Delivery.objects.get(channel="email").state == "failed_permanent"
    assert Delivery.objects.get(channel="email").attempts == 8
    assert [t.to for t in texts.sent] == ["+33639981234"]
    assert Delivery.objects.get(channel="sms").fallback_of.channel == "email"
    assert len(notes(claim)) == 1
    assert "awa@example.test" in notes(claim)[0]


def test_an_emergency_changes_channel_within_the_hour(make_claim, work, clock, mails, texts):
    make_claim(category="GAZ-01", contact_phone="0639981234")
    mails.down = True
    for _ in range(12):
        work()
        clock.forward(minutes=5)
    assert len(texts.sent) == 1


def test_a_refused_address_is_left_out_afterwards(make_claim, work, clock, mails, texts):
    claim = make_claim(contact_phone="0639981234")
    mails.answers = [REFUSED]
    work()
    assert FailingAddress.objects.get().address == "awa@example.test"
    assert len(texts.sent) == 1
    reply(claim, clock)
    work()
    assert (len(mails.sent), len(texts.sent)) == (1, 2)


def test_when_no_way_is_left_a_person_is_told(make_claim, work, mails):
    claim = make_claim(dwelling=None)
    mails.answers = [REFUSED]
    work()
    assert "550 no such user" in notes(claim)[0]


def test_eleven_messages_in_ten_minutes_are_too_many(make_claim, work, clock, mails):
    claim = make_claim()
    work()
    for number in range(14):
        clock.forward(seconds=20)
        reply(claim, clock, f"Message {number}")
        work()
    assert len(mails.sent) == 10
    assert Delivery.objects.filter(state="suppressed", reason="cap").count() == 5
    assert len(notes(claim)) == 1
    held = Delivery.objects.filter(state="suppressed").first()
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


def test_an_attempt_that_died_half_way_is_made_again_under_the_same_name(
    make_claim, work, clock, mails, monkeypatch
):
    make_claim()
    seen = []

    def die(number, receipt, now):
        seen.append(number)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(outgoing, "settle", die)
        with pytest.raises(SystemExit):
            work()
    assert Delivery.objects.get().attempts == 1
    clock.forward(minutes=2)
    work()
    assert [m.message_id for m in mails.sent] == [mails.sent[0].message_id] * 2
    assert Delivery.objects.get().state == "sent"


def test_receipts_come_in_any_order_and_number(make_claim, work, clock, texts):
    make_claim(channel="sms", contact_phone="0639981234")
    work()
    row = Delivery.objects.get()
    for status in ("delivered", "soft", "hard", "delivered"):
        outgoing.record_late_receipt(row, status, "x", clock())
    row.refresh_from_db()
    assert row.state == "delivered"
    assert Delivery.objects.count() == 1


def test_a_letter_waits_for_its_batch_and_a_call_for_a_person(make_claim, work, clock):
    claim = make_claim(channel="letter", contact_email="")
    work()
    assert Delivery.objects.get().channel == "letter"
    assert Delivery.objects.get().state == "queued"
    other = make_claim(channel="phone", contact_email="", contact_phone="0240123456", dwelling=None)
    reply(other, clock, "Le plombier passe demain.", "phone")
    work()
    assert "+33240123456" in notes(other)[0]
    assert "Le plombier passe demain." in notes(other)[0]
    assert not notes(claim)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_held_while_the_provider_is_spoken_to(
    make_claim, work, monkeypatch, mails
):
    held = []

    def send(message):
        held.append(connection.in_atomic_block)
        return Receipt(True, "x")

    monkeypatch.setattr("requests.channels.outbound.email.send", send)
    make_claim()
    work()
    assert held == [False]


@pytest.mark.parametrize("event", sorted(notifications.TOLD))
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_every_text_exists_and_names_only_what_is_known(event, language, channel):
    source = notifications._text(event, channel, language)
    assert set(texts_of.NAME.findall(source)) <= notifications.NAMES
    assert "{{" not in texts_of.fill(source, dict.fromkeys(notifications.NAMES, "x"))


def test_a_line_without_its_value_is_left_out():
    source = "Bonjour {{ who }}\nAvant {{ promise }}.\nFin"
    assert texts_of.fill(source, {"who": "Awa", "promise": ""}) == "Bonjour Awa\nFin"
    with pytest.raises(KeyError):
        texts_of.fill("{{ nope }}", {})
    values = dict.fromkeys(notifications.NAMES, "") | {"text": "{{ mark }}"}
    assert texts_of.fill("{{ text }}", values) == "{{ mark }}"


def sent_before(claim, clock, *minutes: int) -> None:
    """Messages to the claim's person that left so many minutes ago."""
    for ago in minutes:
        at = clock() - timedelta(minutes=ago)
        event = ClaimEvent.objects.create(
            claim=claim, name=Event.MESSAGE_OUT, at=at, state=claim.state
        )
        Delivery.objects.create(
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
