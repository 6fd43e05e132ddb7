"""Endpoints of other systems, the messages written for them, and each attempt to deliver one."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import new_secret
from requests.claims.event_models import ClaimEvent


class WebhookEndpoint(models.Model):
    """An address of another system. ``events`` are the types it wants; none: all of them.

    ``salt`` gives its keys (signatures.py); ``public`` is the public key that receivers were told.
    The former ones sign beside them until ``former_until``. ``failing_since`` is the first failure
    since the last success, ``quiet_until`` when it is tried again. Switched off, it still
    gathers what happens, for when it is switched on again.
    """

    class Off(models.TextChoices):
        PERSON = "person", _("switched off by a person")
        FAILING = "failing", _("it failed for three days")
        GONE = "gone", _("it answered that it wants nothing more (410)")

    name = models.CharField(_("name"), max_length=80, unique=True)
    address = models.URLField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list, blank=True)
    active = models.BooleanField(_("active"), default=True)
    off = models.CharField(_("why it is off"), max_length=10, choices=Off, blank=True)
    off_at = models.DateTimeField(_("off since"), null=True, blank=True)
    salt = models.CharField(max_length=43, default=new_secret, editable=False)
    public = models.CharField(_("public key"), max_length=60, editable=False)
    former_salt = models.CharField(max_length=43, blank=True, editable=False)
    former_public = models.CharField(max_length=60, blank=True, editable=False)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    quiet_until = models.DateTimeField(null=True, blank=True, editable=False)
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
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, off="") | (Q(active=False) & ~Q(off="")),
                name="webhook_off_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookMessage(models.Model):
    """One event for one endpoint; its key is the ``webhook-id`` of every attempt.

    ``tries`` is counted before each attempt. ``planned`` numbers the jobs written for it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="messages")
    event = models.ForeignKey(ClaimEvent, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(_("event"), max_length=40)
    payload = models.JSONField(_("body"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    planned = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"))
    next_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("message to a webhook")
        verbose_name_plural = _("messages to webhooks")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_told_once"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at__isnull=True)),
                name="webhook_delivered_at",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "state", "-created_at"], name="webhook_by_state"),
            models.Index(fields=["created_at"], name="webhook_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def name(self) -> str:
        """Return the ``webhook-id``; it holds no full stop, as the specification demands."""
        return f"msg_{self.pk.hex}"


class WebhookAttempt(models.Model):
    """One attempt: the status that the receiver answered, or why none came."""

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta:
        verbose_name = _("attempt of a webhook")
        verbose_name_plural = _("attempts of webhooks")
        ordering = ["-at"]
        indexes = [models.Index(fields=["message", "-at"], name="webhook_attempts")]

    def __str__(self) -> str:
        return f"{self.status or self.error}"
