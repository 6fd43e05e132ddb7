"""What routing does around a claim's steps: it comes before the first, and an undo reverts it."""

from datetime import datetime, timedelta

from agencies.models import Desk, Unit
from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.routing.actions import route_claim
from requests.routing.decision_models import RoutingDecision


class RoutingEffect(Effect):
    """Route a claim before its first step; delete the decision that an undone correction stored."""

    def before_first_step(self, claim: Claim, now: datetime) -> None:
        """Route it now: a person was faster than the worker.

        Later, routing would put back the desk, and promise what the step already did or ended.
        Where it cannot be routed (no head office, no such desk, a calendar that never opens) the
        step is taken nevertheless; the job of routing reports it.
        """
        try:
            # An instant earlier than the step, whose undo reverts what was written at its own.
            route_claim(claim_id=claim.pk, now=now - timedelta(microseconds=1))
        except (Unit.DoesNotExist, Desk.DoesNotExist, ValueError):
            return

    def revert(self, event: ClaimEvent) -> None:
        """Delete the routing decision that ``event`` names."""
        if decision := event.facts.get("decision"):
            RoutingDecision.objects.filter(pk=decision, claim=event.claim).delete()
