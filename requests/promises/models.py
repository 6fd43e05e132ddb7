"""Promises to the tenant, the pauses of their clock, and the steps of their escalation."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.kit.choices import Urgency


class Kind(models.TextChoices):
    """The kinds of promises."""

    ACKNOWLEDGEMENT = "acknowledgement", _("first answer")
    TAKE_CHARGE = "take_charge", _("taken in charge")
    FIRST_VISIT = "first_visit", _("first visit")
    RESOLUTION = "resolution", _("settled")
    NEWS = "news", _("next news")
    COMPLAINT_ACK = "complaint_ack", _("first answer to a complaint")
    COMPLAINT_REPLY = "complaint_reply", _("answer to a complaint")
    LEGAL = "legal_term", _("answer to a formal notice")


class PromiseTerm(models.Model):
    """The landlord's own length for a kind of promise, by urgency and optionally by category."""

    kind = models.CharField(_("promise"), max_length=16, choices=Kind)
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("category"),
        help_text=_("Leave empty for all the categories of this urgency."),
    )
    hours = models.DecimalField(
        _("hours"),
        max_digits=7,
        decimal_places=2,
        help_text=_("24 hours are one working day, except for emergencies U0 to U2."),
    )

    class Meta:
        verbose_name = _("length of a promise")
        verbose_name_plural = _("lengths of promises")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "urgency", "category"],
                name="promise_term_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="promise_term_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.urgency}"


class Outcome(models.TextChoices):
    """The outcomes of a promise with a date."""

    KEPT = "kept", _("kept")
    NOT_KEPT = "not_kept", _("not kept")
    REPLACED = "replaced", _("replaced or void")
    TO_COME = "to_come", _("to come")


def open_condition(path: str = "") -> Q:
    """Return the condition for open promises: neither kept, replaced nor void.

    ``path`` leads to the promise from the model that is asked, for example ``step__promise__``.
    """
    return Q(**{f"{path}kept_at__isnull": True, f"{path}ended_at__isnull": True})


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises by outcome: the same rule as ``Promise.outcome``, in SQL."""

    def not_kept(self, moment: datetime) -> "PromiseQuerySet":
        """Return those whose date passed before ``moment`` without being kept.

        A promise that was replaced before its date is not among them; one that was kept late,
        ended with its claim after its date, or was replaced after it is.
        """
        return self.filter(
            Q(kept_at__isnull=True) | Q(kept_at__gt=F("due_at")),
            Q(ended_at__isnull=True) | Q(ended_at__gt=F("due_at")),
            due_at__lt=moment,
        )


class Promise(models.Model):
    """One dated promise. Its date never changes: a new date ends the row and makes another.

    ``requests.promises.rules.KEPT_BY`` names the events that keep it; ``outcome`` says whether it
    was kept. ``starts_at`` is when the clock began: the report or, after a reopening, the
    reopening. ``due_at`` None: the clock is paused. ``kept_at`` is when it was kept, late or not.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="promises")
    kind = models.CharField(_("promise"), max_length=16, choices=Kind)
    starts_at = models.DateTimeField(_("starts"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=7, decimal_places=2, null=True)
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency)
    made_at = models.DateTimeField(_("made"))
    why = models.CharField(_("why"), max_length=20)
    kept_at = models.DateTimeField(_("kept"), null=True, blank=True)
    ended_at = models.DateTimeField(_("replaced or void"), null=True, blank=True)
    # When the first of its steps that were not carried out is due; a trigger writes it.
    next_step_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "kind"],
                condition=Q(ended_at__isnull=True, kept_at__isnull=True),
                name="one_open_promise_of_a_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(ended_at__isnull=True, kept_at__isnull=True),
                name="promise_open_due",
            ),
            models.Index(fields=["due_at"], name="promise_due"),
            models.Index(
                fields=["next_step_at"],
                condition=Q(
                    ended_at__isnull=True, kept_at__isnull=True, next_step_at__isnull=False
                ),
                name="promise_next_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.claim_id}"

    def outcome(self, moment: datetime) -> Outcome | None:
        """Return the outcome at ``moment``; None without a date, while the clock is paused.

        A promise is kept when it was kept by its date. This is the only definition: figures count
        ``PromiseQuerySet.not_kept``, which is the same rule in SQL.
        """
        if self.due_at is None:
            return None
        if self.kept_at and self.kept_at <= self.due_at:
            return Outcome.KEPT
        if self.ended_at and self.ended_at <= self.due_at:
            return Outcome.REPLACED
        return Outcome.NOT_KEPT if self.due_at < moment else Outcome.TO_COME


class Pause(models.Model):
    """A pause of the claim's clock, while waiting for the tenant's answer or for access."""

    class Reason(models.TextChoices):
        TENANT = "tenant", _("the tenant’s answer")
        ACCESS = "access", _("access to the dwelling")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="pauses")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(ends_at__isnull=True), name="one_open_pause"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__lte=F("ends_at")),
                name="pause_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} · {self.claim_id}"


class EscalationStep(models.Model):
    """One escalation of a late promise to a level, at most once; ``done_at``: when it was done."""

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="steps")
    level = models.CharField(_("level"), max_length=10)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("reached"), null=True, blank=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(fields=["promise", "level"], name="escalation_once_per_level")
        ]

    def __str__(self) -> str:
        return f"{self.level} · {self.promise_id}"


class EscalationTold(models.Model):
    """One colleague who was told of an escalation: on screen at once, by mail with others."""

    step = models.ForeignKey(EscalationStep, models.PROTECT, related_name="told")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("passed up"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("colleague told")
        verbose_name_plural = _("colleagues told")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["step", "membership"], name="told_once_per_step")
        ]
        indexes = [
            models.Index(
                fields=["membership"], condition=Q(mailed_at__isnull=True), name="told_to_mail"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} → {self.membership}"
