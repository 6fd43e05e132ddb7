"""The effect of a step of a claim on its promises."""

from datetime import datetime

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from requests.promises import actions as promises
from requests.promises import followers


class PromiseEffect(Effect):
    """Keep, pause, renew or end promises after a step, and make the one that the step gives."""

    def after_step(self, step: Step) -> None:
        """Update the promises, with the date that the step gives if any."""
        given = step.facts.get("due" if step.name == Event.HAND_OVER else "promise_at")
        due = datetime.fromisoformat(given) if given else None
        promises.apply_event(step.claim, step.name, now=step.now, given=due)
        followers.pass_on(step.claim, now=step.now)

    def after_routing(self, claim: Claim, now: datetime) -> None:
        """Make the first promises of the claim; none when it ended before it could be routed."""
        if claim.state in OPEN:
            promises.start_promises(claim, now=now)

    def revert(self, event: ClaimEvent) -> None:
        """Undo what the step did to the promises."""
        promises.revert(event.claim, at=event.at)
