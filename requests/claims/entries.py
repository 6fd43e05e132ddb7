"""What a slice adds to the conversation of a claim, given by the slices that know it.

A message is a row of its own; an ``Entry`` is anything else that left, came or was done.
``requests/wiring.py`` lists the sources once and installs them when Django starts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from requests.claims.models import Claim


@dataclass
class Entry:
    """One line of the conversation.

    ``kind``: ``event`` (what the portal told or recorded), ``work`` (what a company did and wrote:
    ``who``, ``said``) or ``internal`` (a message to somebody else than the tenant; staff only).
    ``text`` is one sentence for its reader, ``sent`` the words that left, for staff, ``attached``
    its files. ``outcomes`` say what became of it (requests/conversation/thread.py).
    """

    pk: str
    at: datetime
    text: str
    kind: str = "event"
    who: str = ""
    said: str = ""
    channel: str = ""
    sent: list[str] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    attached: list[Any] = field(default_factory=list)


Source = Callable[[Claim, bool], list[Entry]]
_installed: tuple[Source, ...] = ()


def install(sources: Iterable[Source]) -> None:
    """Set who is asked for entries; replaces those installed before."""
    global _installed
    _installed = tuple(sources)


def entries_of(claim: Claim, *, staff: bool) -> list[Entry]:
    """Return what other slices add for staff, or for the people of the claim."""
    return [entry for source in _installed for entry in source(claim, staff)]
