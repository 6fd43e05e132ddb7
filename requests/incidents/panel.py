"""The incident that a claim belongs to, or might, on its page."""

from requests.claims.panels import ClaimPage, Panel
from requests.incidents import actions as incidents
from requests.incidents.models import Incident


def incident(page: ClaimPage) -> dict | None:
    """Return the incident of the claim and how many open claims are like it; None without."""
    found = Incident.objects.filter(members__claim=page.claim).first()
    alike = max(0, len(incidents.similar_claims(page.claim, page.membership)) - 1)
    return {"incident": found, "alike": alike} if found or alike else None


INCIDENT = Panel("incident", "requests/incidents/_panel.html", incident)
