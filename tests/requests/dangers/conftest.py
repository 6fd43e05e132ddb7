"""Fixtures of these tests: the people of a ladder, and what leaves."""

import pytest

from agencies.models import OnCallRung
from tests.factories import category
from tests.requests.fixtures.channels import clock, mails, make_claim, texts, work

__all__ = ["clock", "mails", "make_claim", "texts", "work"]
FIRST, SECOND = "+33639980001", "+33639980002"


@pytest.fixture
def house(landlord):
    """The landlord with the category of what nobody sorted, and a ladder of two people."""
    category("ADM-14", "A1", "crc")
    OnCallRung.objects.create(position=1, name="Nuit", phone=FIRST, minutes=5)
    OnCallRung.objects.create(position=2, name="Cadre", phone="06 39 98 00 02", minutes=10)
    return landlord
