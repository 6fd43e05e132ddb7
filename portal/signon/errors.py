"""Why a sign-on through the provider ended nowhere, and what the person reads of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """One for each thing that a person can do about it."""

    EXPIRED = "expired", _("This login took too long, or was opened twice. Begin again.")
    DECLINED = "declined", _("The login was cancelled, or your organisation refused it.")
    UNREACHABLE = "unreachable", _("Your organisation’s login service does not answer properly.")
    WRONG = "wrong", _("The answer of your organisation’s login service could not be checked.")
    NO_ACCOUNT = (
        "no_account",
        _("No staff account here belongs to this person. An administrator makes accounts."),
    )
    OTHER = "other", _("This person of your organisation belongs to another account here.")
    ONLY = "only", _("Staff log in through their organisation.")


STATUSES = {Reason.EXPIRED: 400, Reason.UNREACHABLE: 503}


class SignOnError(Exception):
    """``reason`` is shown to the person; ``detail`` goes to the log and holds no secret."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason

    @property
    def status(self) -> int:
        return STATUSES.get(self.reason, 403)
