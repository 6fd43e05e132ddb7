"""Who is away on a day, and who stands in for them. Reads only."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from agencies.models import Absence, Membership


def absences_on(day: date) -> QuerySet[Absence]:
    """Return absences in force on a local day."""
    return Absence.objects.filter(cancelled_at__isnull=True, first_day__lte=day, last_day__gte=day)


def absence_on(member: Membership, day: date) -> Absence | None:
    """Return the absence of one member in force on a local day."""
    for row in member.absences.all():
        if row.cancelled_at is None and row.first_day <= day <= row.last_day:
            return row
    return None


def stand_in(absence: Absence, day: date) -> Membership | None:
    """Return who stands in for the absent member on ``day``; None when they are away or gone."""
    there = absence.replacement
    if there is None or absence_on(there, day) is not None or not there.user.is_active:
        return None
    in_force = there.starts <= day and (there.ends is None or there.ends >= day)
    return there if in_force else None


def memberships_on(day: date) -> QuerySet[Membership]:
    """Return the memberships in force on a local day, away or not; closed accounts are left out."""
    return Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day, user__is_active=True
    ).select_related("user", "unit")


def present_members(members: Iterable[Membership], day: date) -> list[Membership]:
    """Return ``members`` with each one who is away replaced by their stand-in, or left out.

    A stand-in who is away too does not count: the work then belongs to the desk. Each person once.
    """
    asked = list(members)
    away = {
        absence.membership_id: absence.replacement_id
        for absence in absences_on(day).filter(membership__in=[m.pk for m in asked])
    }
    standing = {pk for pk in away.values() if pk}
    if standing:
        gone = absences_on(day).filter(membership__in=standing)
        standing -= set(gone.values_list("membership", flat=True))
    replacements = (
        {m.pk: m for m in memberships_on(day).filter(pk__in=standing)} if standing else {}
    )
    found: dict[int, Membership] = {}
    for member in asked:
        there: Membership | None = member
        if member.pk in away:
            stand_in = away[member.pk]
            there = replacements.get(stand_in) if stand_in else None
        if there is not None:
            found.setdefault(there.pk, there)
    return list(found.values())
