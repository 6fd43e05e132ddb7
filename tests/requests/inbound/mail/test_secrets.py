"""What an administrator writes into a mailbox never makes the server say its other secrets."""

import socket
import ssl

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.clock import now
from requests.channels import signatures
from requests.channels.mailbox_models import Mailbox
from requests.inbound import imap
from tests.certificates import certificate
from tests.factories import administrator
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

SERVER = {"host": "127.0.0.1", "security": "none", "username": "u", "folder": "INBOX"}
NAMES = ["SECRET_KEY", "DATABASE_URL", "PALIER_HOOK_KEY", "PALIER_MAIL_HOST", "PALIER_MAIL_SECRET_"]


@pytest.fixture
def listener():
    with ImapServer() as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.weakness("secret by name")
def test_no_other_variable_of_the_server_is_named(name, listener, box, client, landlord):
    client.force_login(administrator(landlord["head"]).user)
    page = reverse("admin:requests_mailbox_change", args=[box.pk])
    data = {**SERVER, "slug": "agence", "address": "palier@bailleur.example", "active": "on"}
    data |= {"port": listener.port, "secret_name": name, "_test": "1"}
    refused = client.post(page, data)
    assert "PALIER_MAIL_SECRET_" in refused.content.decode()
    box.refresh_from_db()
    assert (box.secret_name, listener.passwords) == ("", [])


def test_a_name_written_past_the_form_reads_nothing(listener, box, clock, monkeypatch):
    monkeypatch.setenv("PALIER_HOOK_KEY", "secret")  # what the listener would take
    fields = {**SERVER, "port": listener.port, "secret_name": "PALIER_HOOK_KEY"}
    Mailbox.objects.filter(pk=box.pk).update(**fields)
    listener.box[1] = made.mail()
    assert imap.poll(clock) == 0
    assert listener.passwords == [""]


@pytest.mark.weakness("secret by name")
def test_a_known_value_signs_no_mail(box, client, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "portal.settings.production")
    Mailbox.objects.filter(pk=box.pk).update(webhook_secret_name="DJANGO_SETTINGS_MODULE")
    body, at = made.mail(), int(now().timestamp())
    sent = {"X-Palier-Timestamp": str(at)}
    sent["X-Palier-Signature"] = signatures.sign("portal.settings.production", at, body)
    hook = reverse("channels:mail_hook", args=["agence"])
    answer = client.post(hook, body, content_type="message/rfc822", headers=sent)
    assert answer.status_code == 401


@pytest.mark.weakness("secret by name")
def test_the_password_goes_to_no_server_but_those_of_the_environment(
    listener, box, clock, settings
):
    settings.PALIER_IMAP_HOSTS, settings.PALIER_IMAP_PRIVATE = ["imap.bailleur.example"], False
    fields = {**SERVER, "port": listener.port, "secret_name": "PALIER_MAIL_SECRET_TEST"}
    Mailbox.objects.filter(pk=box.pk).update(**fields)
    assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert "PALIER_IMAP_HOSTS" in box.last_error
    assert (listener.connections, listener.logins) == (0, 0)


def test_a_named_server_that_leads_inside_is_refused(listener, box, clock, settings, monkeypatch):
    settings.PALIER_IMAP_PRIVATE = False
    settings.PALIER_IMAP_HOSTS = [f"imap.bailleur.example:{listener.port}"]
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", listener.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: inside)
    fields = {**SERVER, "host": "imap.bailleur.example", "security": "tls", "port": listener.port}
    Mailbox.objects.filter(pk=box.pk).update(**fields)
    assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert "private address" in box.last_error
    assert listener.connections == 0


def test_a_password_is_sent_in_clear_to_this_machine_only(box, clock, settings):
    settings.PALIER_IMAP_HOSTS = ["imap.bailleur.example"]
    fields = {**SERVER, "host": "imap.bailleur.example", "secret_name": "PALIER_MAIL_SECRET_TEST"}
    for name, value in fields.items():
        setattr(box, name, value)
    with pytest.raises(ValidationError, match="TLS"):
        box.full_clean()
    Mailbox.objects.filter(pk=box.pk).update(**fields)
    assert imap.poll(clock) == 0
    box.refresh_from_db()
    assert "without TLS" in box.last_error


@pytest.mark.real_clock  # TLS reads the dates of a certificate by the real clock
@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("imap.bailleur.example", True),
        ("imap.bailleur.example", False),
        ("other.example", True),
    ],
)
def test_the_password_goes_to_nobody_with_a_wrong_certificate(
    host, trusted, security, box, clock, settings, monkeypatch, tmp_path
):
    both, public = certificate(host, tmp_path)
    proof = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    proof.load_cert_chain(both)
    if trusted:
        authorities = tmp_path / "authorities.pem"
        authorities.write_text(public)
        monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    settings.PALIER_IMAP_HOSTS, settings.PALIER_IMAP_PRIVATE = ["imap.bailleur.example"], True
    with ImapServer(tls=proof, upgrade=security == "starttls") as server:
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: here)
        fields = {**SERVER, "host": "imap.bailleur.example", "security": security}
        fields |= {"port": server.port, "username": "palier"}
        fields |= {"secret_name": "PALIER_MAIL_SECRET_TEST"}
        Mailbox.objects.filter(pk=box.pk).update(**fields)
        server.box[1] = made.mail()
        good = trusted and host == "imap.bailleur.example"
        assert imap.poll(clock) == good
    box.refresh_from_db()
    assert ("CERTIFICATE_VERIFY_FAILED" in box.last_error) is not good
    assert server.passwords == ["secret"] * good
