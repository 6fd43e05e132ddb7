"""What happened to a claim, what was said, and the work that follows from it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from requests.choices import Channel
from requests.models.claim import Claim


class StandingEvents(models.Manager):
    """Events that hold: one undone in time never counts, is never told and never shown."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(undone_at__isnull=True)


class ClaimEvent(models.Model):
    """One fact in a claim's life; every figure and every notice derives from these rows.

    ``before`` holds the claim's columns as they were, for an undo within the half minute
    before anything is sent. ``objects`` and ``claim.events`` leave undone events out.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="events")
    name = models.CharField(_("event"), max_length=30)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    role = models.CharField(_("role"), max_length=24, blank=True)
    state = models.CharField(_("state after"), max_length=16)
    facts = models.JSONField(_("facts"), default=dict)
    before = models.JSONField(_("before"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    objects = StandingEvents()
    everything = models.Manager()  # noqa: DJ012 - the default manager must come first

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["name", "at"], name="event_name_at")]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d}"


class Message(models.Model):
    """One entry of the conversation, marked with its channel; internal notes never leave."""

    class Direction(models.TextChoices):
        IN = "in", _("from the tenant")
        OUT = "out", _("to the tenant")
        NOTE = "note", _("internal note")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=4, choices=Direction)
    channel = models.CharField(max_length=10, choices=Channel)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    # A short answer to what we asked, acted on at once: nobody is awaited because of it.
    understood = models.BooleanField(_("understood"), default=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at"]


class JobQuerySet(models.QuerySet):
    """Rows by what they wait for."""

    def waiting(self) -> "JobQuerySet":
        """Not done, and still to be tried by a worker."""
        return self.filter(done_at__isnull=True, attempts__lt=Job.MAX_ATTEMPTS)

    def dead(self) -> "JobQuerySet":
        """Tried as often as allowed, the last lease over: only a person can help."""
        return self.filter(done_at__isnull=True, attempts__gte=Job.MAX_ATTEMPTS, next_at__lte=Now())


class Job(models.Model):
    """Work to do, written with the fact that calls for it and drained under a lease.

    The broker only hints that rows are due; losing a hint costs seconds (docs/adr/0002).
    """

    class Kind(models.TextChoices):
        ROUTE = "route", _("route a claim")
        NOTIFY = "notify", _("tell the tenant")
        ESCALATE = "escalate", _("climb a late promise")
        DELIVER = "deliver", _("send a message")
        INTAKE = "intake", _("read a raw input")
        ORDER = "order", _("tell the contractor")
        REMIND = "remind", _("remind of a visit")
        CLOSING = "closing", _("ask again if it is fixed")
        CONSENT = "consent", _("send a consent code")
        LETTER = "letter", _("draw a letter")
        UPKEEP = "upkeep", _("remind of a visit due")
        PLANNED = "planned", _("tell of planned works")
        RENEW = "renew", _("reckon promises again")
        INVITE = "invite", _("invite a contractor's colleague")
        LATENESS = "lateness", _("tell staff what was passed up to them")
        PRIVATE = "private", _("answer a public post in private")

    MAX_ATTEMPTS = 8

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("object"), max_length=60)
    next_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)
    given_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given up by"),
    )
    given_up_reason = models.CharField(_("why it was given up"), max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_once"),
            models.CheckConstraint(
                condition=Q(given_up_reason="") | Q(done_at__isnull=False),
                name="job_given_up_is_done",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at__isnull=True), name="job_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
