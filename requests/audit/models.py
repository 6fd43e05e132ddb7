"""The log of who opened which record, and the openings in an emergency; rows are only added."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Unit
from portal.dates import full_moment
from portal.scope import ScopedManager
from requests.claims.models import Claim
from tenants.models import Tenant


class RecordViewQuerySet(models.QuerySet):
    """Openings of records by whom they concern."""

    def about(self, tenants) -> "RecordViewQuerySet":
        """Return those of the records of ``tenants``, whole records and requests alike."""
        return self.filter(tenant__in=tenants)

    def of_reader(self, user) -> "RecordViewQuerySet":
        """Return what ``user`` opened, the latest first."""
        return self.filter(reader=user).order_by("-at", "-pk")


class RecordViewManager(ScopedManager[RecordViewQuerySet]):
    """The scopes an opening may be asked for through."""

    rows = RecordViewQuerySet

    def about(self, tenants) -> RecordViewQuerySet:
        return self.unscoped_rows().about(tenants)


class RecordView(models.Model):
    """One opening of a person's record or of a claim, once for each reader and hour.

    ``tenant`` is None for a claim whose author nobody knows yet; ``reader`` is None for who came
    by the link of an order.
    """

    class Means(models.TextChoices):
        PAGE = "page", _("on the portal")
        API = "api", _("by another tool")
        LINK = "link", _("by the link of a work order")
        MANDATE = "mandate", _("under a mandate")
        EMERGENCY = "emergency", _("opened with a reason")

    at = models.DateTimeField(_("at"))
    hour = models.DateTimeField()
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="record_views")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="record_views")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    role = models.CharField(_("role"), max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, verbose_name=_("unit"))
    company = models.CharField(_("company"), max_length=120, blank=True)
    means = models.CharField(_("how"), max_length=10, choices=Means)

    unscoped = RecordViewQuerySet.as_manager()
    objects = RecordViewManager()

    class Meta:
        verbose_name = _("opening of a record")
        verbose_name_plural = _("openings of records")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "claim", "reader", "role", "company", "means", "hour"],
                nulls_distinct=False,
                name="record_view_once",
            ),
            models.CheckConstraint(
                condition=Q(tenant__isnull=False) | Q(claim__isnull=False),
                name="record_view_of_something",
            ),
        ]
        indexes = [
            models.Index(fields=["reader", "-at"], name="record_view_reader"),
            models.Index(fields=["-at"], name="record_view_at"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {full_moment(self.at)}"

    @property
    def place(self) -> str:
        """Return the company or the unit that the reader works for; "" for neither."""
        return self.company or str(self.unit or "")


class ListView(models.Model):
    """A list or a search that a colleague looked at, once for each query and hour.

    ``query`` is a keyed hash of what was asked, words and filters: the same search is known again,
    and no word of it is kept.
    """

    at = models.DateTimeField(_("at"))
    hour = models.DateTimeField()
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    role = models.CharField(_("role"), max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, verbose_name=_("unit"))
    page = models.CharField(_("page"), max_length=60)
    query = models.CharField(_("query"), max_length=16, blank=True)
    shown = models.PositiveIntegerField(_("rows shown"))
    found = models.PositiveIntegerField(_("rows found"))

    class Meta:
        verbose_name = _("look at a list")
        verbose_name_plural = _("looks at lists")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "role", "unit", "page", "query", "hour"],
                nulls_distinct=False,
                name="list_view_once",
            ),
        ]
        indexes = [models.Index(fields=["-at"], name="list_view_at")]

    def __str__(self) -> str:
        return f"{self.role} {self.page} {full_moment(self.at)}"


class EmergencyQuerySet(models.QuerySet):
    """Emergency openings by who may use or read them."""

    def in_force(self, user, now: datetime) -> "EmergencyQuerySet":
        """Return those by which ``user`` may read at ``now``."""
        return self.filter(asker=user, at__lte=now, until__gt=now)

    def told_to(self, unit: int) -> "EmergencyQuerySet":
        """Return those of the claims or the colleagues of a unit, for its manager."""
        # No join: the manager of who opened it does not see the claim, and would lose the row.
        claims = Claim.objects.system("claims of the unit").filter(
            Q(owner__unit=unit) | Q(residence__unit=unit)
        )
        return self.filter(Q(unit=unit) | Q(claim__in=claims.values("pk")))


class EmergencyManager(ScopedManager[EmergencyQuerySet]):
    """The scopes an emergency opening may be asked for through."""

    rows = EmergencyQuerySet

    def in_force(self, user, now: datetime) -> EmergencyQuerySet:
        return self.unscoped_rows().in_force(user, now)

    def told_to(self, unit: int) -> EmergencyQuerySet:
        return self.unscoped_rows().told_to(unit)


class EmergencyOpening(models.Model):
    """A colleague opened one claim that their role does not show, for a reason and a short time."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="emergency_openings")
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    role = models.CharField(_("role"), max_length=24)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("unit"))
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(_("until"))

    unscoped = EmergencyQuerySet.as_manager()
    objects = EmergencyManager()

    class Meta:
        verbose_name = _("emergency opening")
        verbose_name_plural = _("emergency openings")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="emergency_has_an_end"),
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_a_reason"),
        ]
        indexes = [models.Index(fields=["asker", "until"], name="emergency_asker")]

    def __str__(self) -> str:
        return f"{self.claim_id} {full_moment(self.at)}"
