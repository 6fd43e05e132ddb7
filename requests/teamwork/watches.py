"""Follow a claim: what others do on it is shown as news until one has looked."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import Membership
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.teamwork.attention_models import Watch


def follow(*, claim: Claim, membership: Membership, now: datetime) -> None:
    """Follow the claim; what came before is no news."""
    Watch.objects.get_or_create(claim=claim, membership=membership, defaults={"seen_at": now})


def unfollow(*, claim: Claim, membership: Membership) -> bool:
    """Follow it no more; False when the member did not."""
    deleted, _rows = Watch.objects.filter(claim=claim, membership=membership).delete()
    return bool(deleted)


def mark_seen(*, claim: Claim, membership: Membership, now: datetime) -> None:
    """Take all that happened on the claim until ``now`` as known."""
    Watch.objects.filter(claim=claim, membership=membership).update(seen_at=now)


def followed(membership: Membership) -> Q:
    """Return the condition for claims that the member follows."""
    return Q(pk__in=Watch.objects.filter(membership=membership).order_by().values("claim"))


def news(membership: Membership) -> QuerySet[Watch]:
    """Return the follows with something new since one looked, done by anybody else."""
    happened = (
        ClaimEvent.objects.of(claim=OuterRef("claim"))
        .filter(at__gt=OuterRef("seen_at"))
        .exclude(actor=membership.user_id)
    )
    return Watch.objects.filter(Exists(happened), membership=membership)


def news_condition(membership: Membership) -> Q:
    """Return the condition for followed claims with news."""
    return Q(Exists(news(membership).filter(claim=OuterRef("pk"))))
