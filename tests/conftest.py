"""Fixtures shared by the whole suite."""

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests import factories

# A busy machine is no failure of a property.
hypothesis_settings.register_profile("palier", deadline=None)
hypothesis_settings.load_profile("palier")


@pytest.fixture(autouse=True)
def _house_language():
    """Start each test in the house's language, whatever an answer in English left active."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def landlord(db) -> dict:
    """See tests.factories.landlord."""
    return factories.landlord()
