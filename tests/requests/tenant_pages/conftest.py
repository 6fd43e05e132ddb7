"""Fixtures of these tests."""

import pytest

from tests import factories
from tests.requests.fixtures.channels import (
    clock,
    mails,
    make_claim,
    texts,
    work,
)
from tests.requests.fixtures.landlords import ours
from tests.requests.tenant_pages import walk

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "ours",
    "texts",
    "work",
]


@pytest.fixture
def lift(landlord):
    """A lift fault in the building of 1 rue du Lin, filed by a neighbour who wrote about it."""
    factories.category(
        "ASC-02", "U2", "oncall", collective=True, asset="common", label_fr="Ascenseur arrêté"
    )
    return walk.report_lift(landlord, "neighbour", walk.MOMENT)
