"""What happened to a claim, what was said, and the work that follows from it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests.choices import Channel
from requests.models.claim import Claim


class ClaimEvent(models.Model):
    """One fact in a claim's life; every figure and every notice derives from these rows."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="events")
    name = models.CharField(_("event"), max_length=30)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    role = models.CharField(_("role"), max_length=24, blank=True)
    state = models.CharField(_("state after"), max_length=16)
    facts = models.JSONField(_("facts"), default=dict)

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

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at"]


class Job(models.Model):
    """Work to do, written with the fact that calls for it and drained under a lease.

    The broker only hints that rows are due; losing a hint costs seconds (docs/adr/0002).
    """

    class Kind(models.TextChoices):
        ROUTE = "route", _("route a claim")
        NOTIFY = "notify", _("tell the tenant")
        ESCALATE = "escalate", _("climb a late promise")
        CONSENT = "consent", _("send a consent code")

    MAX_ATTEMPTS = 8

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("object"), max_length=60)
    next_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="job_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at__isnull=True), name="job_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
