"""Planned works and the notices that the households received."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, Dwelling, Residence, Staircase
from portal.access import DESK_ROLES, Role
from portal.scope import GuardedManager
from requests.kit.choices import Channel
from requests.planned_works.notice_periods import Works


class PlannedQuerySet(models.QuerySet):
    """Planned works, filtered by reader and by place."""

    def visible_to(self, membership) -> "PlannedQuerySet":
        """Return the works that the member may see.

        Agency staff see those of their unit's residences; head office, the call centre and the
        on-call team see all.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}:
            return self.all()
        return self.filter(residence__unit=membership.unit_id)

    def ahead(self, now) -> "PlannedQuerySet":
        """Return the works that have not ended and are not cancelled."""
        return self.filter(ends__gt=now, cancelled_at__isnull=True)

    def at(self, staircase: Staircase, dwelling: Dwelling | None = None) -> "PlannedQuerySet":
        """Return the works that concern a staircase, or one dwelling if they name dwellings."""
        return self.filter(place_condition(staircase, dwelling)).distinct()

    def at_homes(self, homes) -> "PlannedQuerySet":
        """Return, in one query, the works that concern one of ``homes`` (with their staircases)."""
        wanted = Q(pk__in=[])
        for home in homes:
            wanted |= place_condition(home.staircase, home)
        return self.filter(wanted).distinct()


def place_condition(staircase: Staircase, dwelling: Dwelling | None) -> Q:
    """Return the condition for works at this staircase and dwelling.

    Works without a staircase concern the whole residence; works without a dwelling concern every
    dwelling.
    """
    here = Q(staircases__isnull=True, residence=staircase.building.residence_id)
    doors = Q(dwellings__isnull=True)
    if dwelling is not None:
        doors |= Q(dwellings=dwelling)
    return (here | Q(staircases=staircase)) & doors


class PlannedWorks(models.Model):
    """One announcement. No staircase means the whole residence; no dwelling means all of them.

    ``override`` is the reason for announcing too late. ``version`` grows each time people are told:
    on announcement, change and cancellation.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Works)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what happens"))
    residence = models.ForeignKey(
        Residence, models.PROTECT, related_name="planned_works", verbose_name=_("residence")
    )
    staircases = models.ManyToManyField(
        Staircase, blank=True, related_name="planned_works", verbose_name=_("staircases")
    )
    dwellings = models.ManyToManyField(
        Dwelling, blank=True, related_name="planned_works", verbose_name=_("dwellings")
    )
    contractor = models.ForeignKey(
        Contractor, models.PROTECT, null=True, blank=True, verbose_name=_("contractor")
    )
    starts = models.DateTimeField(_("starts"))
    ends = models.DateTimeField(_("ends"))
    override = models.CharField(_("why so late"), max_length=300, blank=True)
    announced_at = models.DateTimeField(_("announced"))
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancel_reason = models.CharField(_("why cancelled"), max_length=300, blank=True)
    version = models.PositiveSmallIntegerField(default=1)

    objects = PlannedQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned works")
        verbose_name_plural = _("planned works")
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="works_in_order"),
            models.CheckConstraint(condition=Q(kind__in=Works.values), name="works_kind"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancel_reason=""),
                name="works_cancelled_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlannedNotice(models.Model):
    """One notice to one household, once per version, by the household's channel.

    State ``to_hand``: a person delivers it (by hand, registered letter, call) and records when.
    """

    class Event(models.TextChoices):
        ANNOUNCED = "announced", _("announced")
        CHANGED = "changed", _("changed")
        CANCELLED = "cancelled", _("cancelled")

    class State(models.TextChoices):
        QUEUED = "queued", _("to be sent")
        SENT = "sent", _("sent")
        TO_HAND = "to_hand", _("to hand over")
        HANDED = "handed", _("handed over")

    works = models.ForeignKey(PlannedWorks, models.CASCADE, related_name="notices")
    version = models.PositiveSmallIntegerField()
    event = models.CharField(_("event"), max_length=10, choices=Event)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+")
    name = models.CharField(_("recipient"), max_length=160)
    language = models.CharField(_("language"), max_length=5, default="fr")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    answer = models.TextField(_("provider’s answer"), blank=True)
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(_("sent or handed over"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("notice of works")
        verbose_name_plural = _("notices of works")
        ordering = ["dwelling", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["works", "version", "dwelling"], name="works_told_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "to_hand"], done_at__isnull=True)
                | Q(state__in=["sent", "handed"], done_at__isnull=False),
                name="works_notice_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.works} · {self.dwelling_id}"
