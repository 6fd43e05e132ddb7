"""A person is called « madame Traoré », not « Mme Awa Traoré », in what is said aloud."""

import pytest
from django.utils import translation

from tenants.models import Tenant


@pytest.mark.parametrize(
    ("civility", "language", "said"),
    [
        ("Mme", "fr", "madame Traoré"),
        ("M.", "fr", "monsieur Traoré"),
        ("Mme", "en", "Ms Traoré"),
        ("", "fr", "Awa Traoré"),
        ("Dr", "fr", "Dr Awa Traoré"),
    ],
)
def test_the_spoken_name(civility, language, said):
    with translation.override(language):
        person = Tenant(civility=civility, first_name="Awa", last_name="Traoré")
        assert person.spoken_name == said
