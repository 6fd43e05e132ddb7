"""A claim answered by letter, and the clock of the channels' tests."""

import pytest

from portal.actor import Actor
from requests.conversation.actions import write
from tests.factories import member, tenant
from tests.requests.fixtures.channels import clock, mails, make_claim, texts, work

__all__ = ["clock", "mails", "make_claim", "texts", "work"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def sonia(landlord):
    """Agency staff of the north."""
    return member(landlord["north"], "agent")


@pytest.fixture
def claim(landlord, make_claim, work):
    """A claim of somebody who wrote a letter; nobody gave an e-mail or a phone."""
    person = tenant(landlord["dwelling"])
    made = make_claim(tenant=str(person.pk), channel="letter", contact_email="", contact_name="")
    work()
    return made


@pytest.fixture
def send(clock, work):
    """Write to the tenant of a claim by letter."""

    def send(claim, text="Le plombier passera mardi."):
        write(
            claim=claim,
            text=text,
            direction="out",
            channel="letter",
            actor=Actor.SYSTEM,
            now=clock(),
        )
        work()

    return send
