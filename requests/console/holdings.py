"""What somebody has in hand, and its passing on when they move or leave.

``KINDS`` lists what a person can hold: a slice that adds such a thing adds its line there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import roles
from agencies.models import Absence, Membership
from portal import sign_outs
from portal.access import Role
from portal.clock import not_before
from portal.models import SignOnIdentity, User
from requests.claims.models import Claim
from requests.console.invitations import opens_more
from requests.teamwork import assignment, watches
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Watch
from requests.teamwork.models import Seat

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Kind:
    """One kind of things in hand: how many there are, and how they pass to ``taker`` (or nobody).

    ``goes``: what becomes of them without a colleague, in words.
    """

    words: "StrOrPromise"
    goes: "StrOrPromise"
    count: Callable[[Membership, datetime], int]
    pass_on: Callable[[Membership, Membership | None, datetime], None]


@dataclass(frozen=True)
class Held:
    """How many of one kind a person has in hand."""

    words: "StrOrPromise"
    goes: "StrOrPromise"
    number: int


def _charges(member: Membership) -> QuerySet[Charge]:
    return Charge.objects.filter(membership=member, ends_at=None)


def _pass_charges(member: Membership, taker: Membership | None, now: datetime) -> None:
    """Give claims in hand to a colleague, or back to their desks."""
    held = list(_charges(member).values_list("claim", flat=True))
    rows = Claim.objects.system("passing on").select_for_update(of=("self",)).filter(pk__in=held)
    for claim in rows.order_by("pk"):
        if taker is None:
            _charges(member).filter(claim=claim).update(ends_at=not_before("starts_at", now))
        else:
            assignment.assign(claim, taker, why=Charge.Why.TAKEN, now=now)


def _stand_ins(member: Membership, now: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(
        replacement=member, cancelled_at=None, last_day__gte=timezone.localdate(now)
    )


def _pass_stand_ins(member: Membership, taker: Membership | None, now: datetime) -> None:
    rows = _stand_ins(member, now)
    if taker is not None:  # nobody stands in for themselves
        rows.exclude(membership=taker).update(replacement=taker)
    _stand_ins(member, now).update(replacement=None)


def _pass_seats(member: Membership, taker: Membership | None, _now: datetime) -> None:
    seats = Seat.objects.filter(membership=member)
    if taker is not None and taker.unit_id == member.unit_id:
        for seat in seats.prefetch_related("families"):
            new, made = Seat.objects.get_or_create(desk_id=seat.desk_id, membership=taker)
            if made:
                new.families.set(seat.families.all())
    seats.delete()


def _count_rounds(member: Membership, _now: datetime) -> int:
    return member.sectors.count()


def _pass_rounds(member: Membership, taker: Membership | None, _now: datetime) -> None:
    """Give sectors (a caretaker's buildings and rounds) to a colleague of the same unit.

    A colleague without sectors serves all of them already.
    """
    sectors = list(member.sectors.all())
    if taker is not None and taker.unit_id == member.unit_id and taker.sectors.exists():
        taker.sectors.add(*sectors)
    member.sectors.clear()


def _pass_follows(member: Membership, taker: Membership | None, now: datetime) -> None:
    """Let a colleague of the same unit follow the same claims: another may not see them."""
    follows = Watch.objects.filter(membership=member).select_related("claim")
    if taker is not None and taker.unit_id == member.unit_id:
        for row in follows:
            watches.follow(claim=row.claim, membership=taker, now=now)
    follows.delete()


KINDS = (
    Kind(
        _("Requests in hand"),
        _("They go back to their desk."),
        lambda member, now: _charges(member).count(),
        _pass_charges,
    ),
    Kind(
        _("Absences of colleagues they stand in for"),
        _("Nobody stands in any more: the work goes to the desk."),
        lambda member, now: _stand_ins(member, now).count(),
        _pass_stand_ins,
    ),
    Kind(
        _("Seats at desks"),
        _("The seats are free."),
        lambda member, now: Seat.objects.filter(membership=member).count(),
        _pass_seats,
    ),
    Kind(
        _("Sectors and their rounds"),
        _("Nobody follows them until you name somebody."),
        _count_rounds,
        _pass_rounds,
    ),
    Kind(
        _("Requests they follow"),
        _("Nobody follows them any more; what was put aside comes back to its desk."),
        lambda member, _now: Watch.objects.filter(membership=member).count(),
        _pass_follows,
    ),
)


def held_by(member: Membership, now: datetime) -> list[Held]:
    """Return what a person has in hand, without what there is none of."""
    found = [Held(kind.words, kind.goes, kind.count(member, now)) for kind in KINDS]
    return [held for held in found if held.number]


def takers(member: Membership, now: datetime) -> QuerySet[Membership]:
    """Return the colleagues of the unit who can take over today what ``member`` has in hand."""
    today = timezone.localdate(now)
    return (
        Membership.objects.filter(
            Q(ends=None) | Q(ends__gte=today),
            unit=member.unit_id,
            starts__lte=today,
            user__is_active=True,
        )
        .exclude(user=member.user_id)
        .exclude(role__in=[Role.CONTRACTOR, Role.TENANT_REPRESENTATIVE, Role.DPO])
        .select_related("user", "unit")
        .order_by("user__last_name", "user__first_name", "pk")
    )


@transaction.atomic
def pass_on(member: Membership, taker: Membership | None, *, now: datetime) -> None:
    """Give all that ``member`` has in hand to a colleague, or back to the desks."""
    for kind in KINDS:
        kind.pass_on(member, taker, now)


def last_administrator(user: User, now: datetime) -> bool:
    """Return whether nobody else could open the console once this person is gone."""
    today = timezone.localdate(now)
    rows = Membership.objects.filter(
        Q(ends=None) | Q(ends__gte=today), role=Role.ADMIN, starts__lte=today, user__is_active=True
    )
    return rows.filter(user=user).exists() and not rows.exclude(user=user).exists()


class LastAdministrator(Exception):
    """Nobody could open the console any more."""


@transaction.atomic
def leave(member: Membership, taker: Membership | None, *, by: User, now: datetime) -> bool:
    """Let somebody leave: pass on what they have, end their roles and sessions, close the account.

    The account of somebody who is a tenant too stays theirs, without the roles. Return whether it
    was closed. Raises LastAdministrator.
    """
    user = User.objects.select_for_update().get(pk=member.user_id)
    if last_administrator(user, now):
        raise LastAdministrator
    today = timezone.localdate(now)
    for row in Membership.everything.filter(Q(ends=None) | Q(ends__gte=today), user=user):
        fits = taker if taker and taker.unit_id == row.unit_id else None
        pass_on(row, fits, now=now)
        if row.pending:
            roles.note(row, by, "Left")
            row.delete()
        else:
            roles.end_now(row, by=by, now=now)
    sign_outs.end_sessions(user)
    if opens_more(user, roles=False):
        return False
    Authenticator.objects.filter(user=user).delete()
    SignOnIdentity.objects.filter(user=user).delete()
    user.is_active = user.is_staff = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "is_staff", "password"])
    return True


@transaction.atomic
def reset_factors(user: User) -> int:
    """Take away every second factor of an account and end its sessions; return how many there were.

    The person sets up another at the next login. The caller tells them.
    """
    number, _kinds = Authenticator.objects.filter(user=user).delete()
    sign_outs.end_sessions(user)
    return number
