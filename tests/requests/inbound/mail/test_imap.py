"""Fetching from mailboxes over IMAP."""

from datetime import timedelta

import pytest
from django.urls import reverse

from requests.channels import mailboxes
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap
from tests.factories import administrator
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

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
        mailboxes.record_success(box, clock())
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
