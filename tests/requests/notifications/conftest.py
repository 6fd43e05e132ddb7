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

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "texts",
    "work",
]


@pytest.fixture
def provider(monkeypatch, settings) -> Provider:
    """Every door out of the house; it answers what it is told to."""
    settings.PALIER_PAGE_ID = "106000000000001"
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    door = Provider()
    for name in ("email", "sms", "page"):
        monkeypatch.setattr(f"requests.channels.outbound.{name}.send", door)
    return door
