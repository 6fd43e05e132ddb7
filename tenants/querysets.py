"""Scopes of tenants: an agency sees the people of its stock, the contact centre everyone.

Merges, mandates and ends of access follow: they concern the people that one sees.
"""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agencies.access import filter_by_stock
from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.scope import ScopedManager

# How long an agency still sees somebody who left its stock: the deposit, the last bill.
FORMER = timedelta(days=365)
SEE_ALL = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})


class TenantQuerySet(models.QuerySet):
    """Tenants narrowed to what a membership may see."""

    def visible_to(self, membership) -> "TenantQuerySet":
        """Return the people of the unit's stock; none for None and other roles.

        Those who live there, and for a year those who lived there: only their stay, see
        ``OccupancyQuerySet.seen_by``. A record merged into another is hidden: the kept one
        replaces it.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self.filter(merged_into__isnull=True)
        return self.filter(pk__in=self._staying(membership, FORMER), merged_into__isnull=True)

    def at_home_with(self, membership) -> "TenantQuerySet":
        """Return, of those that the member sees, the people who live in the unit's stock today.

        Of the others an agency learns neither where they live now nor how to reach them.
        """
        if membership is None or membership.role in SEE_ALL:
            return self.visible_to(membership)
        here = self._staying(membership, timedelta(0))
        return self.visible_to(membership).filter(pk__in=here)

    def _staying(self, membership, ago: timedelta) -> models.QuerySet:
        """Return whose stay in the unit's stock goes on, or ended at most ``ago``."""
        occupancies = self.model._meta.get_field("occupancies").related_model
        rows = OccupancyQuerySet(occupancies).until(timezone.localdate(now()) - ago)
        return rows.of_unit(membership.unit_id).values("tenant")


class TenantManager(ScopedManager[TenantQuerySet]):
    """The scopes a tenant may be asked for through."""

    rows = TenantQuerySet

    def visible_to(self, membership) -> TenantQuerySet:
        return self.unscoped_rows().visible_to(membership)

    def at_home_with(self, membership) -> TenantQuerySet:
        return self.unscoped_rows().at_home_with(membership)


class OccupancyQuerySet(models.QuerySet):
    """Occupancies by the day on which they count."""

    def in_force(self, today: date) -> "OccupancyQuerySet":
        """Return those begun and not ended on ``today`` (Europe/Paris), lease and occupancy alike.

        The last day counts. An occupancy that was left open ends with its lease.
        """
        return self.until(today).filter(starts__lte=today, lease__starts__lte=today)

    def until(self, day: date) -> "OccupancyQuerySet":
        """Return those that end on ``day`` or later, lease and occupancy alike, or never."""
        return self.filter(
            Q(ends__isnull=True) | Q(ends__gte=day),
            Q(lease__ends__isnull=True) | Q(lease__ends__gte=day),
        )

    def of_unit(self, unit: int) -> "OccupancyQuerySet":
        """Return those in the unit's stock."""
        return self.filter(lease__dwelling__staircase__building__residence__unit=unit)

    def seen_by(self, membership) -> "OccupancyQuerySet":
        """Return the stays that a member may see of a person: those in the unit's own stock."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self
        return self.of_unit(membership.unit_id).until(timezone.localdate(now()) - FORMER)

    def acting(self) -> "OccupancyQuerySet":
        """Return those whose capacity lets a person act for the home: holder and joint tenant."""
        return self.exclude(capacity=self.model.Capacity.OCCUPANT)


class OccupancyManager(ScopedManager[OccupancyQuerySet]):
    """The scopes an occupancy may be asked for through."""

    rows = OccupancyQuerySet

    def seen_by(self, membership) -> OccupancyQuerySet:
        return self.unscoped_rows().seen_by(membership)


class LeaseManager(ScopedManager[models.QuerySet]):
    """The scopes a lease may be asked for through."""

    def visible_to(self, membership) -> models.QuerySet:
        """Return the leases of the unit's stock; none for None and other roles."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        return filter_by_stock(
            self.unscoped_rows(), membership, "dwelling__staircase__building__residence__unit"
        )


