"""People are rung as soon as a claim of danger has its desk, or becomes one."""

from datetime import datetime

from requests.claims.effects import Effect, Step
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.dangers import rings


class DangerEffect(Effect):
    """Ring after the first routing of a danger, and when a person finds that it is one."""

    def after_routing(self, claim: Claim, now: datetime) -> None:
        rings.start(claim, now)

    def after_step(self, step: Step) -> None:
        if step.name in {Event.RECLASSIFY, Event.RELOCATE}:
            rings.start(step.claim, step.now)

    def revert(self, event: ClaimEvent) -> None:
        if event.name == Event.RECLASSIFY:
            rings.revert(event)
