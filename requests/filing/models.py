"""What a signed-in person began to file, kept until it is sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """The unfinished filing of one account; outlives its session. Deleted when sent."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="draft")
    data = models.JSONField(_("answers so far"))
    at = models.DateTimeField(_("last change"))

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
