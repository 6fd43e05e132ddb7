"""The effect of a step of a claim on its promises."""

from datetime import datetime

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from requests.promises import actions as promises


class PromiseEffect(Effect):
    """Keep, pause, renew or end promises after a step, and make the one that the step gives."""

    def after_step(self, step: Step) -> None:
        """Update the promises; a hand-over, a correction or a given date changes them further."""
        claim, now = step.claim, step.now
        promises.apply_event(claim, step.name, now=now)
        if step.name == Event.HAND_OVER:
            promises.promise_news(claim, due=datetime.fromisoformat(step.facts["due"]), now=now)
        elif step.name in {Event.RECLASSIFY, Event.RELOCATE}:
            # The category and the place have just changed: read them again.
            fresh = Claim.objects.system("advance").get(pk=claim.pk)
            promises.renew(fresh, why=step.name, now=now, sooner_only=True)
        elif step.facts.get("promise_at"):
            due = datetime.fromisoformat(step.facts["promise_at"])
            promises.promise_news(claim, due=due, now=now)

    def after_routing(self, claim: Claim, now: datetime) -> None:
        """Make the first promises of the claim; none when it ended before it could be routed."""
        if claim.state in OPEN:
            promises.start_promises(claim, now=now)

    def revert(self, event: ClaimEvent) -> None:
        """Undo what the step did to the promises."""
        promises.revert(event.claim, at=event.at)
