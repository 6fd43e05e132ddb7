"""The equipment that serves the place of a claim, on its page."""

from django.db.models import Q

from requests.claims.panels import ClaimPage, Panel


def equipment(page: ClaimPage) -> dict | None:
    """Return the equipment of the building or of the staircase; None when there is none."""
    claim = page.claim
    if claim.building is None:
        return None
    here = Q(staircase__isnull=True) | Q(staircase=claim.staircase_id)
    found = list(claim.building.equipment.filter(here).order_by("kind", "label"))
    return {"equipment": found} if found else None


EQUIPMENT = Panel("equipment", "requests/equipment/_panel.html", equipment)
