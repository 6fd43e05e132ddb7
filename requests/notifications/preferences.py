"""Which news a person wants: all, or only what is needed to follow their request.

Kept by address, so that it holds for every channel's link and every request of that address.
What a person wrote, a date, a question or a decision is never left out
(requests/notifications/events.py).
"""

from datetime import datetime

from requests.claims.models import Claim
from requests.notifications.contact_routes import MAILED, contact_routes
from requests.notifications.models import MutedAddress


def _addresses(claim: Claim) -> list[str]:
    return [way.address for way in contact_routes(claim) if way.channel in MAILED]


def only_needed(claim: Claim) -> bool:
    """Return whether the person of ``claim`` asked for no more than the necessary."""
    found = _addresses(claim)
    return (
        bool(found)
        and MutedAddress.objects.system("muted addresses").filter(address__in=found).exists()
    )


def choose(*, claim: Claim, everything: bool, now: datetime) -> None:
    """Keep the choice for every address of the person of ``claim``."""
    found = _addresses(claim)
    if everything:
        MutedAddress.objects.system("muted addresses").filter(address__in=found).delete()
        return
    MutedAddress.objects.bulk_create(
        [MutedAddress(address=address, since=now) for address in found], ignore_conflicts=True
    )
