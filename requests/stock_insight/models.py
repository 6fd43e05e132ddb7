"""The early-warning list as it was last reckoned, and how such lists did on held-out months."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Equipment
from portal.dates import full_day


class WarningList(models.Model):
    """One reckoning of the list.

    ``learned`` False: too little failed to learn from; the list is that of most faults in a year.
    The counts are those of the backtest, None where there was none.
    """

    made_at = models.DateTimeField(_("made"))
    learned = models.BooleanField(_("learned from the past"))
    equipment = models.PositiveIntegerField(_("pieces of equipment"))
    months = models.PositiveSmallIntegerField(_("months held out"), null=True, blank=True)
    listed = models.PositiveIntegerField(_("entries"), null=True, blank=True)
    hits = models.PositiveIntegerField(_("failed within the month"), null=True, blank=True)
    naive_hits = models.PositiveIntegerField(_("the same, most faults"), null=True, blank=True)
    base = models.FloatField(_("share of all that failed"), null=True, blank=True)

    class Meta:
        verbose_name = _("early-warning list")
        verbose_name_plural = _("early-warning lists")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return full_day(self.made_at)


class EquipmentWarning(models.Model):
    """One piece of equipment of a list: the facts that count, from which its words are made."""

    list = models.ForeignKey(WarningList, models.CASCADE, related_name="warnings")
    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="+")
    chance = models.FloatField(_("chance of failing within a month"), null=True, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    weights = models.JSONField(_("weights"), default=dict)
    place = models.PositiveIntegerField(_("place in the list"))

    class Meta:
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["list", "equipment"], name="warned_once"),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gte=0, chance__lte=1),
                name="warning_chance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.equipment}"
