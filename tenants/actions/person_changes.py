"""Changes that wait for a person: list, accept, refuse."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from agencies.models import Membership
from tenants.actions import contact_points, household_changes
from tenants.models import ContactPoint, PersonChange, Tenant

What = PersonChange.What


class AlreadyDecided(Exception):
    """Somebody else has decided it."""


def waiting(membership: Membership) -> QuerySet[PersonChange]:
    """Return what waits, of the people who live in the member's stock today, oldest first."""
    here = Tenant.objects.at_home_with(membership)
    rows = PersonChange.objects.of(tenant__in=here).filter(state=PersonChange.State.WAITS)
    return rows.select_related("tenant", "by").order_by("at", "pk")


@transaction.atomic
def decide(*, change: PersonChange, accept: bool, by, now: datetime) -> bool:
    """Carry the change out, or refuse it; False when what it is about is gone.

    Raises ``AlreadyDecided``.
    """
    row = (
        PersonChange.objects.system(contact_points.REASON)
        .select_for_update(of=("self",))
        .select_related("tenant")
        .get(pk=change.pk)
    )
    if row.state != PersonChange.State.WAITS:
        raise AlreadyDecided
    carry_out = _occupant if row.what == What.OCCUPANT else _point
    done = carry_out(row, accept, by, now)
    row.state = PersonChange.State.DONE if accept and done else PersonChange.State.REFUSED
    row.decided_at, row.decided_by = now, by
    row.save(update_fields=["state", "decided_at", "decided_by"])
    return done


def _occupant(row: PersonChange, accept: bool, by, now: datetime) -> bool:
    """Write who lives there; False when the lease has ended."""
    return not accept or household_changes.accept_occupant(row) is not None


def _point(row: PersonChange, accept: bool, by, now: datetime) -> bool:
    """Use the contact point that waits from now on, or give it up; False when it is gone."""
    points = ContactPoint.objects.system(contact_points.REASON).filter(tenant=row.tenant)
    if "point" in row.facts:
        points = points.filter(pk=row.facts["point"])
    else:  # a file wrote both at once
        points = points.filter(kind=row.facts["kind"], value=row.facts["raw"])
    point = points.first()
    if point is None or not point.proposed:
        return False
    if not accept:
        contact_points.remove(point, side=contact_points.By.STAFF, by=by, now=now)
    elif row.what == What.POINT_PROVED:
        contact_points.prove(point, proof=ContactPoint.Proof.CODE, by=by, now=now)
    else:
        points.update(proposed=False)
    return True
