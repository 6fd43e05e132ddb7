"""Apply the steps of a claim to the stages of a complaint."""

from datetime import datetime

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.complaints import stages
from requests.complaints.recourse import CATEGORY


class StageEffect(Effect):
    """Begin, answer and revert the stages of a complaint; refuse an answer by its handlers."""

    def check(self, step: Step) -> None:
        stages.check(step.claim, step.name, step.actor)

    def after_step(self, step: Step) -> None:
        stages.apply_event(step.claim, step.name, step.actor, now=step.now)

    def after_routing(self, claim: Claim, now: datetime) -> None:
        if claim.category.code == CATEGORY:
            stages.start_stages(claim, now=now)

    def revert(self, event: ClaimEvent) -> None:
        stages.revert(event.claim, at=event.at)
