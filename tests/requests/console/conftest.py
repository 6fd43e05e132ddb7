"""An administrator signed in, in English; accounts with a second factor; mails as links."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.utils import translation

from portal.models import User
from tests.factories import member
from tests.requests.fixtures.smtp import sink

__all__ = ["sink"]


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def admin(client, landlord) -> User:
    """The only administrator, signed in just now."""
    user = member(landlord["head"], "admin").user
    client.force_login(user)
    return user


@pytest.fixture
def second(landlord) -> User:
    """Somebody of head office, who can be the second person."""
    return member(landlord["head"], "head_office").user


@pytest.fixture
def factor():
    """Give an account a second factor."""

    def give(user: User) -> Authenticator:
        return Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})

    return give


@pytest.fixture
def link():
    """Return the path that the last mail to an address leads to."""

    def find(address: str) -> str:
        texts = [m.body for m in mail.outbox if m.to == [address]]
        return re.findall(r"http://[^/\s]+(/invitation/\S+)", texts[-1])[-1]

    return find
