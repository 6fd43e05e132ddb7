"""The incident that a claim belongs to, or might, on its page."""

from requests.claims.around import MOST, in_building
from requests.claims.panels import ClaimPage, Panel
from requests.incidents import actions as incidents


def incident(page: ClaimPage) -> dict | None:
    """Return the incident of the claim and how many open claims are like it; None without."""
    member = getattr(page.claim, "in_incident", None)
    found = member.incident if member else None
    alike = _alike(page)
    return {"incident": found, "alike": alike} if found or alike else None


def _alike(page: ClaimPage) -> int:
    """Return how many open claims of the building may be grouped with this one."""
    claim, rows = page.claim, in_building(page)
    if len(rows) > MOST:
        return max(0, len(incidents.similar_claims(claim, page.membership)) - 1)
    if not incidents.is_groupable(claim):
        return 0
    family = claim.category.family_id
    return sum(incidents.is_groupable(c) and c.category.family_id == family for c in rows)


INCIDENT = Panel("incident", "requests/incidents/_panel.html", incident)
