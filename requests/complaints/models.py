"""Complaints about the service in two stages, formal notices, and routes of appeal."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from portal.dates import full_day
from portal.scope import GuardedManager
from requests.claims.models import Claim
from requests.kit.choices import Channel


class Complaint(models.Model):
    """A claim about the service itself. ``about`` is the claim that was handled badly."""

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="complaint")
    about = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="complaints"
    )

    class Meta:
        verbose_name = _("complaint about the service")
        verbose_name_plural = _("complaints about the service")
        constraints = [
            models.CheckConstraint(
                condition=Q(about__isnull=True) | ~Q(about=F("claim")),
                name="complaint_about_another",
            )
        ]

    def __str__(self) -> str:
        return str(self.claim)


class ComplaintStage(models.Model):
    """One stage: asked for, then answered by one reviewer.

    The second stage needs another person.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="stages")
    number = models.PositiveSmallIntegerField(_("stage"))
    asked_at = models.DateTimeField(_("asked"))
    answer_due = models.DateTimeField(_("answer due"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reviewer = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("stage of a complaint")
        verbose_name_plural = _("stages of complaints")
        ordering = ["complaint", "number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="one_row_per_stage"),
            models.CheckConstraint(condition=Q(number__in=[1, 2]), name="two_stages"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, reviewer__isnull=True)
                | Q(answered_at__isnull=False, reviewer__isnull=False),
                name="stage_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint} · {self.number}"


class FormalNotice(models.Model):
    """A written demand with its dates. ``answer_by`` is the deadline it sets, in UTC."""

    class Kind(models.TextChoices):
        DECENCY = "decency", _("demand for a decent home (law of 6 July 1989, article 20-1)")
        NOTICE = "notice", _("formal notice")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="formal_notices")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    dated = models.DateField(_("date of the letter"))
    received = models.DateField(_("received"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    words = models.CharField(_("what is demanded"), max_length=500)
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    logged_at = models.DateTimeField(_("logged"))

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("formal notice")
        verbose_name_plural = _("formal notices")
        ordering = ["received", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dated__lte=F("received")), name="notice_received_after_written"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {full_day(self.received)}"


class Route(models.Model):
    """A body outside the landlord that a tenant may turn to, with its contact details."""

    class Kind(models.TextChoices):
        OMBUDSMAN = "ombudsman", _("consumer ombudsman")
        CONCILIATION = "conciliation", _("departmental conciliation commission")

    kind = models.CharField(_("route"), max_length=12, choices=Kind, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    address = models.TextField(_("address"), blank=True)
    website = models.URLField(_("website"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("route of appeal")
        verbose_name_plural = _("routes of appeal")

    def __str__(self) -> str:
        return self.name
