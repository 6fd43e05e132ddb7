"""The equipment that serves the place of a claim, on its page."""

from requests.claims.panels import ClaimPage, Panel


def equipment(page: ClaimPage) -> dict | None:
    """Return the equipment of the building or of the staircase; None when there is none."""
    claim = page.claim
    if claim.building is None:
        return None
    found = [
        row
        for row in claim.building.equipment.all()
        if row.staircase_id in (None, claim.staircase_id)
    ]
    found.sort(key=lambda row: (row.kind, row.label))
    return {"equipment": found} if found else None


EQUIPMENT = Panel("equipment", "requests/equipment/_panel.html", equipment)
