"""Promises in working time: lunch, weekends, holidays, pauses and nights of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests.promises.deadlines import (
    Calendar,
    Pause,
    add_time,
    due,
    elapsed,
    free_slot,
    is_open,
    promise,
)
from tests.requests.promises.helpers import DAY, WEEK

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
ALSACE = frozenset(holidays.country_holidays("FR", subdiv="6AE", years=[2026]))
ISLAND = frozenset(holidays.country_holidays("FR", subdiv="974", years=[2026]))
STRASBOURG = Calendar("Europe/Paris", {d: DAY for d in range(5)}, ALSACE)
SAINT_DENIS = Calendar("Indian/Reunion", {d: DAY for d in range(5)}, ISLAND)
NIGHT = Calendar(
    "Europe/Paris", {d: [(time(1), time(2, 30)), (time(2, 45), time())] for d in range(7)}
)


def at(*parts, zone=PARIS) -> datetime:
    return datetime(*parts, tzinfo=zone)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "expected"),
    [
        pytest.param(WEEK, at(2026, 3, 3, 12, 0), 1, at(2026, 3, 3, 14, 0), id="over lunch"),
        pytest.param(WEEK, at(2026, 3, 3, 13, 0), 1, at(2026, 3, 3, 14, 30), id="from lunch"),
        pytest.param(WEEK, at(2026, 3, 6, 17, 0), 1, at(2026, 3, 9, 9, 0), id="over a weekend"),
        pytest.param(WEEK, at(2026, 4, 30, 17, 0), 1, at(2026, 5, 4, 9, 0), id="eve of 1 May"),
        pytest.param(WEEK, at(2026, 3, 27, 17, 0), 1, at(2026, 3, 30, 9, 0), id="summer time"),
        pytest.param(WEEK, at(2026, 3, 3, 8, 30), 8, at(2026, 3, 3, 17, 30), id="a whole day"),
        pytest.param(WEEK, at(2026, 3, 3, 22, 0), 0.5, at(2026, 3, 4, 9, 0), id="at night"),
        pytest.param(
            STRASBOURG, at(2026, 4, 2, 17, 0), 1, at(2026, 4, 7, 9, 0), id="Good Friday in Alsace"
        ),
        pytest.param(
            STRASBOURG, at(2026, 12, 24, 17, 0), 1, at(2026, 12, 28, 9, 0), id="Saint Stephen's"
        ),
        pytest.param(
            SAINT_DENIS,
            at(2026, 12, 18, 17, 0, zone=REUNION),
            1,
            at(2026, 12, 21, 9, 0, zone=REUNION),
            id="eve of 20 December, a Sunday",
        ),
        pytest.param(
            SAINT_DENIS,
            at(2026, 3, 27, 17, 0, zone=REUNION),
            1,
            at(2026, 3, 30, 9, 0, zone=REUNION),
            id="no summer time on the island",
        ),
        pytest.param(NIGHT, at(2026, 3, 29, 1, 0), 1.25, at(2026, 3, 29, 3, 15), id="lost hour"),
        pytest.param(
            NIGHT,
            at(2026, 10, 25, 1, 0),
            3,
            datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
            id="hour that comes twice",
        ),
    ],
)
def test_working_time(calendar, start, hours, expected):
    assert add_time(start, timedelta(hours=hours), calendar) == expected


def test_emergencies_run_in_calendar_time():
    start = at(2026, 3, 7, 23, 0)
    assert promise(start, "U1", 1, WEEK, on_call=True) == start + timedelta(hours=1)
    assert promise(start, "U0", 1, WEEK) == start + timedelta(hours=1)
    # Nobody is on call: an hour after the doors open on Monday.
    assert promise(start, "U1", 1, WEEK) == at(2026, 3, 9, 9, 30)


def test_an_emergency_waits_too_while_nobody_can_enter():
    start = at(2026, 3, 7, 23, 0)
    stop = Pause(start + timedelta(minutes=30), start + timedelta(hours=5))
    found = promise(start, "U1", 1, WEEK, [stop], on_call=True)
    assert found == start + timedelta(hours=5, minutes=30)


def test_a_pause_over_a_weekend_costs_only_its_working_time():
    stop = Pause(at(2026, 3, 6, 17, 0), at(2026, 3, 9, 9, 0))
    without = due(at(2026, 3, 6, 16, 0), timedelta(hours=2), WEEK)
    paused = due(at(2026, 3, 6, 16, 0), timedelta(hours=2), WEEK, [stop])
    assert without == at(2026, 3, 9, 9, 0)
    assert paused == at(2026, 3, 9, 10, 0)


def test_while_the_clock_stands_there_is_no_date():
    assert due(at(2026, 3, 6, 16, 0), timedelta(hours=9), WEEK, [Pause(at(2026, 3, 6, 17))]) is None


def test_what_was_due_before_the_pause_stays_due():
    stop = Pause(at(2026, 3, 6, 17, 0))
    assert due(at(2026, 3, 6, 16, 0), timedelta(hours=1), WEEK, [stop]) == at(2026, 3, 6, 17, 0)


def test_an_empty_calendar_is_an_error():
    with pytest.raises(ValueError, match="no working time"):
        add_time(at(2026, 3, 3, 8, 0), timedelta(hours=1), Calendar("Europe/Paris", {}))


def test_a_changed_calendar_moves_the_date():
    closed = Calendar(WEEK.zone, WEEK.hours, WEEK.days_off | {date(2026, 3, 9)})
    start, length = at(2026, 3, 6, 17, 0), timedelta(hours=1)
    assert due(start, length, closed) == at(2026, 3, 10, 9, 0)


# --- against an independent count, minute by minute -----------------------------------------


def counted(start, most, calendar, pauses) -> list[datetime]:
    """The instants after 1, 2 … ``most`` open, unpaused minutes: walks the clock, asks each."""
    clock, found = start, []
    while len(found) < most:
        still = any(p.start <= clock < p.end for p in pauses)
        clock_open = is_open(clock, calendar)
        clock += timedelta(minutes=1)
        if clock_open and not still:
            found.append(clock)
    return found


# Near what matters: both clock changes, Easter, May holidays, the year's end.
STARTS = st.sampled_from(
    [(3, 27), (3, 28), (3, 29), (4, 2), (4, 30), (5, 7), (10, 23), (10, 24), (10, 25), (12, 23)]
).flatmap(
    lambda d: st.integers(0, 1439).map(
        lambda m: datetime(2026, *d, tzinfo=UTC) + timedelta(minutes=m)
    )
)
TIMES = st.integers(0, 1438)


@st.composite
def calendars(draw) -> Calendar:
    hours = {}
    for weekday in range(7):
        cuts = sorted(draw(st.sets(TIMES, min_size=0, max_size=4)))
        cuts = cuts[: len(cuts) // 2 * 2]
        hours[weekday] = [
            (time(a // 60, a % 60), time(b // 60, b % 60))
            for a, b in zip(cuts[::2], cuts[1::2], strict=True)
        ]
        if not hours[weekday] and weekday < 5:
            hours[weekday] = [(time(1, 50), time(3, 10))]
    zone = draw(st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon"]))
    off = draw(st.sampled_from([ALSACE, ISLAND, frozenset()]))
    return Calendar(zone, hours, off)


@settings(max_examples=120, deadline=None)
@given(
    calendar=calendars(),
    start=STARTS,
    pauses=st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 2000)), max_size=3),
)
def test_agrees_with_a_minute_by_minute_count(calendar, start, pauses):
    """Each example checks 100 lengths: 12,000 promises in all."""
    stops = [
        Pause(start + timedelta(minutes=a), start + timedelta(minutes=a + b)) for a, b in pauses
    ]
    for minutes, expected in enumerate(counted(start, 100, calendar, stops), 1):
        assert due(start, timedelta(minutes=minutes), calendar, stops) == expected
    assert elapsed(start, expected, calendar, stops) == timedelta(minutes=100)


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
