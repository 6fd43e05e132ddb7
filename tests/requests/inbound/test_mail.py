"""From the mailbox to the conversation: IMAP and webhook, threads, trust, bounces, robots."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.channels import mailboxes, marks, signatures
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.claims.workflow import NotAllowed
from requests.conversation.actions import write
from requests.inbound import imap
from requests.inbox import triage
from requests.notifications.models import Delivery, FailingAddress
from tenants.models import ContactPoint, Tenant
from tests.factories import administrator, category, member
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

KEY = "a-key-of-the-tests"
AWA = "awa@tenant.example"
PROVEN = {"Authentication_Results": "mx.bailleur.example; dmarc=pass header.from=tenant.example"}


@pytest.fixture(autouse=True)
def _house(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    monkeypatch.setenv("TEST_IMAP_PASSWORD", "secret")
    monkeypatch.setenv("TEST_HOOK_KEY", KEY)


@pytest.fixture
def box(landlord):
    category("ADM-14", "A1", "crc")
    return Mailbox.objects.create(
        slug="agence",
        address="palier@bailleur.example",
        authserv_id="mx.bailleur.example",
        webhook_secret_name="TEST_HOOK_KEY",
    )


@pytest.fixture
def arrive(box, clock, work):
    """One raw mail comes in and is read; returns its intake."""

    def come(raw: bytes, into=None) -> Intake:
        intake, _new = imap.store(into or box, raw, clock())
        work()
        intake.refresh_from_db()
        return intake

    return come


@pytest.fixture
def told(make_claim, box, work, mails):
    """A claim whose tenant has received our acknowledgement; ``(claim, that mail)``."""
    claim = make_claim(contact_email=AWA)
    work()
    claim.refresh_from_db()
    return claim, mails.sent[0]


def answer(sent, body="Il coule encore.", **more) -> bytes:
    return made.mail(body, In_Reply_To=sent.message_id, References=sent.message_id, **more)


def came_in(claim):
    return list(claim.messages.filter(direction="in").values_list("text", flat=True))


def notes(claim):
    return list(claim.messages.filter(direction="note").values_list("text", flat=True))


def claims():
    return Claim.objects.system("test")


# 3 · threading


def test_an_answer_finds_its_conversation_by_our_signed_message_id(told, arrive):
    claim, sent = told
    intake = arrive(answer(sent, subject="sans rapport", **PROVEN))
    assert (intake.state, intake.claim) == ("parsed", claim)
    assert came_in(claim) == ["Il coule encore."]
    assert intake.message.claim == claim
    assert (intake.belongs, intake.verified) == (True, True)
    assert not notes(claim)


@pytest.mark.parametrize("where", ["body", "address", "references"])
def test_without_headers_the_signed_mark_is_enough(told, arrive, where):
    claim, sent = told
    mark = marks.claim_mark(claim.reference)
    raw = {
        "body": made.mail(f"Oui.\n\n> Repère de réponse, à laisser : {mark}"),
        "address": made.mail("Oui.", To=sent.reply_to),
        "references": made.mail("Oui.", References=f"<other@x> {sent.message_id} <more@y>"),
    }[where]
    assert mark in sent.text
    assert arrive(raw).claim == claim


def test_a_forged_mark_or_identifier_is_nothing(told, arrive):
    claim, sent = told
    forged = sent.message_id.replace(".", ".0", 2)[:70] + "@palier.invalid>"
    wrong = marks.claim_mark(claim.reference)[:-1] + "7"
    for raw in (
        made.mail("a", In_Reply_To=forged, sender="eve@evil.example", message_id="<2@e>"),
        made.mail(f"b {wrong}", sender="eve@evil.example", message_id="<3@e>"),
        made.mail("c", subject=f"{claim.reference}", sender="eve@evil.example", message_id="<4@e>"),
    ):
        assert arrive(raw).claim != claim
    assert came_in(claim) == []


def test_a_reference_in_the_subject_counts_for_people_of_the_claim_only(told, arrive):
    claim, _sent = told
    assert (
        arrive(made.mail("Et alors ?", subject=f"Demande {claim.spoken_reference}")).claim == claim
    )


def test_strangers_who_answer_one_newsletter_are_never_joined(arrive, box):
    one = arrive(made.mail("Un", References="<news@x.example>", message_id="<a@x>"))
    two = arrive(
        made.mail(
            "Deux",
            sender="bob@other.example",
            References="<news@x.example> <a@x>",
            message_id="<b@x>",
        )
    )
    assert one.claim != two.claim
    again = arrive(made.mail("Encore", In_Reply_To="<a@x>", message_id="<c@x>"))
    assert again.claim == one.claim


# 11 · trust


def test_an_unknown_sender_with_our_identifier_is_shown_and_moves_nothing(
    told, arrive, landlord, clock
):
    claim, sent = told
    sonia = member(landlord["north"], "agent")
    advance(
        claim=claim, transition="ask", actor=Actor.member(sonia), now=clock(), text="Une photo ?"
    )
    intake = arrive(answer(sent, sender="eve@evil.example"))
    claim.refresh_from_db()
    assert (intake.claim, intake.belongs, intake.verified) == (claim, False, False)
    assert claim.state == "waiting_tenant"
    assert "eve@evil.example" in notes(claim)[0]
    arrive(answer(sent, "La photo.", message_id="<5@t>"))
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_an_employees_address_is_never_believed(told, arrive, landlord):
    claim, sent = told
    sonia = member(landlord["north"], "agent").user
    sonia.email = "sonia@bailleur.example"
    sonia.save()
    intake = arrive(answer(sent, sender="sonia@bailleur.example", **PROVEN))
    message = Message.objects.get(pk=intake.message_id)
    assert (message.direction, message.author, intake.belongs) == ("in", None, False)
    fresh = arrive(made.mail("Bonjour", sender="sonia@bailleur.example", message_id="<6@t>"))
    assert fresh.belongs is False
    assert "adresse" in notes(fresh.claim)[0] or "address" in notes(fresh.claim)[0]


@pytest.mark.parametrize("proven", [True, False])
def test_a_tenant_is_recognised_only_when_our_server_proved_the_sender(arrive, proven):
    tenant = Tenant.objects.system("test").create(last_name="Traoré")
    ContactPoint.objects.create(tenant=tenant, kind="email", value=AWA, verified=True)
    intake = arrive(made.mail(**(PROVEN if proven else {})))
    assert intake.claim.tenant == (tenant if proven else None)
    assert intake.claim.contact_email == AWA


def test_an_address_of_two_tenants_recognises_nobody(arrive):
    for name in ("Traoré", "Diallo"):
        tenant = Tenant.objects.system("test").create(last_name=name)
        ContactPoint.objects.create(tenant=tenant, kind="email", value=AWA, verified=True)
    assert arrive(made.mail(**PROVEN)).claim.tenant is None


def test_our_answer_threads_with_their_mail_and_a_persons_words_are_not_automatic(
    arrive, clock, work, mails
):
    claim = arrive(made.mail(message_id="<first@tenant.example>")).claim
    write(
        claim=claim,
        text="Bonjour",
        direction="out",
        channel="email",
        actor=Actor.SYSTEM,
        now=clock(),
    )
    work()
    first, second = mails.sent
    assert first.in_reply_to == second.in_reply_to == "<first@tenant.example>"
    assert second.references[:2] == ["<first@tenant.example>", first.message_id]
    assert (first.automatic, second.automatic) == (True, False)


# 4 · merged and closed


def test_mail_to_a_merged_claim_follows_the_merge(told, make_claim, arrive, clock):
    claim, sent = told
    other = make_claim()
    claims().filter(pk=claim.pk).update(state="merged", ended_at=clock())
    claim.events.create(name="merge", at=clock(), state="merged", facts={"into": str(other.pk)})
    assert arrive(answer(sent)).claim == other


def test_mail_after_the_end_proposes_reopening_then_begins_a_linked_claim(told, arrive, clock):
    claim, sent = told
    claims().filter(pk=claim.pk).update(state="closed", ended_at=clock())
    clock.forward(days=10)
    assert arrive(answer(sent)).claim == claim
    claim.refresh_from_db()
    assert claim.state == "closed"
    assert len(notes(claim)) == 1
    clock.forward(days=30)
    late = arrive(answer(sent, "Ça recommence.", message_id="<9@t>"))
    assert late.claim != claim
    assert late.previous == claim
    assert claim.spoken_reference in notes(late.claim)[0]
    assert late.claim.spoken_reference in notes(claim)[1]


# 5 · robots


def test_a_robots_answer_is_kept_and_triggers_nothing(told, arrive, landlord, clock, mails, work):
    claim, sent = told
    sonia = member(landlord["north"], "agent")
    advance(
        claim=claim, transition="ask", actor=Actor.member(sonia), now=clock(), text="Une photo ?"
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
    assert (intake.state, intake.claim) == ("discarded", None)
    assert intake.error
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
        work()
    finally:
        server.stop()
    text = caught[0].decode()
    for line in (
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        f"Message-ID: {Delivery.objects.get(recipient=AWA).message_id}",
        "multipart/alternative",
    ):
        assert line in text
    assert marks.claim_mark(claim.reference) in text.replace("=\r\n", "")
    assert "List-Unsubscribe" not in text
    assert Delivery.objects.get(recipient="nobody@tenant.example").state == "failed_permanent"
    assert Delivery.objects.get(recipient="later@tenant.example").state == "failed_temporary"
    assert FailingAddress.objects.get().address == "nobody@tenant.example"
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
    assert Intake.objects.filter(state="failed").count() >= 2


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
    assert Delivery.objects.get(channel="email").state == "failed_permanent"
    assert FailingAddress.objects.get().address == AWA
    assert len(texts.sent) == 1
    assert AWA in notes(claim)[0]
    claim.refresh_from_db()
    assert claim.state == "received"
    arrive(raw.replace(b"<1@tenant.example>", b"<2@tenant.example>"))
    assert (len(texts.sent), len(notes(claim))) == (1, 1)


def test_a_soft_bounce_is_tried_again_and_a_delay_is_not(told, arrive, clock, work, mails):
    _claim, sent = told
    arrive(made.bounce("delayed", "4.4.7", sent.message_id))
    assert Delivery.objects.get().state == "sent"
    arrive(made.bounce("failed", "4.4.1", sent.message_id).replace(b"<1@", b"<2@"))
    assert Delivery.objects.get().state == "failed_temporary"
    clock.forward(hours=1)
    work()
    assert [m.message_id for m in mails.sent] == [sent.message_id] * 2
    assert not FailingAddress.objects.exists()


@pytest.mark.parametrize("name", sorted(made.FREE_FORM))
def test_free_form_bounces_find_their_delivery(told, arrive, name):
    _claim, sent = told
    kind, subject, text = made.FREE_FORM[name]
    body = f"{text}\n\n----\nMessage-ID: {sent.message_id}\n"
    arrive(made.mail(body, subject=subject, sender="MAILER-DAEMON@mx.example"))
    want = {"hard": "failed_permanent", "soft": "failed_temporary"}[kind]
    assert Delivery.objects.get(channel="email").state == want
    assert FailingAddress.objects.exists() is (kind == "hard")


def test_a_forged_bounce_gives_nobody_up(told, arrive):
    intake = arrive(made.bounce("failed", "5.1.1", "<x@palier.invalid>"))
    assert intake.state == "discarded"
    assert not FailingAddress.objects.exists()
    assert Delivery.objects.get().state == "sent"


# 10, 12, 13 · what is kept


def test_files_quotes_and_html_are_kept_beside_the_words(told, arrive):
    claim, sent = told
    raw = made.parts(
        made.part(
            "Content-Type: text/html; charset=utf-8",
            "<p>Oui</p><script>x</script><blockquote>Avant</blockquote>",
        ),
        made.part("Content-Type: image/jpeg", b"\xff\xd8\xffphoto"),
        In_Reply_To=sent.message_id,
    )
    intake = arrive(raw)
    assert (intake.text, intake.folded) == ("Oui", "> Avant")
    assert "script" not in intake.html
    assert bytes(intake.raw) == raw
    kept = Attachment.objects.get()
    assert (kept.claim, kept.message, kept.name) == (claim, intake.message, "photo.jpg")
    assert kept.file.read() == b"\xff\xd8\xffphoto"


def test_a_file_that_is_too_heavy_gets_a_helpful_answer(told, arrive, mails):
    _claim, sent = told
    raw = made.parts(
        made.TEXT,
        made.part('Content-Type: image/jpeg; name="grande.jpg"', b"x" * 21_000_000),
        In_Reply_To=sent.message_id,
    )
    arrive(raw)
    assert "grande.jpg" in mails.sent[-1].text
    assert "20 Mo" in mails.sent[-1].text


# 1, 2 · never lose, never twice


def test_one_mail_to_two_mailboxes_is_one_message(told, arrive):
    claim, sent = told
    other = Mailbox.objects.create(slug="siege", address="siege@bailleur.example")
    first = arrive(answer(sent, Delivered_To="palier@bailleur.example"))
    second = arrive(answer(sent, Delivered_To="siege@bailleur.example"), other)
    assert (first.state, second.state, second.claim) == ("parsed", "discarded", claim)
    assert len(came_in(claim)) == 1


def test_a_mail_that_cannot_be_read_waits_and_the_next_one_passes(
    told, arrive, monkeypatch, client, landlord, clock, work
):
    claim, sent = told
    with monkeypatch.context() as broken:
        broken.setattr("requests.inbound.reader.email.parse", lambda *a, **k: 1 / 0)
        lost = arrive(answer(sent))
    assert lost.state == "failed"
    assert "ZeroDivisionError" in lost.error
    assert arrive(answer(sent, "Le suivant", message_id="<8@t>")).state == "parsed"
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{lost.pk}/replay/").status_code == 302
    clock.forward(seconds=1)
    clock.at = max(clock.at, now())
    work()
    lost.refresh_from_db()
    assert (lost.state, lost.claim) == ("parsed", claim)
    assert len(came_in(claim)) == 2


def test_claim_and_message_come_together_or_not_at_all(arrive, box, monkeypatch):
    monkeypatch.setattr("requests.inbound.new_claims.keep_files", lambda *a: 1 / 0)
    intake = arrive(made.mail())
    assert intake.state == "failed"
    assert claims().count() == 0
    assert not Message.objects.exists()


# IMAP


@pytest.fixture
def server(box):
    with ImapServer() as running:
        Mailbox.objects.filter(pk=box.pk).update(
            host="127.0.0.1",
            port=running.port,
            security="none",
            username="palier",
            secret_name="TEST_IMAP_PASSWORD",
        )
        yield running


def test_new_mails_are_fetched_once_and_a_bad_one_blocks_nobody(server, box, clock, work):
    for uid in (3, 5, 9):
        server.box[uid] = made.mail(f"Message {uid}", message_id=f"<{uid}@t>")
    server.broken = {5}
    assert imap.poll(clock) == 3
    work()
    assert imap.poll(clock) == 0
    assert server.fetched == [3, 9]
    assert sorted(Intake.objects.values_list("state", flat=True)) == ["failed", "parsed", "parsed"]
    box.refresh_from_db()
    assert (box.last_uid, box.errors, box.leased_until) == (9, 0, None)
    assert box.last_success_at == clock()
    server.box[10] = made.mail("Dix", message_id="<10@t>")
    assert imap.poll(clock) == 1


def test_a_cut_connection_is_taken_up_where_it_broke(server, box, clock):
    for uid in (1, 2, 3):
        server.box[uid] = made.mail(f"Message {uid}", message_id=f"<{uid}@t>")
    server.cut_at = 2
    assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert (box.last_uid, box.errors) == (1, 1)
    assert box.next_poll_at > clock()
    assert imap.poll(clock) == 0  # backs off
    server.cut_at = None
    clock.forward(minutes=2)
    assert imap.poll(clock) == 2
    assert Intake.objects.count() == 3
    assert server.fetched == [1, 2, 3]


def test_a_mailbox_numbered_anew_doubles_nothing(server, box, clock):
    server.box[4] = made.mail(message_id="<4@t>")
    imap.poll(clock)
    server.validity, server.box = 8, {1: server.box[4], 2: made.mail("Neuf", message_id="<n@t>")}
    assert imap.poll(clock) == 1
    assert Intake.objects.count() == 2


def test_two_pollers_never_read_one_mailbox_together(server, box, clock):
    server.box[1] = made.mail()
    assert mailboxes.lease(box, clock())
    assert imap.poll(clock) == 0
    assert server.logins == 0
    clock.forward(minutes=11)  # the other one died
    assert imap.poll(clock) == 1


def test_a_wrong_password_is_seen_and_a_silent_mailbox_is_an_alarm(server, box, clock, monkeypatch):
    monkeypatch.setenv("TEST_IMAP_PASSWORD", "wrong")
    imap.poll(clock)
    box.refresh_from_db()
    assert "AUTHENTICATIONFAILED" in box.last_error
    assert imap.alarm(box, clock())
    monkeypatch.setenv("TEST_IMAP_PASSWORD", "secret")
    clock.forward(minutes=2)
    imap.poll(clock)
    box.refresh_from_db()
    assert not imap.alarm(box, clock())
    assert imap.alarm(box, clock() + timedelta(minutes=31))


def test_a_huge_mail_is_fetched_in_part_and_answered(server, box, clock, work, monkeypatch, mails):
    monkeypatch.setattr(imap, "LARGEST", 50_000)
    monkeypatch.setattr(imap, "HEAD_OF_LARGE", 20_000)
    server.box[1] = made.mail("Bonjour.\n" + "x" * 100_000)
    imap.poll(clock)
    work()
    intake = Intake.objects.get()
    assert (intake.truncated, intake.state, len(intake.raw)) == (True, "parsed", 20_000)
    assert any("trop lourde" in m.text for m in mails.sent)


def test_several_mailboxes_are_each_read_under_their_own_lease(server, box, clock):
    with ImapServer() as second:
        Mailbox.objects.create(
            slug="siege",
            address="siege@bailleur.example",
            host="127.0.0.1",
            port=second.port,
            security="none",
            username="palier",
            secret_name="TEST_IMAP_PASSWORD",
        )
        server.box[1] = made.mail("Un", message_id="<un@t>")
        second.box[1] = made.mail("Deux", message_id="<deux@t>")
        assert mailboxes.lease(box, clock())  # another worker is at the first
        assert imap.poll(clock) == 1
        assert (server.logins, second.logins) == (0, 1)
        mailboxes.succeeded(box, clock())
        assert imap.poll(clock) == 1
    assert set(Intake.objects.values_list("mailbox__slug", flat=True)) == {"agence", "siege"}


def test_the_settings_test_a_mailbox_and_never_show_its_password(
    server, box, client, landlord, monkeypatch
):
    server.box[1] = made.mail()
    client.force_login(administrator(landlord["head"]).user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = reverse("admin:requests_mailbox_change", args=[box.pk])
    shown = client.get(page).content.decode()
    assert "set in the environment" in shown
    assert 'value="secret"' not in shown
    data = {"slug": "agence", "address": "palier@bailleur.example", "active": "on"}
    data |= {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "palier"}
    data |= {"secret_name": "TEST_IMAP_PASSWORD", "folder": "INBOX", "_test": "1"}
    said = client.post(page, data, follow=True).content.decode()
    assert "The connection works: 1 messages" in said
    assert Intake.objects.count() == 0
    monkeypatch.setenv("TEST_IMAP_PASSWORD", "wrong")
    said = client.post(page, data, follow=True).content.decode()
    assert "The connection failed" in said
    assert "AUTHENTICATIONFAILED" in said


# 4 · mail to a merged claim


def test_mail_to_a_merged_claim_goes_on_in_the_other_one(
    told, arrive, make_claim, clock, landlord, work, mails
):
    claim, sent = told
    other = make_claim(contact_email=AWA)
    agent = member(landlord["north"], "agent")
    event = triage.merge(claim=claim, into=other, actor=Actor.member(agent), now=clock())
    assert (event.name, event.facts["into"]) == ("merge", str(other.pk))
    clock.forward(minutes=2)
    work()
    assert other.spoken_reference in mails.sent[-1].text
    assert arrive(answer(sent)).claim == other
    assert came_in(other) == ["Il coule encore."]
    stranger = make_claim(contact_email="bob@other.example")
    with pytest.raises(NotAllowed):
        triage.merge(claim=other, into=stranger, actor=Actor.member(agent), now=clock())
    with pytest.raises(NotAllowed):
        triage.merge(claim=other, into=claim, actor=Actor.member(agent), now=clock())


def test_merging_is_offered_for_the_same_person_only_and_is_taken_back(
    told, make_claim, landlord, client, work
):
    claim, _sent = told
    other = make_claim(contact_email=AWA)
    work()
    client.force_login(member(landlord["north"], "agent").user)
    page = f"/agency/{claim.pk}/"
    assert other.spoken_reference in client.get(page).content.decode()
    claim.refresh_from_db()
    data = {"into": str(make_claim(contact_email="x@y.example").pk), "version": claim.version}
    assert client.post(f"{page}merge/", data).status_code == 422
    data["into"] = str(other.pk)
    assert client.post(f"{page}merge/", data).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "merged"
    assert other.spoken_reference in client.get(page).content.decode()
    assert claim.spoken_reference in client.get(f"/agency/{other.pk}/").content.decode()
    event = claim.events.get(name="merge")
    client.post("/agency/undo/", {"events": str(event.pk)})
    claim.refresh_from_db()
    assert claim.state == "received"


def test_the_original_is_always_in_sight_but_not_of_another_agency(told, arrive, client, landlord):
    claim, sent = told
    intake = arrive(answer(sent))
    client.force_login(member(landlord["north"], "agent").user)
    assert f"/agency/tray/{intake.pk}/" in client.get(f"/agency/{claim.pk}/").content.decode()
    assert "Il coule encore." in client.get(f"/agency/tray/{intake.pk}/").content.decode()
    client.force_login(member(landlord["south"], "agent").user)
    assert client.get(f"/agency/tray/{intake.pk}/").status_code == 404


# The signed webhook


def post(client, body, key=KEY, at=None, slug="agence", **headers):
    at = int(time.time()) if at is None else at
    return client.post(
        f"/hooks/mail/{slug}/",
        body,
        content_type="message/rfc822",
        headers={
            "X-Palier-Timestamp": str(at),
            "X-Palier-Signature": signatures.sign(key, at, body),
            **headers,
        },
    )


def test_a_signed_mail_is_stored_before_it_is_read(client, box):
    raw = made.mail()
    assert post(client, raw).status_code == 202
    intake = Intake.objects.get()
    assert (intake.state, bytes(intake.raw), intake.mailbox) == ("new", raw, box)
    late, early = int(time.time()) - 301, int(time.time()) + 310
    for bad in (
        post(client, raw, key="another"),
        post(client, raw, at=late),
        post(client, raw, at=early),
        post(client, raw, slug="nope"),
        post(client, raw, **{"X-Palier-Signature": "sha256=é"}),
        client.post("/hooks/mail/agence/", raw, content_type="message/rfc822"),
    ):
        assert bad.status_code == 401
    assert client.get("/hooks/mail/agence/").status_code == 405
    assert Intake.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_posted_ten_times_at_once_is_one_message(box, client, clock, work, mails):
    raw, answers = made.mail(), []

    def send():
        try:
            answers.append(post(Client(), raw).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [202] * 10
    clock.at = now()
    work()
    assert Intake.objects.get().state == "parsed"
    assert claims().count() == 1
    assert Message.objects.filter(direction="in").count() == 1


# The tray


@pytest.fixture
def lost(box, clock):
    intake, _new = imap.store(box, made.mail(), clock())
    Intake.objects.filter(pk=intake.pk).update(state="failed", error="<b>cassé</b>")
    return intake


def test_the_tray_shows_error_and_raw_text_as_text(client, landlord, lost):
    client.force_login(member(landlord["north"], "agent").user)
    page = client.get("/agency/tray/").content.decode()
    assert "&lt;b&gt;cassé" in page
    assert page.count('aria-current="page"') == 1
    shown = client.get(f"/agency/tray/{lost.pk}/").content.decode()
    assert "Message-ID: &lt;1@tenant.example&gt;" in shown
    assert client.get("/agency/tray/?view=x&page=-1").status_code == 200
    client.force_login(member(landlord["north"], "caretaker").user)
    assert client.get("/agency/tray/").status_code == 403


def test_attaching_by_hand_needs_a_claim_that_one_may_see(client, landlord, lost, make_claim, work):
    claim = make_claim()
    work()
    client.force_login(member(landlord["south"], "agent").user)
    url = f"/agency/tray/{lost.pk}/attach/"
    assert client.post(url, {"reference": claim.reference}).status_code == 422
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(url, {"reference": claim.spoken_reference.lower()}).status_code == 302
    assert came_in(claim) == [made.SAID]
    client.post(url, {"reference": claim.reference})
    assert len(came_in(claim)) == 1
    lost.refresh_from_db()
    assert (lost.state, lost.claim) == ("parsed", claim)
    assert lost.sorted_by is not None


def test_a_new_claim_or_a_reason_to_set_aside(client, landlord, lost, clock, box):
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{lost.pk}/discard/", {"reason": ""}).status_code == 422
    assert client.post(f"/agency/tray/{lost.pk}/discard/", {"reason": "Pub"}).status_code == 302
    lost.refresh_from_db()
    assert (lost.state, lost.error) == ("discarded", "Pub")
    assert client.post(f"/agency/tray/{lost.pk}/file/").status_code == 302
    client.post(f"/agency/tray/{lost.pk}/file/")
    assert claims().get().channel == "email"


def test_the_health_page_says_what_waits(client, landlord, box, told, clock):
    Mailbox.objects.filter(pk=box.pk).update(host="imap.example", errors=3, last_error="refused")
    claim, _sent = told
    held = Delivery.objects.get()
    Delivery.objects.filter(pk=held.pk).update(state="suppressed", reason="cap")
    client.force_login(member(landlord["north"], "agent").user)
    page = client.get("/agency/channels/").content.decode()
    assert "refused" in page
    assert "palier@bailleur.example" in page
    assert claim.spoken_reference in page
    assert client.post(f"/agency/channels/{held.pk}/release/").status_code == 302
    held.refresh_from_db()
    assert held.state == "queued"
    client.force_login(member(landlord["south"], "agent").user)
    assert client.post(f"/agency/channels/{held.pk}/release/").status_code == 404
    write(claim=claim, text="x", direction="note", channel="web", actor=Actor.SYSTEM, now=clock())
