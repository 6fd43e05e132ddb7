"""Note on a request which personal records its page opens, for the log of who read what (T24).

A view or a helper that fetches a record through its scope notes it; the middleware of the slice
that keeps the log (``requests/audit/middleware.py``) writes it once the page is made.
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
