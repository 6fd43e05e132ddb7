"""Robots and bounces: what triggers nothing, and what gives an address up."""

import socket

import pytest
from aiosmtpd.controller import Controller

from portal.actor import Actor
from portal.clock import now
from requests.channels import marks
from requests.channels.models import Intake
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.inbound import imap
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery, FailingAddress
from tests.factories import member
from tests.requests.channels import mails as made
from tests.requests.channels.bounce_notices import complaint
from tests.requests.inbound.mail.helpers import AWA, answer, came_in, claims, notes

pytestmark = pytest.mark.long

# 5 · robots


def test_a_robots_answer_is_kept_and_triggers_nothing(told, arrive, landlord, clock, mails, work):
    claim, sent = told
    sonia = member(landlord["north"], "agent")
    advance(
        claim=claim,
        transition=Event.ASK,
        actor=Actor.member(sonia),
        now=clock(),
        text="Une photo ?",
    )
    work()
    events, out = claim.events.count(), len(mails.sent)
    intake = arrive(answer(sent, "Je suis absente.", Auto_Submitted="auto-replied"))
    claim.refresh_from_db()
    assert came_in(claim) == ["Je suis absente."]
    assert (claim.state, claim.events.count(), len(mails.sent)) == ("waiting_tenant", events, out)
    assert intake.automatic == "Auto-Submitted"
    claims().filter(pk=claim.pk).update(state="closed", ended_at=clock())
    arrive(answer(sent, "Absente", Precedence="bulk", message_id="<7@t>"))
    assert not notes(claim)


def test_a_robot_of_no_conversation_makes_no_claim(arrive, mails):
    intake = arrive(made.mail("Promo", List_Unsubscribe="<x>"))
    assert (intake.state, intake.claim) == ("failed", None)
    assert "List-Unsubscribe" in intake.error
    assert mails.sent == []


# 6 · our own headers, over a real SMTP server


def test_our_mails_say_that_they_are_automatic(make_claim, box, work, settings):
    caught = []

    class Sink:
        async def handle_DATA(self, server, session, envelope):
            caught.append(envelope.content)
            return "250 kept"

        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("nobody"):
                return "550 5.1.1 no such user"
            if address.startswith("later"):
                return "451 4.3.0 try again"
            if address.startswith("listed"):
                return "554 5.7.1 Client host rejected: spamdetected"
            envelope.rcpt_tos.append(address)
            return "250 ok"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(Sink(), hostname="127.0.0.1", port=port, ready_timeout=60)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        claim = make_claim(contact_email=AWA)
        make_claim(contact_email="nobody@tenant.example")
        make_claim(contact_email="later@tenant.example")
        make_claim(contact_email="listed@tenant.example")
        work()
    finally:
        server.stop()
    text = caught[0].decode()
    for line in (
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        f"Message-ID: {Delivery.unscoped.get(recipient=AWA).message_id}",
        "multipart/alternative",
    ):
        assert line in text
    assert marks.claim_mark(claim.reference) in text.replace("=\r\n", "")
    assert "List-Unsubscribe" not in text
    assert Delivery.unscoped.get(recipient="nobody@tenant.example").state == "failed_permanent"
    assert Delivery.unscoped.get(recipient="later@tenant.example").state == "failed_temporary"
    listed = Delivery.unscoped.get(recipient="listed@tenant.example")
    assert (listed.state, listed.reason) == ("failed_permanent", "reputation")
    assert FailingAddress.unscoped.get().address == "nobody@tenant.example"
    assert imap.email.parse(caught[0], own_host="palier.invalid").automatic


# 7 · two robots face to face


def test_two_robots_without_manners_exhaust_themselves_and_a_person_is_told(
    box, clock, work, mails
):
    robots = ["one@robot.example", "two@robot.example"]
    number = 0
    for robot in robots:
        imap.store(box, made.mail(f"start {robot}", sender=robot, message_id=f"<{robot}>"), clock())
    answered = 0
    for _ in range(200):
        work()
        fresh, answered = mails.sent[answered:], len(mails.sent)
        for sent in fresh:
            number += 1
            raw = made.mail("Merci de votre message", sender=sent.to, message_id=f"<r{number}@r>")
            imap.store(box, raw, clock())
        clock.forward(seconds=15)
    for robot in robots:
        assert sum(m.to == robot for m in mails.sent) <= 25
    assert Intake.unscoped.filter(state="failed").count() >= 2


