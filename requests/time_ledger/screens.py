"""Pure: the screens on which staff fill something in, by the event that each leaves.

``fields`` are the facts of the event that a person gave: what the portal filled in by itself is
not among them, so that prefilling a field makes it cheaper here as well.
"""

from dataclasses import dataclass

from requests.claims.events import Event


@dataclass(frozen=True)
class Screen:
    """One form of the claim page: its event, and the facts that a person fills in."""

    event: Event
    fields: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(self.event.label)


SCREENS = (
    Screen(Event.TAKE_CHARGE),
    Screen(Event.MESSAGE_OUT, ("message",)),
    Screen(Event.ASK, ("text",)),
    Screen(Event.ANSWER, ("text",)),
    Screen(Event.REFUSE, ("reason", "text")),
    Screen(Event.PLAN, ("visit_at", "visit_until")),
    Screen(Event.START),
    Screen(Event.REPORT_DONE, ("report",)),
    Screen(Event.INFORM, ("text", "promise_at")),
    Screen(Event.HAND_OVER, ("desk", "reason", "due")),
    Screen(Event.RECLASSIFY, ("category", "reason")),
    Screen(Event.RELOCATE, ("place",)),
    Screen(Event.IDENTIFY, ("tenant",)),
    Screen(Event.MERGE, ("into",)),
    Screen(Event.CALLED, ("outcome", "text")),
    Screen(Event.SEND_BACK, ("text",)),
    Screen(Event.CLOSE_UNANSWERED, ("text",)),
    Screen(Event.REOPEN, ("text",)),
    Screen(Event.ASSIGNED, ("member",)),
    Screen(Event.SNOOZED, ("until", "why")),
    Screen(Event.FILED),
)
BY_EVENT = {screen.event.value: screen for screen in SCREENS}
