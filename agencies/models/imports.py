"""Imported files of the stock and of the tenants: kept, checked, approved, written."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from agencies.models.organisation import Unit


def source_name(run: "ImportRun", _name: str) -> str:
    """Return a random path: nothing that a person typed ever names a file."""
    return f"imports/{run.pk.hex[:2]}/{run.pk.hex}"


def rejects_name(run: "ImportRun", _name: str) -> str:
    """Return the path of the rejects, beside the file that they come from."""
    return f"imports/{run.pk.hex[:2]}/{run.pk.hex}.rejects"


class ImportRun(models.Model):
    """One file, from its upload to its writing. A row with work to do is drained under a lease.

    ``held``: it has many departures or changes, so that another person than ``by`` must approve.
    ``report`` is the dry run as data (agencies/imports/plan.py).
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to apply")
        HELD = "held", _("a second person must approve")
        APPROVED = "approved", _("being applied")
        APPLIED = "applied", _("applied")
        FAILED = "failed", _("refused")

    MAX_ATTEMPTS = 4

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind of file"), max_length=20)
    name = models.CharField(_("file name"), max_length=160)
    file = models.FileField(_("file"), upload_to=source_name, max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size, bytes"))
    language = models.CharField(max_length=5, default="fr")
    agency = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, verbose_name=_("agency when none is named")
    )
    one_agency = models.BooleanField(_("the segments are not agencies"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    # Which unit holds what, as a person said on the page of the file: {"segment:02": "nord"}.
    units = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    held = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    message = models.TextField(_("message"), blank=True)
    rejects = models.FileField(upload_to=rejects_name, max_length=120, blank=True)
    next_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["checking", "ready", "held", "approved", "applied", "failed"]
                ),
                name="import_state",
            ),
            models.CheckConstraint(
                condition=Q(held=False) | Q(approved_by__isnull=True) | ~Q(approved_by=F("by")),
                name="import_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["checking", "approved"]),
                name="import_due",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def working(self) -> bool:
        """Return whether a worker has something to do with it."""
        return self.state in {self.State.CHECKING, self.State.APPROVED}

    @property
    def percent(self) -> int:
        """Return the progress of the reading, 0 to 100."""
        return min(100, round(100 * self.rows_done / self.rows_total)) if self.rows_total else 0
