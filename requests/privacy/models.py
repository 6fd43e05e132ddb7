"""Rows of data protection: rules of retention and their runs, holds, requests, copies, journal."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from requests.privacy.querysets import RightsRequestManager, RightsRequestQuerySet
from tenants.models import Tenant


class RetentionRule(models.Model):
    """How long one kind of data stays, as the data-protection officer decided.

    Without a row, or while ``active`` is False, nothing of that kind is erased: what is proposed
    stands in ``requests/privacy/retention_kinds.py``.
    """

    class Action(models.TextChoices):
        ERASE = "erase", _("erase")
        ANONYMISE = "anonymise", _("anonymise")

    kind = models.SlugField(_("kind of data"), max_length=30, primary_key=True)
    months = models.PositiveSmallIntegerField(_("months"))
    action = models.CharField(_("then"), max_length=9, choices=Action)
    source = models.TextField(_("source of the duration"), max_length=500, blank=True)
    active = models.BooleanField(_("in force"), default=False)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1), name="retention_a_month_at_least")
        ]

    def __str__(self) -> str:
        return self.kind


class RetentionRun(models.Model):
    """What one rule did on one day: the report that the officer reads.

    ``kept_back`` are rows that were due and stayed, by reason (a dispute, a hold).
    """

    kind = models.SlugField(_("kind of data"), max_length=30)
    day = models.DateField(_("day"))
    months = models.PositiveSmallIntegerField(_("months"))
    action = models.CharField(_("then"), max_length=9, choices=RetentionRule.Action)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    batches = models.PositiveIntegerField(_("batches"), default=0)
    touched = models.PositiveIntegerField(_("rows"), default=0)
    kept_back = models.JSONField(_("kept back"), default=dict, blank=True)

    class Meta:
        verbose_name = _("run of a retention rule")
        verbose_name_plural = _("runs of retention rules")
        ordering = ["-day", "kind"]
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="retention_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class Hold(models.Model):
    """A person whose data must stay: nothing of theirs is erased until it is lifted."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("dispute")
        LEGAL = "legal", _("legal hold")
        RESTRICTION = "restriction", _("restriction asked by the person")

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="holds")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("since"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.UniqueConstraint(
                fields=["tenant", "kind"], condition=Q(lifted_at__isnull=True), name="hold_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {full_day(self.at)}"


class RightsRequest(models.Model):
    """What one person asked about their data, with the day by which they must have an answer.

    Days are in Europe/Paris. ``tenant`` is None once the person was erased.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("a copy of my data")
        PORTABILITY = "portability", _("my data in a form that another service can read")
        RECTIFICATION = "rectification", _("a correction")
        ERASURE = "erasure", _("the erasure of my data")
        RESTRICTION = "restriction", _("that my data stay unused")
        OBJECTION = "objection", _("an end to one use of my data")

    class Channel(models.TextChoices):
        PAGE = "page", _("on the person’s own page")
        LETTER = "letter", _("by letter")
        COUNTER = "counter", _("at the counter")
        PHONE = "phone", _("by phone")
        EMAIL = "email", _("by e-mail")

    class State(models.TextChoices):
        RECEIVED = "received", _("received, answer to come")
        ANSWERED = "answered", _("dealt with")
        REFUSED = "refused", _("refused, with the reason")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.SET_NULL, null=True, blank=True, related_name="rights_requests"
    )
    kind = models.CharField(_("what is asked"), max_length=14, choices=Kind)
    channel = models.CharField(_("how it came"), max_length=8, choices=Channel)
    words = models.TextField(_("in the person’s words"), max_length=2000, blank=True)
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("answer due"))
    extended_at = models.DateTimeField(_("extended"), null=True, blank=True)
    extension_reason = models.CharField(_("why it takes longer"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RightsRequestManager()
    unscoped = RightsRequestQuerySet.as_manager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("request of a person about their data")
        verbose_name_plural = _("requests of persons about their data")
        ordering = ["due_on", "received_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gt=F("received_on")), name="rights_due_after_receipt"
            ),
            models.CheckConstraint(
                condition=Q(state="received", answered_at__isnull=True)
                | (~Q(state="received") & Q(answered_at__isnull=False)),
                name="rights_answered_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_on}"


class RightsStep(models.Model):
    """One step of such a request: who did what, when. Written once, never changed."""

    class Name(models.TextChoices):
        OPENED = "opened", _("received")
        NOTE = "note", _("note")
        EXTENDED = "extended", _("deadline extended")
        EXPORT_MADE = "export_made", _("copy made")
        DOWNLOADED = "downloaded", _("copy downloaded")
        RECTIFIED = "rectified", _("corrected")
        HELD = "held", _("data put on hold")
        ERASURE_REFUSED = "erasure_refused", _("erasure not possible")
        ERASED = "erased", _("erased")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=16, choices=Name)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("text"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("step of a person’s request")
        verbose_name_plural = _("steps of persons’ requests")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{full_day(self.at)} {self.name}"


def export_path(export: "PersonExport", _name: str) -> str:
    """Return a random path."""
    return f"exports/{export.pk.hex}.zip"


class PersonExport(models.Model):
    """A person's copy of their data: made by a job, downloaded by them alone, gone after some days.

    ``with_notes``: an officer read the staff's notes and found nothing in them of others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="exports")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="exports")
    with_notes = models.BooleanField(_("with the staff’s notes"), default=False)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    file = models.FileField(upload_to=export_path, max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size, bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)
    last_at = models.DateTimeField(_("last download"), null=True, blank=True)

    class Meta:
        verbose_name = _("copy of a person’s data")
        verbose_name_plural = _("copies of persons’ data")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{full_day(self.asked_at)}"


class Erasure(models.Model):
    """One erased person, by the number that their record had: no name, nothing else of them.

    ``written_at``: since when the journal outside the database holds it too.
    """

    person = models.UUIDField(_("number of the record"), unique=True)
    at = models.DateTimeField(_("erased"))
    why = models.CharField(max_length=10)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{full_day(self.at)}"
