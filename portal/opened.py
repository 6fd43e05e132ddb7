"""Note on a request which personal records its page opens or lists, for the log of who read what.

A view or a helper that fetches a record through its scope notes it (docs/principles.md, T24); the
middleware of the slice that keeps the log (``requests/audit/middleware.py``) writes it once the
page is made.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Opened:
    """One record that a page opens; ``role`` and ``company`` when the membership does not say."""

    record: Any
    means: str = ""
    role: str = ""
    company: str = ""


def note(request: Any, record: Any, *, means: str = "", role: str = "", company: str = "") -> None:
    """Note that the page of ``request`` (Django's or DRF's) opens ``record``."""
    plain = getattr(request, "_request", request)
    plain.opened = [*noted(plain), Opened(record, means, role, company)]


def noted(request: Any) -> list[Opened]:
    """Return what was noted so far."""
    return getattr(request, "opened", [])


@dataclass(frozen=True)
class Listed:
    """The rows of people or requests that a page shows, and how many there are in all."""

    shown: int
    found: int


def note_list(request: Any, rows: Any) -> None:
    """Note that the page shows ``rows``: a page of a Paginator, or what has a length.

    Reads what the page shows anyway; several lists of one page add up.
    """
    plain = getattr(request, "_request", request)
    shown = len(rows)
    paginator = getattr(rows, "paginator", None)
    found = paginator.count if paginator is not None else shown
    before = listed(plain) or Listed(0, 0)
    plain.listed = Listed(before.shown + shown, before.found + found)


def listed(request: Any) -> Listed | None:
    """Return what was noted of lists so far; None for a page without one."""
    return getattr(request, "listed", None)
