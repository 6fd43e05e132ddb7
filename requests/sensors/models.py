"""Sensors on the landlord's equipment: their limits, their readings and the faults they opened."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Building, Equipment
from portal.dates import full_day
from requests.catalogue.models import Category
from requests.claims.models import Claim


class Sensor(models.Model):
    """One measuring point and its limits. Only a digest of the key that posts readings is stored.

    A value above ``above`` or below ``below`` for ``for_minutes`` opens one fault. The fault is
    cleared once the value is back inside by ``margin``. ``breach_since``, ``last_value`` and
    ``last_at`` follow the sensor's own clock; ``heard_at`` and ``silent_since`` follow ours.
    """

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    equipment = models.ForeignKey(
        Equipment, models.PROTECT, null=True, blank=True, verbose_name=_("equipment")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, verbose_name=_("building")
    )
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("what it reports"))
    unit = models.CharField(_("unit of measure"), max_length=12, blank=True)
    above = models.FloatField(_("too high above"), null=True, blank=True)
    below = models.FloatField(_("too low below"), null=True, blank=True)
    for_minutes = models.PositiveIntegerField(_("for how many minutes"), default=0)
    margin = models.FloatField(_("back inside by"), default=0)
    silent_minutes = models.PositiveIntegerField(_("silent after, minutes"), default=60)
    active = models.BooleanField(_("may open requests"), default=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    last_value = models.FloatField(_("last value"), null=True, blank=True, editable=False)
    last_at = models.DateTimeField(_("last reading"), null=True, blank=True, editable=False)
    heard_at = models.DateTimeField(_("last heard"), null=True, blank=True, editable=False)
    breach_since = models.DateTimeField(null=True, blank=True, editable=False)
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("sensor")
        verbose_name_plural = _("sensors")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(equipment__isnull=False) | Q(building__isnull=False),
                name="sensor_has_a_place",
                violation_error_message=_("Say which equipment or which building it watches."),
            ),
            models.CheckConstraint(
                condition=Q(above__isnull=False) | Q(below__isnull=False),
                name="sensor_has_a_limit",
                violation_error_message=_("Give at least one limit."),
            ),
            models.CheckConstraint(
                condition=Q(above__isnull=True)
                | Q(below__isnull=True)
                | Q(above__gt=F("below") + 2 * F("margin")),
                name="sensor_limits_in_order",
                violation_error_message=_("No value would be inside these limits."),
            ),
            models.CheckConstraint(
                condition=Q(margin__gte=0),
                name="sensor_margin",
                violation_error_message=_("The margin cannot be below zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Building:
        """Return the building where the sensor is."""
        if self.equipment:
            return self.equipment.building
        assert self.building is not None  # constraint sensor_has_a_place
        return self.building

    def is_out(self, value: float) -> bool:
        """Return whether ``value`` passes a limit."""
        too_high = self.above is not None and value > self.above
        return too_high or (self.below is not None and value < self.below)

    def is_back(self, value: float) -> bool:
        """Return whether ``value`` is inside by the margin, so that a fault is over."""
        low_enough = self.above is None or value <= self.above - self.margin
        return low_enough and (self.below is None or value >= self.below + self.margin)


class Reading(models.Model):
    """One value at one instant of the sensor's clock. Only the latest readings are kept."""

    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="readings")
    at = models.DateTimeField(_("at"))
    value = models.FloatField(_("value"))

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["sensor", "at"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.value}"


class SensorFault(models.Model):
    """A limit passed for long enough: one claim until it is cleared.

    Two sensors that watch the same equipment for the same category share one open fault.
    """

    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="faults")
    equipment = models.ForeignKey(Equipment, models.PROTECT, null=True, blank=True)
    category = models.ForeignKey(Category, models.PROTECT)
    value = models.FloatField(_("value"))
    opened_at = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("back to normal"), null=True, blank=True)
    claim = models.OneToOneField(
        Claim, models.PROTECT, null=True, blank=True, related_name="sensor_fault"
    )

    class Meta:
        verbose_name = _("fault seen by a sensor")
        verbose_name_plural = _("faults seen by sensors")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["sensor"], condition=Q(cleared_at=None), name="one_open_fault_per_sensor"
            ),
            models.UniqueConstraint(
                fields=["equipment", "category"],
                condition=Q(cleared_at=None, equipment__isnull=False),
                name="one_open_fault_per_equipment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sensor} {full_day(self.opened_at)}"


class SensorSwitch(models.Model):
    """One change of the main switch of all sensors. The last row counts; no row means on."""

    on = models.BooleanField(_("on"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("switch of the sensors")
        verbose_name_plural = _("switches of the sensors")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{'on' if self.on else 'off'} {full_day(self.at)}"
