"""Short mails to staff, sent once what they tell of is committed."""

from django.core.mail import send_mail
from django.db import transaction


def mail_after_commit(address: str, subject: str, text: str) -> None:
    """Send the mail when the transaction is committed; a server that is away is logged."""

    # Not functools.partial: Django logs a failure by its name, which a partial has not.
    def send() -> None:
        send_mail(subject, text, None, [address])

    transaction.on_commit(send, robust=True)
