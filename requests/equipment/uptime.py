"""Compute hours in and out of service from reports and repairs. Pure.

A stop runs from the first report to the work reported finished. When somebody then says that it is
not fixed, the stop goes on. Overlapping stops count once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from requests.claims.events import Event

ENDS = frozenset({Event.REPORT_DONE, Event.ANSWER, Event.SAY_FIXED, Event.CLOSE_UNANSWERED})
STILL = frozenset({Event.SAY_NOT_FIXED, Event.SEND_BACK})
AGAIN = Event.REOPEN


@dataclass(frozen=True, order=True)
class Stop:
    """The equipment was out of service from ``start`` to ``end`` (aware).

    ``end`` None: it still is.
    """

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Share:
    """``percent`` of ``days`` in service, to one decimal; ``hours`` out, in ``stops`` stops."""

    days: int
    percent: float
    hours: int
    stops: int


def stops_of(filed: datetime, events: Iterable[tuple[str, datetime]]) -> list[Stop]:
    """Return the stops of one report, from its events in their order."""
    found: list[Stop] = []
    start, end = filed, None
    for name, at in events:
        if name in ENDS:
            end = end or at
        elif name in STILL:
            end = None
        elif name == AGAIN and end:
            found.append(Stop(start, end))
            start, end = at, None
    return [*found, Stop(start, end)]


def merge_overlaps(stops: Iterable[Stop]) -> list[Stop]:
    """Return the stops merged where they overlap, oldest first."""
    found: list[Stop] = []
    for stop in sorted(stops, key=lambda stop: stop.start):
        last = found[-1] if found else None
        if last is None or (last.end is not None and stop.start > last.end):
            found.append(stop)
        elif last.end is not None:
            end = None if stop.end is None else max(last.end, stop.end)
            found[-1] = Stop(last.start, end)
    return found


def share(stops: Iterable[Stop], *, days: int, now: datetime) -> Share:
    """Return the share of the last ``days`` × 24 hours before ``now`` spent in service."""
    whole = timedelta(days=days)
    since = now - whole
    out, number = timedelta(), 0
    for stop in merge_overlaps(stops):
        start, end = max(stop.start, since), min(stop.end or now, now)
        if start < end:
            out, number = out + (end - start), number + 1
    # Rounded down, so that 99.99 % with a stop never reads as 100 %.
    percent = int(1000 * (1 - out / whole)) / 10
    return Share(days, percent, round(out.total_seconds() / 3600), number)
