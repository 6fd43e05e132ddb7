"""The moment at which tests take place, whatever day it is (see tests/conftest.py).

``at()`` moves the clock of this process: Django, its threads and the test server read it. Three
clocks stay real, because what they measure is real: PostgreSQL's (leases of jobs, pulses of
workers), the monotonic one (time limits), and that of a browser's network (cookies, cache).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine

# A Wednesday in term time, 10:30 in Paris: agencies are open and text messages may leave.
MOMENT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@contextmanager
def at(moment: datetime = MOMENT) -> Iterator[None]:
    """Go to ``moment`` and let time run on from there."""
    with time_machine.travel(moment, tick=True):
        yield


def begin() -> Callable[[], None]:
    """Go to ``MOMENT`` for the whole run; return what ends it."""
    journey = time_machine.travel(MOMENT, tick=True)
    journey.start()
    return journey.stop


def real_now() -> datetime:
    """Return the moment of the real clock, in UTC, whether this process travels or not."""
    if not time_machine.escape_hatch.is_travelling():
        return datetime.now(tz=UTC)
    return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), tz=UTC)


LATER = timedelta(hours=3)
