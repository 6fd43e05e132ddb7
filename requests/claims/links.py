"""The permanent link of a claim: it ends, is renewed when the household changes, can be closed.

Whether a link opens is computed at each request, so that it stops the moment an import, a person
or the calendar ends somebody's stay. A new token is made for the next message, or within an hour.
"""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from agencies.models import Dwelling
from portal.actor import Actor
from portal.gone import Gone
from requests.claims import effects
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.link_models import EndedLink
from requests.claims.models import Claim
from requests.claims.transitions import lock, record
from tenants.models import Occupancy
from tenants.stays import stays_in

# Reasons of an event LINK_RENEWED that no person gave.
HOUSEHOLD_CHANGED = "household_changed"


@dataclass(frozen=True)
class Stay:
    """One person's time in a home; it ends with the occupancy or with the lease."""

    pk: int
    lease: int
    starts: date
    ends: date | None


def someone_left(
    stays: Iterable[Stay], seen: Collection[int] | None, *, made: date, today: date
) -> bool:
    """Return whether one of the household left since the link was made. Pure.

    ``seen`` are the occupancies of the day on which it was made; None: not known, and those of
    another home say nothing (the claim's place was corrected). Somebody who came later under the
    same lease and left counts too; people of an earlier or later lease do not.
    """
    stays = list(stays)
    known = set(seen or ()) & {stay.pk for stay in stays}
    leases = {stay.lease for stay in stays if stay.pk in known}
    for stay in stays:
        gone = stay.ends is not None and stay.ends < today
        if stay.pk in known and gone:
            return True
        if known and stay.lease not in leases:
            continue
        if gone and stay.ends is not None and stay.ends >= made:
            return True
    return False


def stays_of(claim: Claim) -> list[Stay]:
    """Return every stay in the home of a claim, whenever it was."""
    if claim.dwelling_id is None:
        return []
    # Not asked for its own sake: a sweep looks at many claims.
    known = claim.dwelling if Claim.dwelling.is_cached(claim) else None
    return [
        Stay(row.pk, row.lease_id, row.starts, min(ends) if ends else None)
        for row in stays_in(known or Dwelling(pk=claim.dwelling_id))
        for ends in [[day for day in (row.ends, row.lease.ends) if day]]
    ]


def household_now(dwelling: int | None, today: date) -> list[int]:
    """Return the occupancies in force in a home, to be kept with a new link."""
    if dwelling is None:
        return []
    rows = Occupancy.objects.system("links of a home").in_force(today)
    rows = rows.filter(lease__dwelling=dwelling)
    return sorted(rows.values_list("pk", flat=True))


def new_token() -> str:
    """Return a token that cannot be guessed: 120 bits, as short as a text message wants."""
    return secrets.token_urlsafe(15)


def life() -> timedelta:
    """Return how long a link opens after the claim has ended."""
    return timedelta(days=settings.PALIER_LINK_DAYS)


def is_over(claim: Claim, now: datetime) -> bool:
    """Return whether the claim ended so long ago that no link opens it."""
    return claim.ended_at is not None and now >= claim.ended_at + life()


def is_stale(claim: Claim, now: datetime) -> bool:
    """Return whether the household has changed since the link was made."""
    if claim.dwelling_id is None:
        return False
    made = timezone.localdate(claim.link_made_at or claim.filed_at)
    today = timezone.localdate(now)
    return someone_left(stays_of(claim), claim.link_household, made=made, today=today)


def is_open(claim: Claim, now: datetime) -> bool:
    """Return whether the claim's present link opens it."""
    return not (claim.link_closed_at or is_over(claim, now) or is_stale(claim, now))


def find(token: str, now: datetime, *related: str) -> Claim:
    """Return the claim that ``token`` opens.

    Raises ``Gone`` for a link that has ended, ``Http404`` for one that never was.
    """
    claim = Claim.objects.by_token(token).select_related("category", *related).first()
    if claim is None:
        refuse_ended(token)
        raise Http404
    check(claim, now)
    return claim


def check(claim: Claim, now: datetime) -> None:
    """Raise ``Gone`` when no link may open the claim; links of its visits and photos ask too."""
    if not is_open(claim, now):
        raise Gone


def refuse_ended(token: str) -> None:
    """Raise ``Gone`` for a token that was good once."""
    if EndedLink.objects.opened_by(token=token).exists():
        raise Gone


@transaction.atomic
def renew(*, claim: Claim, actor: Actor, now: datetime, reason: str) -> ClaimEvent:
    """Make a new link; the present one and those of the visits end."""
    locked = lock(claim)
    retire(locked, locked.token, now)
    locked.token = new_token()
    locked.link_made_at, locked.link_closed_at = now, None
    locked.link_household = household_now(locked.dwelling_id, timezone.localdate(now))
    columns = ("token", "link_made_at", "link_closed_at", "link_household")
    locked.save(update_fields=columns)
    for name in columns:
        setattr(claim, name, getattr(locked, name))
    effects.link_renewed(locked, now)
    return record(locked, Event.LINK_RENEWED, actor=actor, now=now, why=reason)


def retire(claim: Claim, token: str, now: datetime) -> None:
    """Remember a token that no longer opens."""
    EndedLink.objects.create(claim=claim, token=token, ended_at=now)


@transaction.atomic
def close(*, claim: Claim, actor: Actor, now: datetime, reason: str) -> ClaimEvent | None:
    """Close the link: nothing opens the claim but an account, until a new one is made."""
    locked = lock(claim)
    claim.link_closed_at = locked.link_closed_at or now
    if locked.link_closed_at:
        return None
    locked.link_closed_at = now
    locked.save(update_fields=["link_closed_at"])
    return record(locked, Event.LINK_CLOSED, actor=actor, now=now, why=reason)


def renew_if_stale(claim: Claim, now: datetime) -> None:
    """Make a new link for the author when the household has changed; before a message leaves."""
    if not claim.link_closed_at and not is_over(claim, now) and is_stale(claim, now):
        renew(claim=claim, actor=Actor.SYSTEM, now=now, reason=HOUSEHOLD_CHANGED)


def sweep(now: datetime) -> int:
    """Renew the links of homes that somebody left lately; return how many."""
    renewed = 0
    for claim in _of_changed_homes(now).iterator(chunk_size=500):
        if is_stale(claim, now):
            renew(claim=claim, actor=Actor.SYSTEM, now=now, reason=HOUSEHOLD_CHANGED)
            renewed += 1
    return renewed


def _of_changed_homes(now: datetime) -> QuerySet[Claim]:
    """Return the claims with a living link, of homes that somebody left within its longest life."""
    today = timezone.localdate(now)
    since = today - life()
    left = Occupancy.objects.system("links of changed households").filter(
        Q(ends__lt=today, ends__gte=since) | Q(lease__ends__lt=today, lease__ends__gte=since)
    )
    return (
        Claim.objects.system("links of changed households")
        .filter(dwelling__in=left.values("lease__dwelling"), link_closed_at__isnull=True)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now - life()))
    )
