"""The claims around one, as its page asks for them: read once for all its panels."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from agencies.models import Membership
from portal.database.statement_cache import compiled
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage
from requests.kit.choices import ENDED, OPEN

YEAR = timedelta(days=365)
RECENT = timedelta(days=30)
# Beyond so many the panels ask for what they show: a building with more open claims is rare.
MOST = 150


def in_building(page: ClaimPage) -> list[Claim]:
    """Return what the reader sees in the building of the claim, the closest and newest first.

    Open claims; those of this dwelling that ended within a year; those of the same family on this
    staircase within a month. ``distance`` is 0 in the same dwelling, 2 on the same staircase, else
    3. Without the claim itself; at most ``MOST`` and one.
    """
    return page.compute_once("in building", lambda: _in_building(page.claim, page))


def _in_building(claim: Claim, page: ClaimPage) -> list[Claim]:
    if not claim.building_id:
        return []
    return _rows(
        page.membership,
        page.moment,
        claim=claim.pk,
        building=claim.building_id,
        dwelling=claim.dwelling_id,
        staircase=claim.staircase_id,
        family=claim.category.family_id,
    )


@compiled
def _rows(
    member: Membership,
    moment: datetime,
    *,
    claim: UUID,
    building: int,
    dwelling: int | None,
    staircase: int | None,
    family: int,
) -> QuerySet:
    closeness = []
    wanted = Q(state__in=OPEN)
    if dwelling:
        closeness.append(When(dwelling=dwelling, then=Value(0)))
        wanted |= ended_here(dwelling, moment)
    if staircase:
        closeness.append(When(staircase=staircase, then=Value(2)))
        recent = Q(filed_at__gte=moment - RECENT)
        wanted |= recent & Q(staircase=staircase, category__family=family)
    return (
        Claim.objects.visible_to(member)
        .filter(wanted, building=building)
        .exclude(pk=claim)
        .select_related("category", "dwelling", "in_incident")
        .defer("search")
        .annotate(distance=Case(*closeness, default=Value(3), output_field=IntegerField()))
        .order_by("distance", "-filed_at")[: MOST + 1]
    )


def ended_here(dwelling: int, moment: datetime) -> Q:
    """Return the condition for claims of the dwelling with this key that ended within a year."""
    return Q(dwelling=dwelling, state__in=ENDED, ended_at__gte=moment - YEAR)
