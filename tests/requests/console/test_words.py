"""Lengths of time and phones as the lists of the console say them."""

from decimal import Decimal

import pytest
from django.utils import translation

from requests.console.words import duration, phone


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("0.25", "15 minutes"),
        ("1", "1 heure"),
        ("2.4", "2 h 24"),
        ("4.08", "4 h 05"),
        ("24", "1 jour"),
        ("36", "36 heures"),
        ("72", "3 jours"),
        ("25.2", "1,05 jours"),
    ],
)
def test_a_length_has_no_decimal_hours(hours, expected):
    with translation.override("fr"):
        assert duration(Decimal(hours)).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize("typed", ["0639981234", "+33639981234", "06 39 98 12 34"])
def test_a_number_stays_on_one_line(typed):
    assert phone(typed) == "06 39 98 12 34".replace(" ", "\N{NO-BREAK SPACE}")


def test_no_number_is_a_dash():
    assert phone("") == "—"
