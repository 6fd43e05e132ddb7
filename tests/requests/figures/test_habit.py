"""Test a unit's usual range, and the scale of the line and its band."""

from datetime import date, datetime, timezone

import pytest

from requests.figures.overview import Row, sparkline
from requests.figures.period import Period, month_starts, usual_range


def test_the_habit_is_the_middle_half_of_the_past():
    assert usual_range([10, 12, None, 11, 13, 14]) is None
    assert usual_range([10, 10, 12, 12, 14, 14, None]) == (10.5, 13.5)


@pytest.mark.parametrize(
    ("median", "usual", "slower"),
    [
        (15.5, (10, 13.5), True),
        (14.5, (10, 13.5), False),
        (12.5, (12, 12), False),
        (99.0, None, False),
        (None, (1, 2), False),
    ],
)
def test_slower_than_ones_own_habit(median, usual, slower):
    assert Row(unit=None, counts={}, median_days=median, usual=usual).slower is slower


def test_own_days_are_local_and_whole():
    period = Period.between(date(2025, 7, 1), date(2025, 7, 1))
    assert period.start == datetime(2025, 6, 30, 22, tzinfo=timezone.utc)
    assert period.end == datetime(2025, 7, 1, 22, tzinfo=timezone.utc)


def test_months_are_local():
    starts = month_starts(datetime(2025, 12, 31, 23, 30, tzinfo=timezone.utc), 2)
    assert [(s.year, s.month) for s in starts] == [(2025, 12), (2026, 1)]


def test_a_gap_cuts_the_line_and_the_band_stays_inside():
    spark = sparkline([10, None, 20, 20], (5, 10))
    assert len(spark["lines"]) == 2
    assert spark["last"] == (94, 2)
    assert spark["band"] == {"y": 15, "height": 7}
    assert sparkline([None, None])["last"] is None
