"""Keys of Open311 applications; only a digest of each is stored."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Open311Key(models.Model):
    """The right of one application to post requests.

    The key is shown once, when it is made, and never stored; ``start`` holds its first characters.
    """

    name = models.CharField(_("application"), max_length=80)
    contact = models.EmailField(_("who answers for it"))
    start = models.CharField(_("begins with"), max_length=6, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    per_minute = models.PositiveSmallIntegerField(_("calls per minute, at most"), default=60)
    active = models.BooleanField(_("may post"), default=True)
    made_at = models.DateTimeField(_("made"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("Open311 key")
        verbose_name_plural = _("Open311 keys")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_minute__gte=1),
                name="open311_key_may_call",
                violation_error_message=_("At least one call per minute."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(key: str) -> str:
        """Return the SHA-256 of a key; the keys are random and long, so no salt is needed."""
        return hashlib.sha256(key.encode()).hexdigest()
