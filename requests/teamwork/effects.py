"""The effect of a claim's steps on its assignment."""

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.teamwork import assignment


class AssignmentEffect(Effect):
    """Assign a claim to the person who takes it in charge; free it at a hand-over or at its end."""

    def after_step(self, step: Step) -> None:
        assignment.apply_event(step.claim, step.name, step.actor, now=step.now)

    def revert(self, event: ClaimEvent) -> None:
        assignment.revert(event.claim, at=event.at)
