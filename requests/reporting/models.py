"""Exports that leave by themselves, and each file that was made or missed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from requests.reporting.datasets import BY_NAME, DATASETS
from requests.reporting.schedule import Rhythm


class ScheduledExport(models.Model):
    """One view as a file in the landlord's bucket, at ``hour`` of its days (Paris time)."""

    dataset = models.CharField(
        _("figures"), max_length=40, choices=[(row.name, row.title) for row in DATASETS]
    )
    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm, default=Rhythm.DAILY)
    hour = models.PositiveSmallIntegerField(_("hour"), default=5)
    prefix = models.CharField(_("folder"), max_length=120, blank=True)
    active = models.BooleanField(_("active"), default=True)
    made_at = models.DateTimeField(_("made"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("scheduled export")
        verbose_name_plural = _("scheduled exports")
        ordering = ["dataset", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="export_hour"),
            models.UniqueConstraint(fields=["dataset", "rhythm", "prefix"], name="export_once"),
        ]

    def __str__(self) -> str:
        return str(BY_NAME[self.dataset].title)


class ExportRun(models.Model):
    """One file: due once for each moment of its export; ``done_at`` when it lay in the bucket.

    ``asked_by``: a person wanted it now, beside the schedule.
    """

    export = models.ForeignKey(ScheduledExport, models.CASCADE, related_name="runs")
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("made"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("file"), max_length=255, blank=True)
    rows = models.PositiveIntegerField(_("lines"), null=True, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    alarmed_at = models.DateTimeField(_("alarm raised"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of an export")
        verbose_name_plural = _("files of exports")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["export", "due_at"], name="export_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export} {full_day(self.due_at)}"
