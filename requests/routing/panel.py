"""Why a claim is at its desk, on its page."""

from requests.claims.panels import ClaimPage, Panel
from requests.routing.decision_models import RoutingDecision
from requests.routing.rule_names import rule_name


def decision_of(page: ClaimPage) -> RoutingDecision | None:
    """Return the last decision that sent the claim to a desk."""
    return max(page.claim.decisions.all(), key=lambda decision: decision.at, default=None)


def why(page: ClaimPage) -> dict | None:
    """Return the last decision with the name of its rule; None when nothing was decided."""
    decision = decision_of(page)
    return {"decision": decision, "decision_rule": rule_name(decision.rule)} if decision else None


WHY = Panel("why", "requests/routing/_panel.html", why)
