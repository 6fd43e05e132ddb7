"""Corrections that a caretaker proposes when a piece of equipment differs from its record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Equipment
from portal.dates import full_day


class EquipmentCorrection(models.Model):
    """A proposed correction; the record changes only when somebody at the agency accepts it.

    ``was`` and ``becomes`` hold the proposed fields only (see ``FIELDS``) as JSON values, so that a
    record changed meanwhile is detected. ``key`` makes a repeated submission harmless.
    """

    FIELDS = ("label", "installed", "contract")

    key = models.CharField(max_length=120, unique=True)
    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="corrections")
    was = models.JSONField(_("on record"))
    becomes = models.JSONField(_("read on site"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="corrections",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    accepted = models.BooleanField(_("accepted"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction of an equipment")
        verbose_name_plural = _("corrections of equipment")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, decided_at__isnull=True)
                | Q(accepted__isnull=False, decided_at__isnull=False),
                name="correction_decided_whole",
            )
        ]
        indexes = [
            models.Index(
                fields=["equipment"], condition=Q(accepted__isnull=True), name="correction_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.equipment} · {full_day(self.at)}"
