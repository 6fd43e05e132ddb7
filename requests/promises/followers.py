"""One fault, one promise: several people who report it are told the same date.

The first report leads. The others ("me too", or members of one incident) get its date when they
are routed and after their own steps, and follow it when it moves, once its step can no longer be
undone. A confidential claim neither leads nor follows: its dates are its author's alone.
"""

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from portal.arrays import one_of
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.transitions import HOLD
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import OPEN

SHARED = "shared"
COLLECTIVE_ASSETS = frozenset({"building", "common"})


def _may_be_shared(claim: Claim) -> bool:
    """Return whether neighbours may report the same fault; spares a query for all others."""
    category = claim.category
    collective = category.collective or category.asset in COLLECTIVE_ASSETS
    is_one_of_several = claim.follows_id or collective
    return bool(claim.building_id and is_one_of_several and not claim.is_confidential)


def _same_incident(claim: Claim) -> Q:
    # Asked first, from the incident on: joined, an OR with it would read all open claims.
    together = Claim.objects.system("one fault").filter(
        in_incident__incident__members__claim=claim, in_incident__incident__closed_at__isnull=True
    )
    return one_of("pk", together)


def _open_claims(condition: Q, claim: Claim) -> QuerySet[Claim]:
    rows = Claim.objects.system("one fault").filter(condition, state__in=OPEN, **NOT_CONFIDENTIAL)
    return rows.exclude(pk=claim.pk).order_by("filed_at", "pk")


def _first_report(claim: Claim) -> Claim | None:
    """Return the open claim that leads this one; None when it leads itself or stands alone."""
    if not _may_be_shared(claim):
        return None
    member = getattr(claim, "in_incident", None)
    if not claim.follows_id and (member is None or member.incident.closed_at is not None):
        return None
    earlier = Q(filed_at__lt=claim.filed_at) | Q(filed_at=claim.filed_at, pk__lt=claim.pk)
    leaders = _same_incident(claim) & earlier
    if claim.follows_id:
        leaders |= Q(pk=claim.follows_id)
    return _open_claims(leaders, claim).only("pk", "promise_at").first()


def leading_date(claim: Claim, now: datetime) -> datetime | None:
    """Return the date told for the first report of the same fault; None without one to come."""
    first = _first_report(claim)
    return first.promise_at if first and first.promise_at and first.promise_at > now else None


def followers(claim: Claim) -> QuerySet[Claim]:
    """Return the open claims that are told the date of ``claim``; none unless it leads."""
    if claim.follows_id or not _may_be_shared(claim) or _first_report(claim):
        return Claim.objects.system("one fault").none()
    return _open_claims(Q(follows=claim) | _same_incident(claim), claim)


def pass_on(claim: Claim, *, now: datetime) -> None:
    """Have the followers of a claim told its date, once its step can no longer be undone."""
    if claim.promise_at and claim.promise_at > now and followers(claim).exists():
        enqueue(Job.Kind.RENEW, uuid.uuid4().hex, delay=HOLD, what=SHARED, which=str(claim.pk))
