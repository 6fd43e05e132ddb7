"""What the inbox remembers for people at work: presence, views under a name, their display."""

from datetime import datetime, timedelta

from agencies.models import Membership
from portal.models import User
from requests.claims.models import Claim
from requests.inbox.models import ListDisplay, Presence, SavedView
from requests.inbox.sort_order import Display

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


def keep_display(*, membership: Membership, display: Display) -> None:
    """Keep how the member has their lists."""
    ListDisplay.objects.update_or_create(
        membership=membership,
        defaults={
            "sort": display.sort,
            "group": display.group,
            "columns": ",".join(display.columns),
        },
    )
