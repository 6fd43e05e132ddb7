"""Tries to link an account to a dwelling, counted so that codes cannot be guessed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.dates import full_moment
from portal.scope import GuardedManager


class LinkAttempt(models.Model):
    """One try: which account, from which address (keyed hash, never the address itself)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    origin = models.CharField(_("origin"), max_length=64)
    at = models.DateTimeField(_("at"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("attempt to link a dwelling")
        verbose_name_plural = _("attempts to link a dwelling")
        indexes = [
            models.Index(fields=["user", "at"], name="link_attempt_user"),
            models.Index(fields=["origin", "at"], name="link_attempt_origin"),
        ]

    def __str__(self) -> str:
        return f"{full_moment(self.at)}"
