"""Channels behind a button: a mailbox, a mail and a text message, each failure in clear words."""

from datetime import timedelta

import pytest

from portal.clock import now
from requests.channels.mailbox_models import Mailbox
from requests.console import trials
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.notifications.text_models import MessageText
from requests.tasks import HANDLERS
from tests.moments import at
from tests.requests.inbound.imap_server import ImapServer

pytestmark = pytest.mark.django_db
NAME = "PALIER_MAIL_SECRET_DESK"


@pytest.fixture
def box(monkeypatch):
    monkeypatch.setenv(NAME, "secret")
    return Mailbox.objects.create(
        slug="desk", address="desk@example.test", host="127.0.0.1", security="none",
        username="palier", secret_name=NAME, port=1,
    )  # fmt: skip


def press(client, box) -> str:
    return client.post(f"/console/mailboxes/{box.pk}/test/", follow=True).content.decode()


def test_a_mailbox_that_answers_is_counted_and_nothing_is_read(client, admin, box):
    with ImapServer() as server:
        server.box = {1: b"Subject: a\r\n\r\nb"}
        box.port = server.port
        box.save()
        assert "It works: 1 message in the folder." in press(client, box)
        assert server.fetched == []
    box.refresh_from_db()
    assert box.last_success_at is not None
    assert "answered" in client.get("/console/channels/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 1}, "does not answer on this port"),
        ({"username": "somebody"}, "refuses this account or its password"),
        ({"folder": "Nowhere"}, "folder does not exist"),
        ({"secret_name": "PALIER_MAIL_SECRET_NONE"}, "No password is set"),
        ({"host": ""}, "No mail server is set"),
        ({"host": "mail.example.test", "security": "tls", "port": 993}, "not among those"),
    ],
)
def test_each_failure_of_a_mailbox_says_what_to_do(client, admin, box, change, words, settings):
    if "mail.example.test" in change.values():
        settings.PALIER_IMAP_HOSTS = ["imap.example.test"]
    with ImapServer() as server:
        server.refused = {"SELECT": "NO"} if "folder" in change else {}
        box.port = server.port
        for name, value in change.items():
            setattr(box, name, value)
        box.save()
        assert words in press(client, box)


def test_the_password_of_a_mailbox_is_chosen_by_name_and_never_shown(client, admin, box):
    page = client.get(f"/console/mailboxes/{box.pk}/").content.decode()
    assert f'value="{NAME}"' in page
    assert "secret</option>" not in page


def test_a_mail_to_oneself_says_when_it_left(client, admin, sink):
    client.post("/console/channels/message/", {"channel": "email"})
    assert "leaving…" in client.get("/console/channels/").content.decode()
    queue.drain(HANDLERS, now)
    assert sink.mails[0]["To"] == admin.email
    assert "look whether it has arrived" in client.get("/console/channels/").content.decode()


def test_a_mail_server_that_is_away_is_said(client, admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.post("/console/channels/message/", {"channel": "email"})
    queue.drain(HANDLERS, now)
    assert "the mail server did not answer" in client.get("/console/channels/").content.decode()


def test_without_a_sender_the_page_says_so(client, admin):
    client.post("/console/channels/message/", {"channel": "email"})
    with at(now() + timedelta(minutes=5)):
        assert [trial.state for trial in trials.lately(admin, now())] == ["bad"]
        assert "the sender does not run" in trials.lately(admin, now())[0].words


def test_a_text_message_needs_a_mobile_phone_and_a_provider(client, admin, settings):
    settings.PALIER_SMS = "portal.sms.by_mail"
    answer = client.post("/console/channels/message/", {"channel": "sms", "phone": "12"},
                         follow=True)  # fmt: skip
    assert "Write a mobile phone number" in answer.content.decode()
    client.post("/console/channels/message/", {"channel": "sms", "phone": "06 12 34 56 78"})
    sent = Delivery.objects.system("test").get()
    assert (sent.recipient, sent.kind) == ("+33612345678", "trial")
    settings.PALIER_SMS = settings.PALIER_SMS_ACCOUNT = ""
    assert "No provider is set" in client.get("/console/channels/").content.decode()


def test_a_text_is_seen_beside_the_products_own_and_mailed_to_oneself(client, admin):
    data = {"event": "routed", "channel": "email", "language": "en", "active": "on",
            "body": "Hello, {{ reference }}."}  # fmt: skip
    assert client.post("/console/texts/new/", data | {"body": "{{ nobody }}"}).status_code == 422
    answer = client.post("/console/texts/new/", data)
    text = MessageText.objects.get()
    assert answer.url == f"/console/texts/{text.pk}/"
    page = client.get(answer.url).content.decode()
    assert "Hello, K7M 4Q2." in page
    assert "Palier’s own words" in page
    client.post(f"/console/texts/{text.pk}/test/")
    assert Delivery.objects.system("test").get().text == "Hello, K7M 4Q2."
