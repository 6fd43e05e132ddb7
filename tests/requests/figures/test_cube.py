"""The read side: spans cut into months, weeks and days, one statement, quantiles of whole days."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests.figures import cube
from requests.figures.cube import Ask, Span, Sums
from requests.figures.fact_models import By, Grain, Rollup
from requests.figures.measures import Measure


@pytest.fixture
def days(db):
    """Return a sum of one for each day of a year, and the months of it."""
    first = date(2025, 1, 1)
    all_days = [first + timedelta(days=n) for n in range(500)]
    counted = Counter(cube.period(day, grain) for day in all_days for grain in Grain)
    Rollup.objects.bulk_create(
        Rollup(
            by=By.UNIT, period=name, unit=1, measure=Measure.RECEIVED, values=[0], counts=[number]
        )
        for name, number in counted.items()
    )
    return all_days


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-01-01", "2025-01-31"),
        ("2025-01-15", "2025-01-20"),
        ("2025-01-15", "2025-02-20"),
        ("2025-01-31", "2025-03-01"),
        ("2025-02-01", "2025-12-31"),
        ("2025-03-02", "2026-02-27"),
        ("2025-06-30", "2025-07-01"),
    ],
)
def test_a_span_is_read_from_months_weeks_and_days(days, first, last):
    span = Span(date.fromisoformat(first), date.fromisoformat(last))
    with CaptureQueriesContext(connection) as seen:
        found = cube.read([
            Ask("now", span, [Measure.RECEIVED]),
            Ask("before", span.year_before(), [Measure.RECEIVED]),
            Ask("months", span, [Measure.RECEIVED], keep=("start",), grain=Grain.MONTH),
            Ask("weeks", span, [Measure.RECEIVED], keep=("start",), grain=Grain.WEEK),
        ])  # fmt: skip
    assert len(seen) == 1
    assert found["weeks"].all[Measure.RECEIVED] >= span.days
    assert all(row.start.weekday() == 0 for row in found["weeks"].rows)
    assert found["now"].all[Measure.RECEIVED] == span.days
    assert found["now"].by("unit")[1][Measure.RECEIVED] == span.days


def test_a_span_is_cut_into_the_fewest_periods():
    span = Span(date(2025, 8, 30), date(2025, 11, 18))
    assert cube.periods(span) == [
        *("2025-08-30", "2025-08-31", "2025-09", "2025-10", "2025-11-01", "2025-11-02"),
        *("2025-W45", "2025-W46", "2025-11-17", "2025-11-18"),
    ]
    # A week may lie in two months, or in two years, of which neither is whole.
    assert cube.periods(Span(date(2025, 12, 29), date(2026, 1, 4))) == ["2026-W01"]


def test_every_day_of_a_span_is_in_one_of_its_periods():
    for length in range(1, 500, 7):
        span = Span(date(2025, 1, 1) + timedelta(days=length), date(2026, 5, 14))
        starts = [cube.start_of(name) for name in cube.periods(span)]
        assert starts == sorted(set(starts))
        assert starts[0] == span.first
        assert len(starts) <= 16 + 6 + 18


def test_a_year_before_the_29th_of_february():
    span = Span(date(2024, 2, 29), date(2024, 3, 1)).year_before()
    assert span == (date(2023, 2, 28), date(2023, 3, 1))


def test_quantiles_are_whole_days_that_somebody_waited():
    sums = Sums()
    assert sums.median is None
    assert sums.share(Measure.KEPT, Measure.BROKEN) is None
    for value, n in ((1, 5), (2, 3), (9, 1), (30, 1)):
        sums.add(Measure.SETTLED, value, n)
    assert (sums.median, sums.ninth, sums.mean(Measure.SETTLED)) == (1, 9, 5.0)
