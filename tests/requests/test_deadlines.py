"""Promises in working time: lunch, weekends, holidays and nights of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests.deadlines import Calendar, add_working, free_slot, is_open, promise

PARIS = ZoneInfo("Europe/Paris")
DAY = [(time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))]
WEEK = Calendar("Europe/Paris", {d: DAY for d in range(5)}, frozenset({date(2026, 5, 1)}))


def at(*parts) -> datetime:
    return datetime(*parts, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (at(2026, 3, 3, 12, 0), 1, at(2026, 3, 3, 14, 0)),
        (at(2026, 3, 3, 13, 0), 1, at(2026, 3, 3, 14, 30)),
        (at(2026, 3, 6, 17, 0), 1, at(2026, 3, 9, 9, 0)),
        (at(2026, 4, 30, 17, 0), 1, at(2026, 5, 4, 9, 0)),
        (at(2026, 3, 27, 17, 0), 1, at(2026, 3, 30, 9, 0)),
    ],
)
def test_working_time(start, hours, due):
    assert add_working(start, timedelta(hours=hours), WEEK) == due


def test_emergencies_run_in_calendar_time():
    start = at(2026, 3, 7, 23, 0)
    assert promise(start, "U1", 1, WEEK) == start + timedelta(hours=1)


def test_an_empty_calendar_is_an_error():
    with pytest.raises(ValueError, match="no working time"):
        add_working(at(2026, 3, 3, 8, 0), timedelta(hours=1), Calendar("Europe/Paris", {}))


@settings(deadline=None)  # what is checked is the answer, not how busy the machine is
@given(
    start=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 1)),
    minutes=st.integers(min_value=1, max_value=900),
)
def test_agrees_with_a_minute_by_minute_count(start, minutes):
    start = start.replace(second=0, microsecond=0, tzinfo=UTC)
    clock, left = start, minutes
    while left:
        left -= is_open(clock, WEEK)
        clock += timedelta(minutes=1)
    assert add_working(start, timedelta(minutes=minutes), WEEK) == clock


@pytest.mark.parametrize(
    ("after", "start"),
    [
        (at(2026, 3, 3, 8, 0), at(2026, 3, 3, 9, 0)),
        (at(2026, 3, 3, 10, 1), at(2026, 3, 3, 14, 0)),  # 11 h would run into lunch
        (at(2026, 3, 6, 15, 30), at(2026, 3, 9, 9, 0)),
        (at(2026, 4, 30, 17, 0), at(2026, 5, 4, 9, 0)),
    ],
)
def test_a_visit_fits_in_unbroken_working_time(after, start):
    assert free_slot(after, timedelta(hours=2), WEEK) == start


def test_no_slot_where_nobody_works():
    assert free_slot(at(2026, 3, 3, 8, 0), timedelta(hours=2), Calendar("Europe/Paris", {})) is None
