"""A letter on paper as a ``Reply``: its scan is the message, the recognised words a help."""

from requests.channels.models import Intake
from requests.inbound.replies import Reply


def read(intake: Intake) -> Reply:
    """Return the letter.

    Its writer is not known: a person looks at it and says where it belongs.
    """
    return Reply(
        sender="",
        subject=intake.subject,
        text=intake.text,
        folded=intake.folded,
        files=[(f"{intake.subject}.pdf", "application/pdf", bytes(intake.raw))],
    )