def test_a_robot_that_answers_in_the_thread_gets_nothing_back(told, arrive, mails):
    _claim, sent = told
    for number in range(30):
        arrive(answer(sent, "Bien reçu.", message_id=f"<{number}@r>"))
    assert len(mails.sent) == 1


# 8 · bounces


def test_a_hard_bounce_gives_the_address_up_and_tries_the_next_channel(
    make_claim, box, work, arrive, mails, texts
):
    claim = make_claim(contact_email=AWA, contact_phone="0639981234")
    work()
    raw = made.bounce("failed", "5.1.1", mails.sent[0].message_id)
    intake = arrive(raw)
    assert (intake.state, intake.claim, intake.message) == ("parsed", claim, None)
    assert Delivery.unscoped.get(channel="email").state == "failed_permanent"
    assert FailingAddress.unscoped.get().address == AWA
    assert len(texts.sent) == 1
    assert AWA in notes(claim)[0]
    claim.refresh_from_db()
    assert claim.state == "received"
    arrive(raw.replace(b"<1@tenant.example>", b"<2@tenant.example>"))
    assert (len(texts.sent), len(notes(claim))) == (1, 1)


def test_a_soft_bounce_is_tried_again_and_a_delay_is_not(told, arrive, clock, work, mails):
    _claim, sent = told
    arrive(made.bounce("delayed", "4.4.7", sent.message_id))
    assert Delivery.unscoped.get().state == "sent"
    arrive(made.bounce("failed", "4.4.1", sent.message_id).replace(b"<1@", b"<2@"))
    assert Delivery.unscoped.get().state == "failed_temporary"
    clock.forward(hours=1)
    work()
    assert [m.message_id for m in mails.sent] == [sent.message_id] * 2
    assert not FailingAddress.unscoped.exists()


@pytest.mark.parametrize("name", sorted(made.FREE_FORM))
def test_free_form_bounces_find_their_delivery(told, arrive, name):
    _claim, sent = told
    kind, subject, text = made.FREE_FORM[name]
    body = f"{text}\n\n----\nMessage-ID: {sent.message_id}\n"
    arrive(made.mail(body, subject=subject, sender="MAILER-DAEMON@mx.example"))
    want = "failed_permanent" if kind in ("dead", "refused") else "failed_temporary"
    assert Delivery.unscoped.get(channel="email").state == want
    assert FailingAddress.unscoped.exists() is (kind == "dead")


def test_a_forged_bounce_gives_nobody_up(told, arrive):
    intake = arrive(made.bounce("failed", "5.1.1", "<x@palier.invalid>"))
    assert (intake.state, intake.claim) == ("failed", None)
    assert not FailingAddress.unscoped.exists()
    assert Delivery.unscoped.get().state == "sent"


CONSEQUENCES = {
    "dead": ("5.1.1", "550 user unknown", "failed_permanent"),
    "full": ("5.2.2", "552 mailbox full", "failed_permanent"),
    "refused": ("5.6.0", "550 virus found", "failed_permanent"),
    "reputation": ("5.7.1", "554 Client host rejected: spamdetected", "failed_permanent"),
    "later": ("4.4.7", "expired", "failed_temporary"),
}


@pytest.mark.parametrize("meaning", CONSEQUENCES)
def test_only_a_dead_address_is_given_up_and_the_message_goes_on(
    make_claim, box, work, arrive, mails, texts, meaning
):
    status, answer, state = CONSEQUENCES[meaning]
    make_claim(contact_email=AWA, contact_phone="0639981234")
    work()
    arrive(made.bounce("failed", status, mails.sent[0].message_id, answer))
    assert Delivery.unscoped.get(channel="email").state == state
    assert FailingAddress.unscoped.exists() is (meaning == "dead")
    # What cannot be mended by trying again goes by the next channel at once.
    assert len(texts.sent) == (state == "failed_permanent")


