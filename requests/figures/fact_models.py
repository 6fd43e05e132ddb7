"""What figures are counted from: facts of claims, and their sums per day, week and month."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Residence
from requests.claims.models import Claim


class Fact(models.Model):
    """Something that happened to a claim, as one measure counts it (requests/figures/measures.py).

    ``day`` is local to the unit. ``value`` is a number of days or of steps, 0 where the measure has
    none; ``n`` is how often it happened so on that day. The other columns repeat what the claim is
    about, so that a figure is counted without looking at claims. ``unit`` 0: not known. Nothing
    here says which member of staff did anything.
    """

    # The constraint below begins with it.
    claim = models.ForeignKey(Claim, models.CASCADE, db_index=False, related_name="figure_facts")
    measure = models.CharField(_("measure"), max_length=10)  # a Measure
    day = models.DateField(_("day"))
    value = models.PositiveIntegerField(_("value"), default=0)
    n = models.PositiveSmallIntegerField(_("number"), default=1)
    unit = models.BigIntegerField(_("unit"), default=0)
    residence = models.BigIntegerField(_("residence"), default=0)
    building = models.BigIntegerField(_("building"), default=0)
    family = models.CharField(_("family"), max_length=8)
    category = models.CharField(_("category"), max_length=10)
    channel = models.CharField(_("channel"), max_length=10)
    assisted = models.BooleanField(_("filed with help"), default=False)
    district = models.BooleanField(_("priority district"), default=False)
    neighbourhood = models.CharField(
        _("neighbourhood"), max_length=80, blank=True, default="", db_default=""
    )
    contractor = models.BigIntegerField(_("contractor"), default=0)
    trade = models.CharField(_("trade"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("fact of a claim")
        verbose_name_plural = _("facts of claims")
        indexes = [
            models.Index(fields=["measure", "unit", "day"], name="fact_measure_unit_day"),
            models.Index(fields=["measure", "residence", "day"], name="fact_measure_place_day"),
            models.Index(fields=["measure", "day"], name="fact_measure_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "measure", "day", "value", "contractor", "trade"],
                name="fact_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.day:%Y-%m-%d}"


class By(models.TextChoices):
    """What a sum is kept by, beside the unit: the keys ``one`` and ``two`` of ``Rollup``."""

    UNIT = "unit", _("unit")
    FAMILY = "family", _("family")
    CHANNEL = "channel", _("channel")
    BOTH = "both", _("family and channel")
    GROUP = "group", _("filed with help or not, priority district or not")
    TRADE = "trade", _("contractor and trade")
    # Of every family and of each: ``two`` is "" for every family.
    AREA = "area", _("neighbourhood and family")
    # Of every family and of each: ``one`` is "" for every family. The values are residences.
    PLACE = "place", _("family, residences counted apart")
    # The values are buildings.
    BUILDING = "building", _("family and channel, buildings counted apart")


ALL_UNITS = -1  # the unit of a sum over every unit
# Columns one and two of a sum, in SQL of the fact that it adds up; "" for none. Upkeep.py sums by
# them, and cube.py counts facts by them where sums do not know what is asked.
COLUMNS: dict[str, tuple[str, str]] = {
    By.UNIT: ("", ""),
    By.FAMILY: ("family", ""),
    By.CHANNEL: ("channel", ""),
    By.BOTH: ("family", "channel"),
    By.GROUP: (
        "CASE WHEN assisted THEN 'helped' ELSE 'alone' END",
        "CASE WHEN district THEN 'priority' ELSE 'other' END",
    ),
    By.TRADE: ("contractor::text", "trade"),
    By.AREA: ("neighbourhood", "family"),
}
# Summed a second time over all units together: boards ask for these without a unit.
OVER_ALL = frozenset({By.FAMILY, By.CHANNEL, By.GROUP, By.TRADE})


class Grain(models.TextChoices):
    """How long the period of a sum is; a span is read from the longest ones that it holds."""

    DAY = "d", _("day")
    WEEK = "w", _("week")
    MONTH = "m", _("month")


class Rollup(models.Model):
    """The sum of facts of one period, by one of ``By``. Written by upkeep.py only.

    ``period`` is a day, a week or a month as ISO 8601 writes them: 2026-09-14, 2026-W38, 2026-09.
    ``counts`` says how often each of ``values`` was counted: the whole distribution in one row, so
    that medians of any span are exact. ``unit`` is ``ALL_UNITS`` in a second row of what boards
    show for all units together.
    """

    by = models.CharField(max_length=8)  # a By
    period = models.CharField(max_length=10)
    unit = models.BigIntegerField()
    one = models.CharField(max_length=80, blank=True)
    two = models.CharField(max_length=30, blank=True)
    measure = models.CharField(max_length=10)  # a Measure
    values = ArrayField(models.BigIntegerField())
    counts = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("sum of facts")
        verbose_name_plural = _("sums of facts")
        constraints = [
            models.UniqueConstraint(
                fields=["by", "period", "unit", "measure", "one", "two"], name="rollup_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.period} {self.measure}"


class TouchedClaim(models.Model):
    """A claim whose facts may have changed: triggers add rows, upkeep.py takes them away.

    No foreign key, and as many rows as there were changes: adding one waits for nobody.
    """

    claim_id = models.UUIDField()

    class Meta:
        verbose_name = _("claim to count again")
        verbose_name_plural = _("claims to count again")

    def __str__(self) -> str:
        return str(self.claim_id)


class FigureClock(models.Model):
    """When figures were last brought up to date, by which ``upkeep.DEFINITION``; one row."""

    at = models.DateTimeField(_("up to date"))
    definition = models.PositiveSmallIntegerField(_("definition"), default=0, db_default=0)

    class Meta:
        verbose_name = _("clock of the figures")
        verbose_name_plural = _("clocks of the figures")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class StockCount(models.Model):
    """How many dwellings a residence has, as counted at the beginning of the day."""

    # A figure outlives what it counts: no constraint.
    residence = models.OneToOneField(
        Residence,
        models.DO_NOTHING,
        primary_key=True,
        db_column="residence",
        db_constraint=False,
        related_name="counted",
    )
    unit = models.BigIntegerField()
    dwellings = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("dwellings of a residence")
        verbose_name_plural = _("dwellings of residences")

    def __str__(self) -> str:
        return f"{self.residence}: {self.dwellings}"


class PublishedTable(models.Model):
    """A table that anybody may read, as it was counted for the days up to ``upto``."""

    name = models.CharField(_("name"), max_length=20, primary_key=True)
    upto = models.DateField(_("up to"))
    rows = models.JSONField(_("rows"))

    class Meta:
        verbose_name = _("published table")
        verbose_name_plural = _("published tables")

    def __str__(self) -> str:
        return self.name
