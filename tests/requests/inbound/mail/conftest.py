"""A mailbox, a mail that comes in, and a claim whose tenant was told."""

import pytest

from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap
from tests.factories import category
from tests.requests.inbound.mail.helpers import AWA, KEY


@pytest.fixture(autouse=True)
def _house(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    settings.PALIER_BOUNCES_TO = "palier@bailleur.example"
    monkeypatch.setenv("PALIER_MAIL_SECRET_TEST", "secret")
    monkeypatch.setenv("PALIER_MAIL_SECRET_HOOK", KEY)


@pytest.fixture
def box(landlord):
    category("ADM-14", "A1", "crc")
    return Mailbox.objects.create(
        slug="agence",
        address="palier@bailleur.example",
        authserv_id="mx.bailleur.example",
        webhook_secret_name="PALIER_MAIL_SECRET_HOOK",
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
