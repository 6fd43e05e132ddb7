"""What the undo of a step does to the routing decision that the step stored."""

from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.routing.decision_models import RoutingDecision


class DecisionEffect(Effect):
    """Delete the decision that an undone correction had stored."""

    def revert(self, event: ClaimEvent) -> None:
        if decision := event.facts.get("decision"):
            RoutingDecision.objects.filter(pk=decision, claim=event.claim).delete()
