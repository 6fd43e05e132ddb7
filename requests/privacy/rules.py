"""Pure: the clock of a person's request.

GDPR, article 12 (3): an answer within one month of receipt; two months more when requests are
complex or many, and the person is told so, with the reasons, within the first month.
"""

from datetime import date

from requests.complaints.recourse import months_after

MONTHS, MORE_MONTHS = 1, 2
SOON = 7  # days


def due(received: date) -> date:
    """Return the day by which the person must have an answer."""
    return months_after(received, MONTHS)


def extended(received: date) -> date:
    """Return the last day when the time was extended."""
    return months_after(received, MONTHS + MORE_MONTHS)


def may_extend(received: date, due_on: date, today: date) -> bool:
    """Return whether the time may still be extended: once, and within the first month."""
    return due_on == due(received) and today <= due_on


def urgency(due_on: date, today: date) -> str:
    """Return ``late``, ``soon`` (a week left) or "" for a request that waits."""
    if due_on < today:
        return "late"
    return "soon" if (due_on - today).days <= SOON else ""
