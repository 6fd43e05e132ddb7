"""Raw inputs, stored before anybody reads them, so that no parser loses anything."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from agencies.access import EVERYWHERE
from agencies.models import Membership, Unit
from portal.dates import full_moment
from portal.scope import GuardedManager, ScopedManager
from requests.channels import reasons
from requests.channels.mailbox_models import Mailbox
from requests.channels.raw_bytes import RawBytesField
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.kit.choices import Channel


class IntakeQuerySet(models.QuerySet):
    """Raw inputs narrowed to what a membership may read."""

    def visible_to(self, membership: Membership) -> "IntakeQuerySet":
        """Return those of claims that the member sees, and those of nobody yet in their tray.

        An input waits in the tray of one unit (its mailbox's, or where a letter was scanned), or
        of every desk when it came to the landlord as such.
        """
        nobody = Q(claim__isnull=True)
        if membership.role not in EVERYWHERE:
            nobody &= Q(unit__isnull=True) | Q(unit=membership.unit_id)
        # Asked of each input: IN would gather every claim that the unit ever had.
        seen = Claim.objects.visible_to(membership).filter(pk=OuterRef("claim"))
        return self.filter(nobody | Q(Exists(seen)))


class IntakeManager(ScopedManager[IntakeQuerySet]):
    """The scopes a raw input may be asked for through."""

    rows = IntakeQuerySet

    def unscoped_rows(self) -> IntakeQuerySet:
        """Return all rows without their raw bytes, which are read in pieces when asked for."""
        return super().unscoped_rows().defer("raw")

    def visible_to(self, membership: Membership) -> IntakeQuerySet:
        return self.unscoped_rows().visible_to(membership)


class Intake(models.Model):
    """One raw input. ``external_id`` makes a replay harmless.

    ``fingerprint`` is the same for copies of one message that reached several of our mailboxes;
    only one of them may become a message. What was read is kept beside: ``text`` is shown,
    ``folded`` (quotes, signature) on demand, ``html`` is already sanitised. ``urgent``: its words
    speak of a danger, and it waits for a person above the others. ``duplicate_of`` is the copy that
    came first, when this one was set aside for it.
    """

    class State(models.TextChoices):
        NEW = "new", _("to be read")
        PARSED = "parsed", _("in its conversation")
        FAILED = "failed", _("to be sorted")
        DISCARDED = "discarded", _("set aside")
        ANSWERED = "answered", _("answered in private")

    class Proof(models.TextChoices):
        """What says that the sender is who they seem, in the words of staff."""

        NONE = "", _("nothing proves the sender: anybody can write this address")
        DMARC = "dmarc", _("the domain of the address vouches for the sender (DMARC)")
        DKIM = "dkim", _("signed by the domain of the address (DKIM)")
        SPF = "spf", _("sent by a server of the address’s domain (SPF)")
        CODE = "code", _("a code proved this contact before")
        PROVIDER = "provider", _("the provider names the sender; a phone may be shared")
        MARK = "mark", _("unproven, but answers a message that we sent")

    # What a person may still put into a conversation, or make a claim of.
    SORTABLE = (State.FAILED, State.DISCARDED, State.ANSWERED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    external_id = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64, blank=True)
    mail_id = models.CharField(_("Message-ID"), max_length=300, blank=True)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    raw = RawBytesField(_("raw"))
    truncated = models.BooleanField(_("only its beginning was kept"), default=False)
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)  # requests/channels/reasons.py

    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="intakes")
    message = models.OneToOneField(
        Message, models.SET_NULL, null=True, blank=True, related_name="intake"
    )
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    previous = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    sender = models.CharField(_("sender"), max_length=254, blank=True)
    sender_name = models.CharField(max_length=160, blank=True)
    # How a messaging provider calls the sender, with or without a number (portal/phones.py).
    account = models.CharField(
        _("messaging account"), max_length=140, blank=True, default="", db_default=""
    )
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(blank=True)
    folded = models.TextField(blank=True)
    html = models.TextField(blank=True)
    verified = models.BooleanField(_("sender proven by our mail server"), default=False)
    proof = models.CharField(
        _("what proved the sender"),
        max_length=10,
        choices=Proof,
        blank=True,
        default="",
        db_default="",
    )
    belongs = models.BooleanField(_("sender known in the conversation"), default=False)
    automatic = models.CharField(_("automatic because"), max_length=80, blank=True)
    urgent = models.BooleanField(_("speaks of a danger"), default=False)

    sorted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sorted_at = models.DateTimeField(null=True, blank=True)

    unscoped = IntakeQuerySet.as_manager()
    objects = IntakeManager()

    class Meta:
        verbose_name = _("raw input")
        verbose_name_plural = _("raw inputs")
        ordering = ["received_at"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="intake_once"),
            models.UniqueConstraint(
                fields=["channel", "fingerprint"],
                condition=Q(state="parsed") & ~Q(fingerprint=""),
                name="intake_parsed_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="discarded") | ~Q(error=""), name="discarded_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(state__in=["new", "failed"]),
                name="intake_waiting",
            ),
            models.Index(fields=["sender", "received_at"], name="intake_sender"),
            models.Index(
                fields=["account", "received_at"], condition=~Q(account=""), name="intake_account"
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(state="failed", urgent=True),
                name="intake_urgent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.external_id}"

    @property
    def why(self) -> list[reasons.Reason]:
        """Return why it waits or was set aside, for the reader's language."""
        return reasons.read(self.error)

    @cached_property
    def has_html(self) -> bool:
        """Return whether it came formatted; ``requests/claim_rows.py`` reads the answer alone."""
        return bool(self.html)


class IntakeView(models.Model):
    """One opening of a raw input by a person: what came to nobody is read by many."""

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="views")
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("opening of a raw input")
        verbose_name_plural = _("openings of raw inputs")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.intake_id} {full_moment(self.at)}"
