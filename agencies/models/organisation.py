"""Head office, agencies, branches; their desks, hours and people."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies import unit_names
from agencies.desk_kinds import DeskKind
from agencies.unit_names import Article
from portal.access import Role
from portal.dates import hours


class HolidayRegion(models.TextChoices):
    """Regions with public holidays of their own, by the codes of the library ``holidays``."""

    ALSACE = "6AE", _("Alsace")
    MOSELLE = "57", _("Moselle")
    GUADELOUPE = "971", _("Guadeloupe")
    MARTINIQUE = "972", _("Martinique")
    GUYANE = "973", _("French Guiana")
    REUNION = "974", _("Réunion")
    MAYOTTE = "976", _("Mayotte")
    SAINT_BARTHELEMY = "BL", _("Saint-Barthélemy")
    SAINT_MARTIN = "MF", _("Saint-Martin")
    NEW_CALEDONIA = "NC", _("New Caledonia")
    POLYNESIA = "PF", _("French Polynesia")
    MIQUELON = "PM", _("Saint-Pierre-et-Miquelon")
    WALLIS = "WF", _("Wallis and Futuna")


class Unit(models.Model):
    """A place where people of the landlord work: head office, an agency or a branch."""

    class Kind(models.TextChoices):
        HEAD_OFFICE = "head_office", _("Head office")
        AGENCY = "agency", _("Agency")
        BRANCH = "branch", _("Branch")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    code = models.SlugField(
        _("code"),
        max_length=30,
        unique=True,
        help_text=_("Short and lasting: imports recognise the unit by it."),
    )
    name = models.CharField(_("name"), max_length=120)
    article = models.CharField(
        _("French article"),
        max_length=8,
        choices=Article,
        default=Article.AUTOMATIC,
        db_default=Article.AUTOMATIC,
        help_text=_("For sentences: “l’agence Nord vous répond”, “de la part du siège”."),
    )
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    holiday_region = models.CharField(
        _("public holidays"),
        max_length=3,
        blank=True,
        choices=HolidayRegion,
        help_text=_("Where the unit stands: some places have days off of their own."),
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def begins(self) -> str:
        """Return the name as a sentence begins with it: « L’agence Nord »."""
        return unit_names.begins(self.name, self.article)

    @property
    def in_sentence(self) -> str:
        """Return the name within a sentence: « l’agence Nord »."""
        return unit_names.the(self.name, self.article)

    @property
    def of(self) -> str:
        """Return the name after "of": « de l’agence Nord »."""
        return unit_names.of(self.name, self.article)


class OpeningHours(models.Model):
    """One interval of one weekday; lunch makes two rows. Local time of the unit.

    Rows without unit are the landlord's usual week, for the units that have none of their own.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    unit = models.ForeignKey(
        Unit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="hours",
        verbose_name=_("unit"),
        help_text=_("Empty: the usual week of every unit that has no hours of its own."),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["unit", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="hours_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {hours(self)}"


class Closure(models.Model):
    """Days on which a unit (or, without unit, every unit) is closed beside public holidays."""

    unit = models.ForeignKey(
        Unit,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("unit"),
        help_text=_("Empty: every unit is closed. National holidays are already known."),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    label = models.CharField(
        _("label"), max_length=120, help_text=_("For example: summer closing, local holiday.")
    )

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="closure_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.label


class Desk(models.Model):
    """A queue with people behind it; exactly one desk owns every claim."""

    Kind = DeskKind

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="desks", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desks")
        ordering = ["unit__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind"], name="one_desk_of_a_kind_per_unit")
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.unit.name}"


class Sector(models.Model):
    """The part of an agency's stock that one assistant or caretaker follows."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sectors", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="sector_name")]

    def __str__(self) -> str:
        return self.name


class ConfirmedMemberships(models.Manager):
    """``Membership.objects``: what is in force or was; never what waits for a second person."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(pending=False)


class Membership(models.Model):
    """What one account may do, and where. Ends on a date; checked at each request.

    ``pending``: given by one person, not yet confirmed by another (``agencies/roles.py``); found
    by ``everything`` alone.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("account"),
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="members", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=24, choices=Role)
    sectors = models.ManyToManyField(Sector, blank=True, verbose_name=_("sectors"))
    contractor = models.ForeignKey(
        "agencies.Contractor",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("contractor"),
        help_text=_("For the role “Contractor” only: whose orders they see."),
    )
    leads_team = models.BooleanField(
        _("invites colleagues"),
        default=False,
        help_text=_("May invite and remove people of the same contractor."),
    )
    presence = models.CharField(
        _("where and when tenants find them"),
        max_length=120,
        blank=True,
        help_text=_("Shown to tenants of a caretaker’s buildings: lodge and hours."),
    )
    starts = models.DateField(_("starts"))
    ends = models.DateField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("The last day. Nothing is deleted: what the person did stays theirs."),
    )
    pending = models.BooleanField(
        _("waits for a second person"), default=False, db_default=False, editable=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("given by"),
    )
    asked_at = models.DateTimeField(_("given"), null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    # For somebody who moves: the former role, which ends as soon as this one is in force.
    former = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("former role"),
    )

    objects = ConfirmedMemberships()
    everything = models.Manager()  # noqa: DJ012 - the default manager must come first

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "role"], name="one_role_per_unit"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__lte=F("ends")),
                name="membership_in_order",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="role_takes_two",
            ),
            # A member of a contractor sees its orders; other members have no contractor.
            models.CheckConstraint(
                condition=Q(role=Role.CONTRACTOR, contractor__isnull=False)
                | (~Q(role=Role.CONTRACTOR) & Q(contractor__isnull=True, leads_team=False)),
                name="membership_contractor",
                violation_error_message=_("Name the contractor for this role, and only for it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit}"
