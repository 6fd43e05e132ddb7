"""One row per event, recipient and channel; retried, carried together, and never doubled."""

import pytest
from django.db import connection
from django.utils import translation

from requests.channels.outbound.receipt import Receipt
from requests.notifications import claim_messages, outgoing
from requests.notifications import events as notifications
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery, FailingAddress
from tenants.models import ContactPoint, Tenant
from tests.requests.notifications.thread import notes, reply

REFUSED = Receipt(False, answer="550 no such user", permanent=True, bad_address=True)


def test_an_event_becomes_one_delivery_with_its_promise(make_claim, work, mails):
    claim = make_claim()
    work()
    delivery = Delivery.unscoped.get()
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
    ContactPoint.unscoped.create(
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
    assert Delivery.unscoped.get().state == "failed_temporary"
    tries = len(mails.sent)
    assert 3 <= tries <= 5
    mails.down = False
    clock.forward(hours=1)
    work()
    work()
    assert len(mails.sent) == tries + 1
    assert len({m.message_id for m in mails.sent}) == 1
    assert Delivery.unscoped.get().state == "sent"


def test_after_the_last_retry_the_next_channel_and_a_note(make_claim, work, clock, mails, texts):
    claim = make_claim(contact_phone="0639981234")
    mails.down = True
    for _ in range(60):
        work()
        clock.forward(hours=1)
    assert Delivery.unscoped.get(channel="email").state == "failed_permanent"
    assert Delivery.unscoped.get(channel="email").attempts == 8
    assert [t.to for t in texts.sent] == ["+33639981234"]
    assert Delivery.unscoped.get(channel="sms").fallback_of.channel == "email"
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
    assert FailingAddress.unscoped.get().address == "awa@example.test"
    assert len(texts.sent) == 1
    reply(claim, clock)
    work()
    assert (len(mails.sent), len(texts.sent)) == (1, 2)


def test_when_no_way_is_left_a_person_is_told(make_claim, work, mails):
    claim = make_claim(dwelling=None)
    mails.answers = [REFUSED]
    work()
    assert "550 no such user" in notes(claim)[0]


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
    assert Delivery.unscoped.get().attempts == 1
    clock.forward(minutes=2)
    work()
    assert [m.message_id for m in mails.sent] == [mails.sent[0].message_id] * 2
    assert Delivery.unscoped.get().state == "sent"


def test_receipts_come_in_any_order_and_number(make_claim, work, clock, texts):
    make_claim(channel="sms", contact_phone="0639981234")
    work()
    row = Delivery.unscoped.get()
    for status in ("delivered", "soft", "hard", "delivered"):
        outgoing.record_late_receipt(row, status, "x", clock())
    row.refresh_from_db()
    assert row.state == "delivered"
    assert Delivery.unscoped.count() == 1


def test_a_letter_waits_for_its_batch_and_a_call_for_a_person(make_claim, work, clock):
    claim = make_claim(channel="letter", contact_email="")
    work()
    assert Delivery.unscoped.get().channel == "letter"
    assert Delivery.unscoped.get().state == "queued"
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
