"""The events of a claim and the messages of its conversation."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day
from portal.scope import ScopedManager
from requests.claims.events import Event
from requests.claims.household import OWN_PAGES
from requests.claims.models import Claim
from requests.kit.choices import Channel

# The reasons of links that the portal writes itself (requests/claims/links.py).
WHY = {
    "household_changed": _("somebody left the home"),
    "author": _("asked by the author"),
    "undone": _("the end of access was undone"),
    # Why a claim was put aside (requests/teamwork/attention_models.py).
    "part": _("waits for a part"),
    "company": _("waits for a company"),
    "colleague": _("waits for a colleague"),
    "document": _("waits for a document"),
    "later": _("to be taken up again then"),
}


class StandingEvents(models.Manager["ClaimEvent"]):
    """The manager of events that were not undone; an undone event is neither shown nor sent."""

    def get_queryset(self) -> models.QuerySet["ClaimEvent"]:
        """Return the events that were not undone."""
        return super().get_queryset().filter(undone_at__isnull=True)


class EventManager(ScopedManager[models.QuerySet["ClaimEvent"]]):
    """The scopes an event that was not undone may be asked for through."""

    def unscoped_rows(self) -> models.QuerySet["ClaimEvent"]:
        """Return the events that were not undone."""
        return super().unscoped_rows().filter(undone_at__isnull=True)


class ClaimEvent(models.Model):
    """One event of a claim; every figure and every notification is computed from these rows.

    ``before`` holds the claim's columns as they were, so that the event can be undone within the
    30 seconds before anything is sent. ``objects`` and ``claim.events`` leave undone events out.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, db_index=False, related_name="events")
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

    unscoped = StandingEvents()
    objects = EventManager()
    everything = models.Manager()  # noqa: DJ012 - the default manager must come first

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["name", "at"], name="event_name_at"),
            # When something last happened to each claim of a list is read from it alone.
            models.Index(
                fields=["claim", "at", "id"], include=["name", "undone_at"], name="event_of_claim"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {full_day(self.at)}"

    @property
    def why(self) -> str:
        """Return why a link was renewed or closed: what a person wrote, or the portal's reason."""
        given = str(self.facts.get("why", ""))
        return str(WHY.get(given, given))

    @property
    def label(self) -> str:
        """Return the label that staff read, or the stored name of an event that is not known here.

        A newer version of Palier may have written it.
        """
        return str(Event(self.name).label) if self.name in Event.values else self.name


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by who may read them."""

    def for_household(self) -> "MessageQuerySet":
        """Return the messages that the other people of the home may read on a shared claim.

        These are the messages written on the portal's own pages. A text message, mail, letter or
        call was addressed to the landlord and nobody has sorted it: only its author may read it,
        and only its author may read what the landlord wrote from then on, which may answer it.
        A short answer that was understood (the number of a date) hides nothing.
        """
        on_our_pages = Q(direction=Message.Direction.IN, channel__in=OWN_PAGES)
        private = (
            Message.objects.of(claim=OuterRef("claim"))
            .filter(
                direction=Message.Direction.IN,
                understood=False,
                at__lte=OuterRef("at"),
            )
            .exclude(channel__in=OWN_PAGES)
        )
        without_notes = self.exclude(direction=Message.Direction.NOTE)
        return without_notes.filter(on_our_pages | ~Exists(private))


class MessageManager(ScopedManager[MessageQuerySet]):
    """The scopes a message may be asked for through."""

    rows = MessageQuerySet


class Message(models.Model):
    """One message of a claim's conversation, with its channel; an internal note is never sent."""

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
    # A short answer to a question of ours that was acted on at once: no person needs to read it.
    understood = models.BooleanField(_("understood"), default=False)

    unscoped = MessageQuerySet.as_manager()
    objects = MessageManager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at"]
