"""The effect of a claim's steps on its assignment, and on what keeps it aside."""

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.teamwork import assignment, snoozes


class AssignmentEffect(Effect):
    """Assign a claim to the person who takes it in charge; free it at a hand-over or at its end.

    Any step brings back what was put aside.
    """

    def after_step(self, step: Step) -> None:
        assignment.apply_event(step.claim, step.name, step.actor, now=step.now)
        snoozes.bring_back(step.claim, now=step.now)

    def revert(self, event: ClaimEvent) -> None:
        assignment.revert(event.claim, at=event.at)
        snoozes.revert(event.claim, at=event.at)