class MergeQuerySet(models.QuerySet):
    """Merges narrowed to what a membership may see and undo."""

    def visible_to(self, membership) -> "MergeQuerySet":
        """Return those whose two sides both lived in the unit's stock when they were merged."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self.all()
        unit = [membership.unit_id]
        return self.filter(
            snapshot__kept_units__contains=unit, snapshot__absorbed_units__contains=unit
        )


class MergeManager(ScopedManager[MergeQuerySet]):
    """The scopes a merge may be asked for through."""

    rows = MergeQuerySet

    def visible_to(self, membership) -> MergeQuerySet:
        return self.unscoped_rows().visible_to(membership)


class AccountLinkQuerySet(models.QuerySet):
    """Links of accounts by how far they are."""

    def asked(self, user, now: datetime) -> "AccountLinkQuerySet":
        """Return the one that waits for its code, while the code lasts."""
        return self.filter(
            user=user, linked_at__isnull=True, ended_at__isnull=True, expires_at__gt=now
        )

    def waiting(self, user, now: datetime) -> "AccountLinkQuerySet":
        """Return the one that does not open yet what was told in confidence."""
        return self.filter(
            user=user, linked_at__isnull=False, ended_at__isnull=True, opens_at__gt=now
        )


class AccountLinkManager(ScopedManager[AccountLinkQuerySet]):
    """The scopes a link of an account may be asked for through."""

    rows = AccountLinkQuerySet

    def asked(self, user, now: datetime) -> AccountLinkQuerySet:
        return self.unscoped_rows().asked(user, now)

    def waiting(self, user, now: datetime) -> AccountLinkQuerySet:
        return self.unscoped_rows().waiting(user, now)


class AccessEndQuerySet(models.QuerySet):
    """Ends of access narrowed to what a membership may see and undo."""

    def standing(self) -> "AccessEndQuerySet":
        """Return those that were not undone."""
        return self.filter(undone_at__isnull=True)

    def visible_to(self, membership) -> "AccessEndQuerySet":
        """Return those made in the unit's stock; none for None and other roles."""
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        if membership.role in SEE_ALL:
            return self
        return self.filter(snapshot__units__contains=[membership.unit_id])


class AccessEndManager(ScopedManager[AccessEndQuerySet]):
    """The scopes an end of access may be asked for through."""

    rows = AccessEndQuerySet

    def visible_to(self, membership) -> AccessEndQuerySet:
        return self.unscoped_rows().visible_to(membership)


class MandateQuerySet(models.QuerySet):
    """Mandates narrowed to those of a person, given or held."""

    def in_force(self, today: date) -> "MandateQuerySet":
        """Return those in force on ``today`` (Europe/Paris).

        Consented to, accepted, begun, not ended, not revoked.
        """
        return self.filter(
            consent_at__isnull=False,
            revoked_at__isnull=True,
            proxy__isnull=False,
            starts__lte=today,
            ends__gte=today,
        )

    def held_by(self, user, today: date) -> "MandateQuerySet":
        """Return those that let ``user`` act today."""
        return self.in_force(today).filter(proxy=user)

    def given_by(self, user) -> "MandateQuerySet":
        """Return all that the tenant of account ``user`` ever gave."""
        return self.filter(tenant__user=user, tenant__merged_into__isnull=True)

    def visible_to(self, membership) -> "MandateQuerySet":
        """Return those of the people who live in the member's stock today.

        Who acts for somebody that left is nothing that their former agency reads or ends.
        """
        people: TenantQuerySet = TenantQuerySet(self.model._meta.get_field("tenant").related_model)
        return self.filter(tenant__in=people.at_home_with(membership))


class MandateManager(ScopedManager[MandateQuerySet]):
    """The scopes a mandate may be asked for through."""

    rows = MandateQuerySet

    def visible_to(self, membership) -> MandateQuerySet:
        return self.unscoped_rows().visible_to(membership)

    def held_by(self, user, today: date) -> MandateQuerySet:
        return self.unscoped_rows().held_by(user, today)

    def given_by(self, user) -> MandateQuerySet:
        return self.unscoped_rows().given_by(user)

    def addressed_to(self, emails: list[str], today: date) -> MandateQuerySet:
        """Return those that wait for an account with one of these verified addresses to accept.

        The tenant has consented to them.
        """
        return self.unscoped_rows().filter(
            proxy__isnull=True,
            proxy_email__in=emails,
            consent_at__isnull=False,
            revoked_at__isnull=True,
            ends__gte=today,
        )
