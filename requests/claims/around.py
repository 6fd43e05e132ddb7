"""The claims around one, as its page asks for them: read once for all its panels."""

from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Q, Value, When

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
    closeness = []
    wanted = Q(state__in=OPEN)
    if claim.dwelling_id:
        closeness.append(When(dwelling=claim.dwelling_id, then=Value(0)))
        wanted |= ended_here(claim, page.moment)
    if claim.staircase_id:
        closeness.append(When(staircase=claim.staircase_id, then=Value(2)))
        wanted |= Q(
            staircase=claim.staircase_id,
            category__family=claim.category.family_id,
            filed_at__gte=page.moment - RECENT,
        )
    rows = (
        Claim.objects.visible_to(page.membership)
        .filter(wanted, building=claim.building_id)
        .exclude(pk=claim.pk)
        .select_related("category", "dwelling", "in_incident")
        .defer("search")
        .annotate(distance=Case(*closeness, default=Value(3), output_field=IntegerField()))
    )
    return list(rows.order_by("distance", "-filed_at")[: MOST + 1])


def ended_here(claim: Claim, moment: datetime) -> Q:
    """Return the condition for claims of the same dwelling that ended within a year."""
    return Q(dwelling=claim.dwelling_id, state__in=ENDED, ended_at__gte=moment - YEAR)
