"""Files that travel with a mail, given by the slices that know them (requests/wiring.py)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from requests.claims.event_models import ClaimEvent
from requests.notifications.models import Delivery

# A file of a mail: name, bytes, content type.
MailFile = tuple[str, bytes, str]
Source = Callable[[Delivery, list[ClaimEvent], datetime], list[MailFile]]
_installed: tuple[Source, ...] = ()


def install(sources: Iterable[Source]) -> None:
    """Set who is asked for files, in their order; replaces those installed before."""
    global _installed
    _installed = tuple(sources)


def files_of(delivery: Delivery, events: list[ClaimEvent], now: datetime) -> list[MailFile]:
    """Return what travels with the mail of ``delivery``, which tells of ``events``."""
    return [file for source in _installed for file in source(delivery, events, now)]
