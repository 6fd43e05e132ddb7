"""The moment at which the tests that read the demo landlord take place, whatever day it is.

``at()`` moves the clock of this process: Django, its threads and the test server read it. Three
clocks stay real, because what they measure is real: PostgreSQL's (leases of jobs, pulses of
workers), the monotonic one (time limits), and that of a browser's network (cookies, cache).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import time_machine

# A Wednesday in term time, 10:30 in Paris: agencies are open and text messages may leave.
MOMENT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@contextmanager
def at(moment: datetime = MOMENT) -> Iterator[None]:
    """Go to ``moment`` and let time run on from there."""
    with time_machine.travel(moment, tick=True):
        yield
