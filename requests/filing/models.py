"""The draft of a signed-in person, stored until the claim is sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.scope import GuardedManager


class Draft(models.Model):
    """The unfinished filing of one account; it survives the session and is deleted when sent."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="draft")
    data = models.JSONField(_("answers so far"))
    at = models.DateTimeField(_("last change"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"{full_day(self.at)}"
