"""Fixtures shared by the whole suite."""

import pytest
from hypothesis import settings as hypothesis_settings

from tests import factories

# A busy machine is no failure of a property.
hypothesis_settings.register_profile("palier", deadline=None)
hypothesis_settings.load_profile("palier")


@pytest.fixture
def landlord(db) -> dict:
    """See tests.factories.landlord."""
    return factories.landlord()
