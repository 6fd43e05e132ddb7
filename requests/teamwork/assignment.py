"""Assign a claim, give it back, and find its assignee today. Run by its effect."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agencies import absences
from agencies.models import Absence, Membership
from portal.actor import Actor
from portal.clock import not_before
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from requests.teamwork.assignment_models import Charge


@dataclass(frozen=True)
class Holder:
    """Who handles a claim: the person, their absence today, and their stand-in."""

    member: Membership
    absence: Absence | None = None
    standing_in: Membership | None = None

    @property
    def today(self) -> Membership | None:
        """Return whom to ask today; None: the desk."""
        return self.standing_in if self.absence else self.member


def apply_event(claim: Claim, event: str, actor: Actor, *, now: datetime) -> None:
    """Start or end the assignment that a step of the claim calls for.

    A claim is assigned when it is taken in charge, and freed when it is handed over or ends.
    """
    if event == Event.HAND_OVER or claim.state not in OPEN:
        _open(claim).update(ends_at=not_before("starts_at", now))
    elif event == Event.TAKE_CHARGE and actor.membership is not None:
        assign(claim, actor.membership, why=Charge.Why.TAKEN, now=now)


def revert(claim: Claim, *, at: datetime) -> None:
    """Take back what ``apply_event`` did at the instant ``at``; for an undone step only."""
    Charge.objects.filter(claim=claim, starts_at=at).delete()
    # Another person may have been given it meanwhile: then it stays theirs.
    if not _open(claim).exists():
        Charge.objects.filter(claim=claim, ends_at=at).update(ends_at=None)


def assign(
    claim: Claim, membership: Membership, *, why: str, now: datetime, by: Membership | None = None
) -> Charge:
    """Put the claim into one person's hands, out of anybody else's. The claim must be locked.

    ``by``: the colleague who gives it.
    """
    current = _open(claim).first()
    if current and current.membership_id == membership.pk:
        return current
    if current:
        Charge.objects.filter(pk=current.pk).update(ends_at=not_before("starts_at", now))
    return Charge.objects.create(claim=claim, membership=membership, why=why, starts_at=now, by=by)


def unassign(claim: Claim, *, membership: Membership, now: datetime) -> bool:
    """Give the claim back to its desk, for the assignee or their stand-in.

    False for anybody else.
    """
    mine = Charge.objects.filter(
        held_by_condition(membership, timezone.localdate(now)), claim=claim
    )
    return bool(mine.update(ends_at=not_before("starts_at", now)))


def holder(claim: Claim, day: date) -> Holder | None:
    """Return who handles the claim, and their stand-in on the local ``day``; None: nobody."""
    charge = next((row for row in claim.charges.all() if row.ends_at is None), None)
    if charge is None:
        return None
    member = charge.membership
    absence = absences.absence_on(member, day)
    if absence is None:
        return Holder(member)
    return Holder(member, absence, absences.stand_in(absence, day))


def held_by_condition(membership: Membership, day: date) -> Q:
    """Return a condition on ``Charge``.

    Open, and of the member or of whom they replace on ``day``.
    """
    covered = absences.absences_on(day).filter(
        membership=OuterRef("membership"), replacement=membership
    )
    return Q(ends_at__isnull=True) & (Q(membership=membership) | Q(Exists(covered)))


def _open(claim: Claim):
    return Charge.objects.filter(claim=claim, ends_at__isnull=True)
