"""What we told whom about which event, through which channel, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.kit.choices import Channel


class Delivery(models.Model):
    """One event, one recipient, one channel. The words were chosen when the event was told.

    Several events told close together travel in one message: ``carried_by`` names the row that
    was sent. ``attempts`` is counted before the effect; ``message_id`` is ours and signed.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        RETRYING = "failed_temporary", _("failed, will be tried again")
        FAILED = "failed_permanent", _("failed")
        SUPPRESSED = "suppressed", _("held")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(ClaimEvent, models.PROTECT, related_name="deliveries")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="deliveries")
    recipient = models.CharField(_("recipient"), max_length=254)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(_("language"), max_length=5, default="fr")
    facts = models.JSONField(_("as it was then"), default=dict)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    reason = models.CharField(_("why"), max_length=30, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    carried_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carries"
    )
    fallback_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="fallbacks"
    )
    message_id = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(_("provider's number"), max_length=120, blank=True)
    answer = models.TextField(_("provider's answer"), blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"], name="delivered_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "queued",
                        "sent",
                        "delivered",
                        "failed_temporary",
                        "failed_permanent",
                        "suppressed",
                    ]
                ),
                name="delivery_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["claim", "recipient", "channel"],
                condition=Q(state__in=["queued", "failed_temporary"]),
                name="delivery_waiting",
            ),
            models.Index(fields=["recipient", "sent_at"], name="delivery_sent"),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="delivery_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.channel}"


class FailingAddress(models.Model):
    """An address that no longer takes our messages, until a person or a new message clears it."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    reason = models.TextField(_("reason"))
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("failing address")
        verbose_name_plural = _("failing addresses")
        constraints = [
            models.UniqueConstraint(fields=["channel", "address"], name="failing_address_once")
        ]

    def __str__(self) -> str:
        return self.address


class MutedAddress(models.Model):
    """An address whose owner wants only what is needed to follow their request."""

    address = models.CharField(_("address"), max_length=254, unique=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("address without extra news")
        verbose_name_plural = _("addresses without extra news")

    def __str__(self) -> str:
        return self.address
