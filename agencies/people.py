"""Who answers for a residence: its agency, its manager, its sector's staff, its caretaker."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from agencies.models import Membership, Residence
from portal.access import Role

SHOWN = (Role.CARETAKER, Role.AGENT, Role.AGENCY_MANAGER)


@dataclass(frozen=True)
class Responsible:
    """One person: name, role as people read it, and where tenants find them."""

    name: str
    role: str
    presence: str


def responsible(residence: Residence, moment: datetime) -> list[Responsible]:
    """Return the people in force on the day of ``moment`` who look after the residence.

    Those of its sector; of a role that nobody holds for the sector, those without sectors.
    """
    today = timezone.localdate(moment)
    rows = (
        Membership.objects.filter(unit=residence.unit_id, role__in=SHOWN, starts__lte=today)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
        .select_related("user")
        .prefetch_related("sectors")
        .order_by("user__first_name", "pk")
    )
    by_role: dict[str, tuple[list, list]] = {role: ([], []) for role in SHOWN}
    for member in rows:
        sectors = {sector.pk for sector in member.sectors.all()}
        if residence.sector_id in sectors:
            by_role[member.role][0].append(member)
        elif not sectors:
            by_role[member.role][1].append(member)
    found = []
    for own, others in by_role.values():
        for member in (own or others)[:4]:
            name = member.user.get_full_name()
            found.append(Responsible(name, str(member.get_role_display()), member.presence))
    return found
