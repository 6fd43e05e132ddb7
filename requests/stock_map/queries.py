"""What the map shows: residences with their place, and how much is open at each."""

from django.db.models import Avg, Count, Q

from agencies.access import EVERYWHERE
from agencies.models import Residence, Unit
from requests.catalogue.kinds import INSPECTIONS
from requests.claims.models import Claim
from requests.dangers.lists import danger_condition
from requests.kit.choices import OPEN
from requests.stock_map.projection import Spot


def residences(membership, *, unit: str = ""):
    """Return the residences of the member's stock, of one unit where everywhere may be seen."""
    rows = Residence.objects.order_by("name", "pk")
    if membership.role not in EVERYWHERE:
        return rows.filter(unit=membership.unit_id)
    return rows.filter(unit__code=unit) if unit else rows


def units(membership) -> list[Unit]:
    """Return the units to choose from; none for whoever sees their own only."""
    if membership.role not in EVERYWHERE:
        return []
    return list(Unit.objects.filter(residences__isnull=False).distinct().order_by("name"))


def spots(membership, *, now, unit: str = "", family: str = "") -> tuple[list[Spot], list[Spot]]:
    """Return the residences that have a place, and those that have none, by name.

    A residence stands in the middle of its buildings. Counted are the open requests that the member
    sees, of one family where asked.
    """
    claims = Claim.objects.visible_to(membership).filter(state__in=OPEN, residence__isnull=False)
    claims = claims.exclude(category__family__code=INSPECTIONS)
    if family:
        claims = claims.filter(category__family__code=family)
    counted = {
        row["residence"]: row
        for row in claims.order_by()
        .values("residence")
        .annotate(
            open=Count("pk"),
            late=Count("pk", filter=Q(promise_at__lt=now)),
            danger=Count("pk", filter=danger_condition()),
        )
    }
    placed, lost = [], []
    rows = residences(membership, unit=unit).annotate(
        latitude=Avg("buildings__latitude"), longitude=Avg("buildings__longitude")
    )
    for row in rows.values("pk", "name", "commune", "latitude", "longitude"):
        found = counted.get(row["pk"], {})
        numbers = {name: found.get(name, 0) for name in ("open", "late", "danger")}
        if row["latitude"] is None or row["longitude"] is None:
            lost.append(Spot(**{**row, "latitude": 0.0, "longitude": 0.0}, **numbers))
        else:
            placed.append(Spot(**row, **numbers))
    return placed, lost
