"""Visits that law or contract ask for: their periods, those that were made, and the reminders."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models.contracts import MaintenanceContract
from agencies.models.stock import Equipment
from portal.dates import full_day


class Upkeep(models.TextChoices):
    """The kinds of visits; ``agencies.upkeep.LAW`` says how often and by which text."""

    LIFT_VISIT = "lift_visit", _("Maintenance visit of the lift")
    LIFT_CABLES = "lift_cables", _("Check of the cables")
    LIFT_BRAKES = "lift_brakes", _("Check of the safety brakes")
    LIFT_CONTROL = "lift_control", _("Technical inspection of the lift")
    BOILER_SERVICE = "boiler_service", _("Yearly service of the boiler")
    AIR_SERVICE = "air_service", _("Service of the ventilation")
    ENTRY_SERVICE = "entry_service", _("Service of the door entry system")


class UpkeepPeriod(models.Model):
    """A period other than the usual one, of a contract or of one piece of equipment.

    That of the equipment goes first.

    ``every_days`` empty: this visit is not due here (a boiler too small, no cables).
    """

    contract = models.ForeignKey(
        MaintenanceContract,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="upkeep",
        verbose_name=_("contract"),
    )
    equipment = models.ForeignKey(
        Equipment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="upkeep",
        verbose_name=_("equipment"),
    )
    what = models.CharField(_("visit"), max_length=20, choices=Upkeep)
    every_days = models.PositiveSmallIntegerField(
        _("every … days"),
        null=True,
        blank=True,
        help_text=_("Empty: this visit is not due here. Never more than the law allows."),
    )
    note = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("period of visits")
        verbose_name_plural = _("periods of visits")
        constraints = [
            models.UniqueConstraint(fields=["contract", "what"], name="upkeep_once_per_contract"),
            models.UniqueConstraint(fields=["equipment", "what"], name="upkeep_once_per_machine"),
            models.CheckConstraint(
                condition=Q(contract__isnull=True, equipment__isnull=False)
                | Q(contract__isnull=False, equipment__isnull=True),
                name="upkeep_of_one",
            ),
            models.CheckConstraint(
                condition=Q(every_days__isnull=True) | Q(every_days__gte=1, every_days__lte=3660),
                name="upkeep_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.every_days or '—'}"


class UpkeepVisit(models.Model):
    """One visit that was made, as written in the equipment's booklet or the company's report."""

    equipment = models.ForeignKey(Equipment, models.PROTECT, related_name="visits")
    what = models.CharField(_("visit"), max_length=20, choices=Upkeep)
    done_on = models.DateField(_("made on"))
    company = models.CharField(_("company"), max_length=120, blank=True)
    note = models.CharField(_("what was found"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("upkeep visit")
        verbose_name_plural = _("upkeep visits")
        ordering = ["-done_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["equipment", "what", "done_on"], name="upkeep_visit_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {full_day(self.done_on)}"


class UpkeepReminder(models.Model):
    """A reminder that a visit comes due or was missed, sent once to the company under contract.

    ``sent_to`` stays empty when no contract covers the equipment: then only the desk sees it.
    """

    class Stage(models.TextChoices):
        SOON = "soon", _("due soon")
        MISSED = "missed", _("missed")

    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="reminders")
    what = models.CharField(_("visit"), max_length=20, choices=Upkeep)
    due_on = models.DateField(_("due"))
    stage = models.CharField(_("stage"), max_length=6, choices=Stage)
    at = models.DateTimeField(_("noticed"))
    sent_to = models.EmailField(_("reminded"), blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder of a visit due")
        verbose_name_plural = _("reminders of visits due")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["equipment", "what", "due_on", "stage"], name="upkeep_reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {full_day(self.due_on)}"
