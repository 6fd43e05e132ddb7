"""In which order due work is taken, and which process takes it.

What only computes is worked by the workers, what waits for somebody else's server or draws paper
by the sender (docs/adr/0038): a mail server that hangs then stops no routing.
"""

from enum import IntEnum

from requests.jobs.models import Job


class Priority(IntEnum):
    """The smallest number first; among equals, what is due the longest."""

    EMERGENCY = 0
    SORTING = 10
    ORDINARY = 20
    SEND_EMERGENCY = 30
    SEND = 40
    DRAW = 50


WORK = (Priority.EMERGENCY, Priority.SORTING, Priority.ORDINARY)
SENDING = (Priority.SEND_EMERGENCY, Priority.SEND, Priority.DRAW)
USUAL = {
    Job.Kind.ROUTE: Priority.SORTING,
    Job.Kind.INTAKE: Priority.SORTING,
    Job.Kind.DELIVER: Priority.SEND,
    Job.Kind.LETTER: Priority.DRAW,
    # After every message to a person: another system can wait, and may be slow to answer.
    Job.Kind.WEBHOOK: Priority.DRAW,
    Job.Kind.FIGURES: Priority.DRAW,
}


def priority_of(kind: str, *, emergency: bool) -> Priority:
    """Return the priority of a new job of ``kind``, about an ``emergency`` or not."""
    usual = USUAL.get(Job.Kind(kind), Priority.ORDINARY)
    if not emergency:
        return usual
    return Priority.SEND_EMERGENCY if usual in SENDING else Priority.EMERGENCY
