"""What we told whom about which event, through which channel, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from portal.access import DESK_ROLES, Role
from portal.scope import GuardedManager, ScopedManager
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.kit.choices import Channel


class DeliveryQuerySet(models.QuerySet):
    """Messages that left or are to leave, by what they belong to and who may read of them."""

    def of_conversations(self) -> "DeliveryQuerySet":
        """Those written to the person of a claim: only these make an address part of it."""
        return self.filter(kind=Delivery.Kind.CLAIM_EVENT)

    def visible_to(self, membership) -> "DeliveryQuerySet":
        """Those about a claim that the member sees; the others by unit, all of them at head office.

        An address that the portal wrote to is personal, so what has no unit is head office's.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        claimless = Q(claim__isnull=True)
        if membership.role != Role.HEAD_OFFICE:
            claimless &= Q(unit=membership.unit_id)
        return self.filter(Q(claim__in=Claim.objects.visible_to(membership)) | claimless)


class DeliveryManager(ScopedManager[DeliveryQuerySet]):
    """The scopes a delivery may be asked for through."""

    rows = DeliveryQuerySet

    def visible_to(self, membership) -> DeliveryQuerySet:
        return self.unscoped_rows().visible_to(membership)


class Delivery(models.Model):
    """One message to one recipient through one channel (docs/adr/0027-one-outgoing-engine.md).

    A message of a claim's event has ``event`` and ``claim``, and is unique per event, recipient
    and channel; its words were chosen when the event was told. Any other has a unique ``key``;
    ``facts`` holds what its kind needs to write it.

    Several events told close together travel in one message: ``carried_by`` names the row that
    was sent. ``attempts`` is counted before the effect; ``message_id`` is ours and signed.
    ``urgent`` shortens the retries. ``unit`` gives the clock and holidays of the recipient, and
    the desks that read of it, where there is no claim.
    """

    class Kind(models.TextChoices):
        CLAIM_EVENT = "claim_event", _("news of a request")
        ORDER = "order", _("order to a contractor")
        INVITATION = "invitation", _("invitation of a contractor’s colleague")
        PLANNED_WORKS = "planned_works", _("notice of works")
        LATENESS = "lateness", _("late promises to a colleague")
        CONSENT_CODE = "consent_code", _("consent code")
        LINK_CODE = "link_code", _("code that links an account")
        LINK_NOTICE = "link_notice", _("notice of a linked account")
        PRIVATE_REPLY = "private_reply", _("private answer to a public post")
        MAINTENANCE = "maintenance", _("reminder of a visit due")
        RIGHTS = "rights", _("news of a request about personal data")
        DANGER = "danger", _("ring about a danger")
        POINT_CODE = "point_code", _("code that proves a contact")
        POINT_NOTICE = "point_notice", _("notice of a changed contact")
        CONTACT_CHECK = "contact_check", _("question whether a contact is still right")
        TRIAL = "trial", _("test message")
        INCIDENT = "incident", _("news of an incident")
        FIGURES = "figures", _("figures of the week")
        ALARM = "alarm", _("alarm to the administrators")
        COLLEAGUE = "colleague", _("what is new to a colleague")
        SURVEY = "survey", _("invitation to a survey")

    class State(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        RETRYING = "failed_temporary", _("failed, will be tried again")
        FAILED = "failed_permanent", _("failed")
        SUPPRESSED = "suppressed", _("held")
        DROPPED = "dropped", _("not needed any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The database's own defaults let the previous release write rows after an upgrade.
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.CLAIM_EVENT, db_default="claim_event"
    )
    key = models.CharField(max_length=100, blank=True, default="", db_default="")
    # A constraint below begins with it.
    event = models.ForeignKey(
        ClaimEvent,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
    )
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    urgent = models.BooleanField(_("urgent"), default=False, db_default=False)
    recipient = models.CharField(_("recipient"), max_length=254)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(_("language"), max_length=5, default="fr")
    facts = models.JSONField(_("as it was then"), default=dict)
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="", db_default="")
    text = models.TextField(_("text"), blank=True)
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
    provider_id = models.CharField(_("provider’s number"), max_length=120, blank=True)
    answer = models.TextField(_("provider’s answer"), blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    unscoped = DeliveryQuerySet.as_manager()
    objects = DeliveryManager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"], name="delivered_once"
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="delivery_key_once"),
            models.CheckConstraint(
                condition=Q(kind="claim_event", event__isnull=False, claim__isnull=False, key="")
                | (~Q(kind="claim_event") & Q(event__isnull=True) & ~Q(key="")),
                name="delivery_named_once",
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
                        "dropped",
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
            # Letters that nobody printed yet, the oldest first.
            models.Index(
                fields=["created_at", "id"],
                condition=Q(channel="letter", state="queued", carried_by__isnull=True),
                name="delivery_to_print",
            ),
            models.Index(fields=["recipient", "sent_at"], name="delivery_sent"),
            models.Index(fields=["channel", "sent_at"], name="delivery_channel_sent"),
            models.Index(
                fields=["state", "created_at"],
                condition=Q(
                    state__in=["queued", "failed_temporary", "failed_permanent", "suppressed"]
                ),
                name="delivery_not_sent",
            ),
            models.Index(
                fields=["due_at"], condition=Q(reason="reputation"), name="delivery_reputation"
            ),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="delivery_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event or self.get_kind_display()} → {self.channel}"


class FailingAddress(models.Model):
    """An address that no longer takes our messages, until a person or a new message clears it."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    reason = models.TextField(_("reason"))
    since = models.DateTimeField(_("since"))

    unscoped = models.Manager()
    objects = GuardedManager()

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

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("address without extra news")
        verbose_name_plural = _("addresses without extra news")

    def __str__(self) -> str:
        return self.address
