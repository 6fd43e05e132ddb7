"""Fixtures of these tests."""

import pytest

from tests.requests.fixtures.channels import (
    Provider,
    clock,
    mails,
    make_claim,
    texts,
    work,
)
from tests.requests.fixtures.landlords import ours
from tests.requests.fixtures.sms_provider import sms_provider

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "ours",
    "sms_provider",
    "texts",
    "work",
]


@pytest.fixture
def provider(monkeypatch, settings) -> Provider:
    """Replace every outbound channel by one provider that answers what it is told to."""
    settings.PALIER_PAGE_ID = "106000000000001"
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    provider = Provider()
    for name in ("email", "sms", "page"):
        monkeypatch.setattr(f"requests.channels.outbound.{name}.send", provider)
    return provider
