"""Collective incidents: many households report one fault; each confirms the end for itself."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agencies.models import Building, Equipment, Staircase, Unit
from portal.access import DESK_ROLES, Role
from requests.catalogue.models import Family
from requests.claims.models import Claim


class IncidentQuerySet(models.QuerySet):
    """Incidents narrowed to what a membership may see."""

    def visible_to(self, membership) -> "IncidentQuerySet":
        """Return the incidents that the member may see.

        Agency staff see those of their unit's buildings; head office, the call centre and the
        on-call team see all.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in {Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL}:
            return self.all()
        return self.filter(unit=membership.unit_id)


class Incident(models.Model):
    """The parent of the claims about one fault at one place. Every household reads ``text``.

    A database constraint allows one open incident per place and family.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(Family, models.PROTECT, verbose_name=_("family"))
    building = models.ForeignKey(Building, models.PROTECT, related_name="incidents")
    staircase = models.ForeignKey(Staircase, models.PROTECT, null=True, blank=True)
    equipment = models.ForeignKey(
        Equipment, models.PROTECT, null=True, blank=True, related_name="incidents"
    )
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what we know"))
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expected_end = models.DateTimeField(_("expected end"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Of the place when it was last told: homes that somebody lives in, and those that a message
    # or a conversation reached; None before the first. The poster is for the others.
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    told = models.PositiveIntegerField(_("households told"), null=True, blank=True)
    # Whose building it is; triggers write it (0055_open_incidents).
    unit = models.ForeignKey(
        Unit,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                "family",
                "building",
                Coalesce("staircase", 0),
                Coalesce("equipment", 0),
                condition=Q(closed_at__isnull=True),
                name="one_open_incident",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="incident_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit"],
                include=["id"],
                condition=Q(closed_at__isnull=True),
                name="incident_unit_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def by_poster(self) -> int:
        """Return how many households only the poster tells."""
        return max(0, (self.households or 0) - (self.told or 0))


class IncidentClaim(models.Model):
    """A claim under an incident. It keeps its own state and is closed on its own."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="members")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="in_incident")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        verbose_name = _("claim of an incident")
        verbose_name_plural = _("claims of incidents")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.incident_id} · {self.claim_id}"
