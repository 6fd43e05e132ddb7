"""Contractors, and the contracts that say who repairs what, where, how fast and at what price.

Category and family are codes here: the catalogue belongs to ``requests``, above this app.
"""

import secrets

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.models.organisation import Unit
from agencies.models.stock import Building, Equipment, Residence


def new_secret() -> str:
    """Return a random token for a link that must not be guessed; it is 20 characters long."""
    return secrets.token_urlsafe(15)


class TsTzRange(Func):
    """``tstzrange(starts, ends)``: start included, end excluded, so that neighbours may touch."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Trade(models.Model):
    """A craft: plumbing, electricity, lifts."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    label_fr = models.CharField(_("French label"), max_length=80)
    label_en = models.CharField(_("English label"), max_length=80)

    class Meta:
        verbose_name = _("trade")
        verbose_name_plural = _("trades")
        ordering = ["label_fr"]

    def __str__(self) -> str:
        english = (get_language() or "fr").startswith("en")
        return self.label_en if english and self.label_en else self.label_fr


class Contractor(models.Model):
    """A company that works for the landlord. Links are only ever sent to its own e-mail."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    trades = models.ManyToManyField(Trade, related_name="contractors", verbose_name=_("trades"))
    active = models.BooleanField(_("works for us"), default=True)
    calendar_token = models.CharField(max_length=43, unique=True, default=new_secret)

    class Meta:
        verbose_name = _("contractor")
        verbose_name_plural = _("contractors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MaintenanceContract(models.Model):
    """What one contractor does: faults × equipment × places, between two dates.

    No place listed means the whole stock. ``flat_fee``: what it covers costs nothing more.
    ``spend_limit`` in euros: an order up to it needs no approval.
    """

    class Hours(models.TextChoices):
        OFFICE = "office", _("working hours")
        ALWAYS = "always", _("day and night, every day")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    contractor = models.ForeignKey(
        Contractor, models.PROTECT, related_name="contracts", verbose_name=_("contractor")
    )
    trade = models.ForeignKey(Trade, models.PROTECT, verbose_name=_("trade"))
    families = ArrayField(
        models.CharField(max_length=8), verbose_name=_("families"), default=list, blank=True
    )
    categories = ArrayField(
        models.CharField(max_length=10), verbose_name=_("categories"), default=list, blank=True
    )
    equipment_kinds = ArrayField(
        models.CharField(max_length=20, choices=Equipment.Kind),
        verbose_name=_("equipment"),
        default=list,
        blank=True,
    )
    units = models.ManyToManyField(Unit, blank=True, verbose_name=_("units"))
    residences = models.ManyToManyField(Residence, blank=True, verbose_name=_("residences"))
    buildings = models.ManyToManyField(Building, blank=True, verbose_name=_("buildings"))
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"))
    hours = models.CharField(_("hours"), max_length=8, choices=Hours, default=Hours.OFFICE)
    flat_fee = models.BooleanField(_("flat fee"), default=False)
    spend_limit = models.DecimalField(
        _("limit without approval, €"), max_digits=9, decimal_places=2, default=500
    )

    class Meta:
        verbose_name = _("maintenance contract")
        verbose_name_plural = _("maintenance contracts")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lte=F("ends")), name="contract_in_order"),
            models.CheckConstraint(condition=Q(spend_limit__gte=0), name="contract_spend_limit"),
            models.CheckConstraint(
                condition=Q(families__len__gt=0)
                | Q(categories__len__gt=0)
                | Q(equipment_kinds__len__gt=0),
                name="contract_covers_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Commitment(models.Model):
    """Within how many hours the contractor is there, by urgency class."""

    contract = models.ForeignKey(MaintenanceContract, models.CASCADE, related_name="commitments")
    urgency = models.CharField(_("urgency"), max_length=2)
    hours = models.PositiveSmallIntegerField(_("hours"))

    class Meta:
        verbose_name = _("response commitment")
        verbose_name_plural = _("response commitments")
        ordering = ["urgency"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "urgency"], name="commitment_once"),
            models.CheckConstraint(
                condition=Q(urgency__regex=r"^(U[0-5]|A[1-4])$"), name="commitment_urgency"
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="commitment_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.urgency}: {self.hours} h"


class PriceItem(models.Model):
    """One line of the contract's schedule of prices; euros, before tax."""

    contract = models.ForeignKey(MaintenanceContract, models.CASCADE, related_name="prices")
    code = models.CharField(_("code"), max_length=30)
    label = models.CharField(_("label"), max_length=160)
    measure = models.CharField(_("unit of measure"), max_length=20, default="u")
    price = models.DecimalField(_("price, €"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "code"], name="price_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.label}"


class OnCallDuty(models.Model):
    """Who answers for a trade outside working hours; one at a time per trade and unit."""

    trade = models.ForeignKey(Trade, models.PROTECT, verbose_name=_("trade"))
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, verbose_name=_("unit (all if empty)")
    )
    contractor = models.ForeignKey(
        Contractor, models.PROTECT, related_name="duties", verbose_name=_("contractor")
    )
    phone = models.CharField(_("phone"), max_length=30)
    starts = models.DateTimeField(_("starts"))
    ends = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("on-call duty")
        verbose_name_plural = _("on-call duties")
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="duty_in_order"),
            ExclusionConstraint(
                name="one_duty_at_a_time",
                expressions=[
                    ("trade", RangeOperators.EQUAL),
                    (Coalesce("unit", 0), RangeOperators.EQUAL),
                    (TsTzRange("starts", "ends"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trade} · {self.contractor}"
