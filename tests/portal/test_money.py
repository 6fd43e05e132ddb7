"""Amounts in both languages."""

from decimal import Decimal

import pytest
from django.utils import translation

from portal.money import euros


@pytest.mark.parametrize(("language", "said"), [("fr", "1 268,50 €"), ("en", "1,268.50 €")])
def test_an_amount_stays_on_one_line(language, said):
    with translation.override(language):
        shown = euros(Decimal("1268.50"))
    assert " " not in shown
    assert shown.replace("\u00a0", " ").replace("\u202f", " ") == said
