"""Pure: when a message is tried again, and when an endpoint is given up.

The delays are those of Standard Webhooks 1.0, "Deliverability and reliability".
"""

from datetime import datetime, timedelta

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_TRIES = len(DELAYS) + 1
# After so long without a single success the endpoint is switched off and people are told. The last
# try of a message comes later than that, so that an endpoint with few messages is noticed as well.
LONGEST_FAILURE = timedelta(days=3)
# While an endpoint fails, its other messages wait so long at most before they are tried.
LONGEST_QUIET = timedelta(minutes=30)
LONGEST_ASKED = timedelta(hours=1)  # of a receiver's Retry-After


def delay_after(tries: int, chance: float) -> timedelta | None:
    """Return how long to wait after ``tries`` failures; None when no further one is made.

    ``chance`` (0 to 1) spreads what failed together: up to a fifth later.
    """
    if tries >= MOST_TRIES:
        return None
    return DELAYS[max(tries, 1) - 1] * (1 + chance / 5)


def quiet_after(failures: int) -> timedelta:
    """Return how long an endpoint rests after so many failures in a row."""
    return min(DELAYS[min(max(failures, 1), len(DELAYS)) - 1], LONGEST_QUIET)


def asked_to_wait(header: str) -> timedelta:
    """Return what a ``Retry-After`` in seconds asks for, an hour at most; zero without one."""
    if header.isascii() and header.isdecimal():
        return min(timedelta(seconds=int(header[:6])), LONGEST_ASKED)
    return timedelta()


def is_given_up(failing_since: datetime | None, now: datetime) -> bool:
    """Return whether an endpoint has failed for so long that it is switched off."""
    return failing_since is not None and now - failing_since >= LONGEST_FAILURE
