"""Fixtures shared by the whole suite."""

import pytest

from tests import factories


@pytest.fixture
def landlord(db) -> dict:
    """See tests.factories.landlord."""
    return factories.landlord()
