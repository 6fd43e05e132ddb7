"""Changes that wait for a person: list, accept, refuse."""

from datetime import datetime

from django.db import transaction

from agencies.models import Membership
from tenants.actions import contact_points, household_changes
from tenants.models import ContactPoint, PersonChange, Tenant
from tenants.models.changes import PersonChangeQuerySet

What, State = PersonChange.What, PersonChange.State


class AlreadyDecided(Exception):
    """Somebody else has decided it."""


def waiting(membership: Membership) -> PersonChangeQuerySet:
    """Return what waits, of the people who live in the member's stock today, oldest first."""
    here = Tenant.objects.at_home_with(membership)
    rows = PersonChange.objects.of(tenant__in=here).waiting()
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
    # The row is locked: whoever decides after it was fetched sees the other's decision.
    if row.state != State.WAITS or PersonChange.objects.of(decides=row).exists():
        raise AlreadyDecided
    carry_out = _occupant if row.what == What.OCCUPANT else _point
    done = carry_out(row, accept, by, now)
    # Using or giving up its point has decided it already.
    if not PersonChange.objects.of(decides=row).exists():
        state = State.DONE if accept and done else State.REFUSED
        contact_points.decide(row, state, side=contact_points.By.STAFF, by=by, now=now)
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
        proof, decided = ContactPoint.Proof.CODE, contact_points.By.STAFF
        contact_points.prove(point, proof=proof, by=by, now=now, decided=decided)
    else:
        points.update(proposed=False)
    return True
