"""The housing stock: residence → building → staircase → dwelling, and the equipment."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models.organisation import Sector, Unit
from portal.text import FirstNumber


def new_hall_code() -> str:
    """Return eight characters, easy to type, for the address behind a QR code in a hall.

    No 0 O 1 I L.
    """
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTWXYZ") for _ in range(8))


class Residence(models.Model):
    """A group of buildings under one name, looked after by one unit."""

    code = models.CharField(_("code"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=160)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="residences", verbose_name=_("agency")
    )
    sector = models.ForeignKey(
        Sector,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="residences",
        verbose_name=_("sector"),
    )
    commune = models.CharField(_("commune"), max_length=80)
    postcode = models.CharField(_("postcode"), max_length=10)
    priority_district = models.BooleanField(_("priority district"), default=False)
    # What the landlord calls the neighbourhood: figures compare delays by it.
    district = models.CharField(
        _("neighbourhood"), max_length=80, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("residence")
        verbose_name_plural = _("residences")
        ordering = ["name"]
        # Lists go by name, of an agency or of the landlord, and read what they show.
        indexes = [
            models.Index(fields=["name", "id"], name="residence_name"),
            models.Index(fields=["unit", "name", "id"], name="residence_unit_name"),
            models.Index(fields=["unit", "sector", "name", "id"], name="residence_sector_name"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitName(models.Model):
    """What the landlord's files call a unit: a segment, or a commune where they name none.

    Answered once by a person, so that no later file asks again.
    """

    key = models.CharField(_("name in the files"), max_length=160, unique=True)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("agency"))

    class Meta:
        verbose_name = _("name of a unit in files")
        verbose_name_plural = _("names of units in files")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Building(models.Model):
    """One building of a residence; may be the only one."""

    residence = models.ForeignKey(
        Residence, models.PROTECT, related_name="buildings", verbose_name=_("residence")
    )
    code = models.CharField(_("code"), max_length=40)
    built = models.PositiveSmallIntegerField(_("year built"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["residence", "code"], name="building_code")]

    def __str__(self) -> str:
        return f"{self.residence.name}, {self.code}"


class Staircase(models.Model):
    """A street door and the landings behind it: what neighbours share."""

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="staircases", verbose_name=_("building")
    )
    code = models.CharField(_("code"), max_length=80)
    street = models.CharField(_("street and number"), max_length=200)
    # Printed on the sheet in the hall. It names the place and authorises nothing.
    hall_code = models.CharField(
        _("code of the hall’s QR"), max_length=8, unique=True, default=new_hall_code, editable=False
    )

    class Meta:
        verbose_name = _("staircase")
        verbose_name_plural = _("staircases")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["building", "code"], name="staircase_code")]
        # A typed address is compared with the doors of its number alone (agencies/addresses.py).
        indexes = [models.Index(FirstNumber("street"), name="staircase_number")]

    def __str__(self) -> str:
        return self.street


class Dwelling(models.Model):
    """One home. ``natural_key`` is what imports recognise it by.

    ``number`` is above zero while the register does not tell it apart from its neighbours: nobody
    knows which door it is, until somebody says so on site.
    """

    staircase = models.ForeignKey(
        Staircase, models.PROTECT, related_name="dwellings", verbose_name=_("staircase")
    )
    natural_key = models.CharField(_("reference"), max_length=300, unique=True)
    door = models.CharField(_("door"), max_length=20, blank=True)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    rooms = models.PositiveSmallIntegerField(_("main rooms"), null=True, blank=True)
    area = models.DecimalField(_("area, m²"), max_digits=7, decimal_places=2, null=True, blank=True)
    energy = models.CharField(_("energy class"), max_length=1, blank=True)
    number = models.PositiveSmallIntegerField(
        _("number until it is identified on site"), default=0, db_default=0
    )
    identified_at = models.DateTimeField(_("identified on site"), null=True, blank=True)
    identified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # read from the dwelling only
        verbose_name=_("identified by"),
    )
    not_found_at = models.DateTimeField(_("not found on site"), null=True, blank=True)

    class Meta:
        verbose_name = _("dwelling")
        verbose_name_plural = _("dwellings")
        ordering = ["floor", "door", "number"]

    def __str__(self) -> str:
        return f"{self.staircase.street}, {self.door_label}".rstrip(", ")

    @property
    def door_label(self) -> str:
        """Return the door; until somebody looked on site, its number among those not told apart."""
        if not self.number:
            return self.door
        number = _("no. %(number)s, to be identified") % {"number": self.number}
        return f"{self.door} ({number})" if self.door else str(number)


class Equipment(models.Model):
    """A piece of equipment that is maintained by itself: a lift, a boiler, a door entry system."""

    class Kind(models.TextChoices):
        LIFT = "lift", _("Lift")
        BOILER = "boiler", _("Collective boiler")
        ENTRY = "entry", _("Door entry system")
        VENTILATION = "ventilation", _("Ventilation")

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="equipment", verbose_name=_("building")
    )
    staircase = models.ForeignKey(
        Staircase, models.PROTECT, null=True, blank=True, verbose_name=_("staircase")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    label = models.CharField(_("label"), max_length=120)
    contract = models.CharField(_("maintenance contract"), max_length=160, blank=True)
    installed = models.PositiveSmallIntegerField(_("year installed"), null=True, blank=True)
    # Printed on its label. It names the equipment and authorises nothing.
    label_code = models.CharField(
        _("code of the label’s QR"),
        max_length=8,
        unique=True,
        default=new_hall_code,
        editable=False,
    )

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        constraints = [
            models.CheckConstraint(
                condition=Q(installed__isnull=True) | Q(installed__gte=1850),
                name="equipment_year",
            )
        ]

    def __str__(self) -> str:
        return self.label
