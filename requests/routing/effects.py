"""The effect of an undo on the routing decision that the undone step stored."""

from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.routing.decision_models import RoutingDecision


class DecisionEffect(Effect):
    """Delete the decision that an undone correction had stored."""

    def revert(self, event: ClaimEvent) -> None:
        """Delete the routing decision that ``event`` names."""
        if decision := event.facts.get("decision"):
            RoutingDecision.objects.filter(pk=decision, claim=event.claim).delete()
