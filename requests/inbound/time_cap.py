"""One limit of time for all that an input costs: reading, decoding, its files and pictures."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from django.conf import settings

SECONDS = 20.0
# Of a worker's lease: the rest is for writing the rows, so that no second worker takes the job.
SHARE = 2 / 3


class TooLong(BaseException):
    """An input took longer than its limit. No ``except Exception`` of a parser may swallow it."""


def seconds() -> float:
    """Return how long one input may take, always shorter than the lease of its job."""
    return min(SECONDS, settings.PALIER_LEASE * SHARE)


@contextlib.contextmanager
def time_cap(limit: float) -> Iterator[None]:
    """Raise ``TooLong`` in what takes longer: in a main thread, which a worker's is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"{limit:.0f}\u00a0s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(limit, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
