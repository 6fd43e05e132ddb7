"""What the tests of messages do to a claim, and what they read of it."""

from portal.actor import Actor
from requests.conversation.actions import write


def reply(claim, clock, text="Bonjour", channel="email"):
    """Write to the claim's person."""
    return write(
        claim=claim, text=text, direction="out", channel=channel, actor=Actor.SYSTEM, now=clock()
    )


def notes(claim):
    """Return the notes to staff on the claim."""
    return list(claim.messages.filter(direction="note").values_list("text", flat=True))
