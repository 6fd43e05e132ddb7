"""Slots of contractors, offers of dates to tenants, and agreed visits."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Contractor, TsTzRange, new_secret
from portal.dates import full_moment
from portal.scope import GuardedManager
from requests.kit.choices import Channel
from requests.work_orders.models import WorkOrder
from requests.work_orders.slot_models import WeeklySlot


class Slot(models.Model):
    """A span in which one team of a contractor can come, for one visit."""

    contractor = models.ForeignKey(
        Contractor, models.CASCADE, related_name="slots", verbose_name=_("contractor")
    )
    team = models.CharField(_("team"), max_length=40, blank=True)
    starts = models.DateTimeField(_("starts"))
    ends = models.DateTimeField(_("ends"))
    weekly = models.ForeignKey(WeeklySlot, models.SET_NULL, null=True, related_name="slots")
    # Made from the weekly slots, even when that weekly slot was deleted.
    by_week = models.BooleanField(default=False)
    # No longer free, but a tenant was offered it: picking it offers the next dates.
    withdrawn = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availability")
        ordering = ["starts", "team"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="slot_in_order"),
            models.UniqueConstraint(fields=["contractor", "team", "starts"], name="slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contractor} {full_moment(self.starts)}"


class Appointment(models.Model):
    """An agreed visit. The database refuses two overlapping visits of one team."""

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")
        NO_ACCESS = "no_access", _("No access")
        KEPT = "kept", _("Kept")

    ACTIVE = (State.BOOKED, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="appointments")
    contractor = models.ForeignKey(Contractor, models.PROTECT, related_name="appointments")
    team = models.CharField(_("team"), max_length=40, blank=True)
    starts = models.DateTimeField(_("starts"))
    ends = models.DateTimeField(_("ends"))
    late_until = models.DateTimeField(_("announced late until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.BOOKED)
    channel = models.CharField(_("agreed by"), max_length=10, choices=Channel)
    made_at = models.DateTimeField(_("agreed"))
    sequence = models.PositiveSmallIntegerField(default=0)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="visit_in_order"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["booked", "confirmed"]),
                name="one_visit_at_a_time",
            ),
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[
                    ("contractor", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    (TsTzRange("starts", "ends"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["booked", "confirmed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {full_moment(self.starts)}"


class Offer(models.Model):
    """Dates offered to the tenant by one channel; the tenant answers once, with a number."""

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="offers")
    token = models.CharField(max_length=43, unique=True, default=new_secret)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    made_at = models.DateTimeField(_("made"))
    closed_at = models.DateTimeField(_("answered or replaced"), null=True, blank=True)
    called_for = models.BooleanField(_("the tenant asks to be called"), default=False)

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("offer of dates")
        verbose_name_plural = _("offers of dates")
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(closed_at__isnull=True), name="one_open_offer"
            )
        ]

    def __str__(self) -> str:
        return str(self.order)


class OfferOption(models.Model):
    """One numbered date of an offer; a text message answers with its digit."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="options")
    number = models.PositiveSmallIntegerField()
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="+")

    unscoped = models.Manager()
    objects = GuardedManager()

    class Meta:
        verbose_name = _("offered date")
        verbose_name_plural = _("offered dates")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="option_number"),
            models.UniqueConstraint(fields=["offer", "slot"], name="option_slot"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=9), name="option_digit"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.slot}"
