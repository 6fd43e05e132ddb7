"""What the inbox remembers for people at work: presence, and views under a name."""

from datetime import datetime, timedelta

from agencies.models import Membership
from portal.models import User
from requests.claims.models import Claim
from requests.inbox.models import Presence, SavedView

ALIVE = timedelta(seconds=60)


def record_presence(*, claim: Claim, user: User, now: datetime) -> list:
    """Record that ``user`` has the claim open; return the others who were there this minute."""
    Presence.objects.update_or_create(claim=claim, user=user, defaults={"seen_at": now})
    Presence.objects.filter(seen_at__lt=now - ALIVE).delete()
    return list(claim.presences.exclude(user=user).select_related("user").order_by("user_id"))


def save_view(*, membership: Membership, name: str, query: str, shared: bool) -> SavedView:
    """Save a search under ``name``; the same name replaces the member's own earlier one."""
    view, _created = SavedView.objects.update_or_create(
        membership=membership, name=name, defaults={"query": query, "shared": shared}
    )
    return view


def delete_view(*, membership: Membership, pk: int) -> bool:
    """Delete one of the member's own views; False when there is none of that number."""
    deleted, _rows = SavedView.objects.filter(membership=membership, pk=pk).delete()
    return bool(deleted)
