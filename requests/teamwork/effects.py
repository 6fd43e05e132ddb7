"""What a step of a claim does to the person who has it in hand."""

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.teamwork import assignment


class AssignmentEffect(Effect):
    """Assign a claim to who takes it in charge; free it when it is handed over or ends."""

    def after(self, step: Step) -> None:
        assignment.after(step.claim, step.name, step.actor, now=step.now)

    def revert(self, event: ClaimEvent) -> None:
        assignment.revert(event.claim, at=event.at)