def test_a_full_mailbox_is_tried_again_where_nothing_else_leads_to_the_person(told, arrive):
    _claim, sent = told
    arrive(made.bounce("failed", "5.2.2", sent.message_id, "552 mailbox full"))
    row = Delivery.unscoped.get(channel="email")
    assert (row.state, row.reason) == ("failed_temporary", "full")


def test_a_bounce_without_our_mail_finds_its_delivery_by_where_it_came_back_to(
    told, arrive, settings
):
    """VERP: one bounce in five names no Message-ID of ours."""
    _claim, sent = told
    delivery = Delivery.unscoped.get()
    assert sent.bounces_to == marks.bounce_address("palier@bailleur.example", delivery.pk)
    assert len(sent.bounces_to.partition("@")[0]) <= 64
    forged = sent.bounces_to.replace("palier+p.", "palier+p.a")
    for to, state in ((forged, "sent"), (sent.bounces_to.upper(), "failed_permanent")):
        raw = made.mail(
            "<awa@tenant.example>: 550 5.1.1 user unknown",
            sender="MAILER-DAEMON@mx.example",
            subject="Undelivered Mail",
            message_id=f"<{state}@mx.example>",
            To=to,
        )
        arrive(raw)
        delivery.refresh_from_db()
        assert delivery.state == state
    assert FailingAddress.unscoped.get().address == AWA


def test_a_robots_answer_to_the_envelope_stands_in_its_conversation(told, arrive):
    claim, sent = told
    arrive(made.mail("Je suis absente.", Auto_Submitted="auto-replied", To=sent.bounces_to))
    assert came_in(claim) == ["Je suis absente."]


def test_who_calls_our_mail_spam_gets_no_more_of_it_and_the_news_all_the_same(
    make_claim, box, work, arrive, mails, texts
):
    claim = make_claim(contact_email=AWA, contact_phone="0639981234")
    work()
    raw = complaint("abuse").replace(b"<x@palier.invalid>", mails.sent[0].message_id.encode())
    intake = arrive(raw)
    assert (intake.state, intake.claim) == ("parsed", claim)
    assert FailingAddress.unscoped.get().reason == "COMPLAINT"
    assert any("indésirables" in note for note in notes(claim))
    # The mail that was complained of had arrived.
    assert Delivery.unscoped.get(channel="email").state == "sent"
    assert [way.channel for way in contact_routes(claim)][0] == "sms"


def test_our_reputation_is_one_alarm_however_many_messages(
    make_claim, box, work, arrive, mails, client, landlord, clock
):
    admin = member(landlord["head"], "admin").user
    client.force_login(member(landlord["north"], "agent").user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    for number in range(3):
        make_claim(contact_email=f"t{number}@{('orange.fr', 'wanadoo.fr', 'free.fr')[number]}")
    work()
    clock.at = now()
    Delivery.unscoped.update(due_at=now())
    assert "refuses our mail" not in client.get("/agency/channels/").content.decode()
    answer = "554 5.7.1 Client host rejected: spamdetected"
    for number, sent in enumerate(list(mails.sent)):
        raw = made.bounce("failed", "5.7.1", sent.message_id, answer)
        arrive(raw.replace(b"<1@tenant.example>", f"<b{number}@mx.example>".encode()))
    page = client.get("/agency/channels/").content.decode()
    assert (page.count("Orange refuses our mail"), page.count("Free refuses our mail")) == (1, 1)
    assert "spamdetected" in page
    # Whoever runs the portal was told of each provider once.
    work()
    alarms = [m.subject for m in mails.sent if m.to == admin.email]
    assert sorted(alarms) == ["Free refuse nos courriels", "Orange refuse nos courriels"]
    assert not FailingAddress.unscoped.exists()
    # The next mail to the same people leaves.
    make_claim(contact_email="t0@orange.fr")
    work()
    assert mails.sent[-1].to == "t0@orange.fr"
