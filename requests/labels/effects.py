"""The effect of an undone change of labels."""

from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.labels import actions


class LabelEffect(Effect):
    """Give a claim back the labels that it bore before an undone event."""

    def revert(self, event: ClaimEvent) -> None:
        if event.name == Event.LABELLED:
            actions.revert(event)
