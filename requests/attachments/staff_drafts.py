"""Files that staff chose for a reply or note that has not left yet, or was taken back.

They are drafts like a tenant's, for an hour: a refused file, a mistake in the form or an undone
reply loses none of them.
"""

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from portal.models import User
from requests.attachments.models import Attachment
from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim

SALT = "requests.attachments.staff_drafts"


def session_of(user: User, claim: Claim) -> str:
    """Return the key of what ``user`` has chosen for ``claim``; nobody can guess it."""
    return salted_hmac(SALT, f"{user.pk}:{claim.pk}", algorithm="sha256").hexdigest()


def of_message(message: str) -> QuerySet[Attachment]:
    """Return the files of the message with this id."""
    return Attachment.objects.system("files of a message").filter(message=message)


class FilesEffect(Effect):
    """Give the files of an undone reply back to who wrote it."""

    def revert(self, event: ClaimEvent) -> None:
        if event.actor and (message := event.facts.get("message")):
            of_message(message).filter(author=event.actor).update(
                claim=None, message=None, session=session_of(event.actor, event.claim)
            )
