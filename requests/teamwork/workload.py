"""Give a person the next claim of their desks, and keep how a desk shares its work."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from agencies import absences
from agencies.models import Absence, Desk, Membership, Residence, Unit
from portal.access import Role
from requests.claims.models import Claim
from requests.kit.choices import CALENDAR_URGENCIES, OPEN, State, Urgency
from requests.teamwork import assignment, snoozes
from requests.teamwork import rules as workload_rules
from requests.teamwork.assignment_models import Charge
from requests.teamwork.models import LentClaim, Seat, Sharing

# Words that may mean a danger make a claim one until a person says what it is.
HEARD = When(~Q(danger=""), then=Value("U0"))
URGENCY = Case(HEARD, default=F("urgency"), output_field=CharField())
LOOKED_AT = 300  # claims of a desk, those promised soonest
ELSEWHERE = 0  # no key of a sector
AHEAD = 60  # days of one's own absences looked at
PHONES = {Role.CALL_TAKER: Desk.Kind.CONTACT_CENTRE, Role.ON_CALL: Desk.Kind.ON_CALL}


def desks_of(membership: Membership) -> QuerySet[Desk]:
    """Return the desks a person serves: where they have a seat; else the unit's without seats."""
    desks = Desk.objects.filter(unit=membership.unit_id).order_by("pk")
    seated = desks.filter(seats__membership=membership)
    if seated.exists():
        return seated
    free = desks.filter(seats__isnull=True)
    if (role := Role(membership.role)) in PHONES:
        return free.filter(kind=PHONES[role])
    if membership.unit.kind == Unit.Kind.HEAD_OFFICE:
        return free.exclude(kind__in=PHONES.values())
    return free


def answered_for(membership: Membership) -> QuerySet[Desk]:
    """Return the desks of ``desks_of`` as part of another query; for a manager, all of the unit."""
    desks = Desk.objects.filter(unit=membership.unit_id).order_by()
    role = Role(membership.role)
    if role == Role.AGENCY_MANAGER:
        return desks
    seats = Seat.objects.filter(desk=OuterRef("pk"))
    seated = Seat.objects.filter(membership=membership, desk__unit=membership.unit_id)
    free = ~Q(Exists(seats)) & ~Q(Exists(seated))
    if role in PHONES:
        free &= Q(kind=PHONES[role])
    elif membership.unit.kind == Unit.Kind.HEAD_OFFICE:
        free &= ~Q(kind__in=PHONES.values())
    return desks.filter(Q(Exists(seats.filter(membership=membership))) | free)


@transaction.atomic
def pull_next_claim(*, membership: Membership, now: datetime) -> Claim | None:
    """Put the next claim into the person's hands; None when nothing fits.

    Two people who ask at the same instant get two claims: a row that another one holds is
    passed over, and the database allows one open charge per claim.
    """
    day = timezone.localdate(now)
    sectors = frozenset(membership.sectors.values_list("pk", flat=True))
    homes, found = _homes_in(sectors), []
    for desk in desks_of(membership):
        found.append((_waiting(Q(owner=desk), membership, now, day, homes), _terms(desk, day)))
    # What was lent to the unit is shared like a desk of its own.
    lent = _waiting(
        Q(pk__in=Claim.objects.lent_to(membership.unit_id).values("pk")),
        membership,
        now,
        day,
        homes,
    )
    found.append((lent, workload_rules.Terms(held=_held_lent(membership))))
    most = max(terms.most_in_hand for _rows, terms in found)
    person = _person(membership, day, sectors, most)
    families = _families(membership)
    while True:
        offers = []
        for rows, terms in found:
            if offer := workload_rules.next_one(person(families), rows, terms):
                offers.append(offer)
        if not offers:
            return None
        best = min(offers, key=_soonest)
        mine = Claim.objects.visible_to(membership).filter(_to_do(now), pk=best.key)
        claim = mine.select_for_update(of=("self",), skip_locked=True).first()
        # Asked again once the row is held: a charge given meanwhile does not touch the claim's row,
        # so that the statement that locked it did not see it.
        if claim is not None and mine.filter(_free(day)).exists():
            assignment.assign(claim, membership, why=Charge.Why.PULLED, now=now)
            return claim
        for rows, _terms_of_desk in found:
            rows[:] = [row for row in rows if row.key != best.key]


def _soonest(row: workload_rules.WaitingClaim) -> tuple:
    late = (row.promise_at is None, row.promise_at or row.filed_at, str(row.key))
    return (row.urgency != Urgency.U0, not row.urgent, *late)


def _to_do(now: datetime) -> Q:
    """Return a condition.

    What a person can act on now, and what waits for others once it is late; not what is put aside.
    """
    waits = Q(state__in=[State.RECEIVED, State.IN_REVIEW]) | Q(
        state__in=[State.WAITING_TENANT, State.PLANNED, State.IN_PROGRESS], promise_at__lt=now
    )
    return waits & ~snoozes.aside_condition(now)


def _free(day: date) -> Q:
    """Return the unassigned claims on the local ``day``.

    Those of a person who is away without stand-in are unassigned.
    """
    instead = absences.absences_on(day).filter(membership=OuterRef("replacement"))
    gone = absences.absences_on(day).filter(
        Q(replacement__isnull=True) | Q(Exists(instead)),
        membership=OuterRef("membership"),
    )
    held = Charge.objects.filter(claim=OuterRef("pk"), ends_at__isnull=True).exclude(Exists(gone))
    return ~Q(Exists(held))


def _homes_in(sectors: Collection[int]) -> dict[int, int | None]:
    """Return the sector of the residences in ``sectors`` or in none; {} without ``sectors``.

    The claims that wait are many: each of their residences would be looked up.
    """
    if not sectors:
        return {}
    rows = Residence.objects.filter(Q(sector__in=sectors) | Q(sector__isnull=True))
    return dict(rows.values_list("pk", "sector"))


def _waiting(
    which: Q, membership, now: datetime, day: date, homes: Mapping[int, int | None]
) -> list[workload_rules.WaitingClaim]:
    """Return what waits, soonest first; the sector is ``ELSEWHERE`` unless ``homes`` has it."""
    rows = (
        Claim.objects.visible_to(membership)
        .filter(which, _to_do(now), _free(day))
        .annotate(
            calm=~Q(urgency__in=CALENDAR_URGENCIES),
            danger_first=Case(When(Q(urgency=Urgency.U0) | ~Q(danger=""), then=0), default=1),
        )
        .order_by("danger_first", "calm", F("promise_at").asc(nulls_last=True), "filed_at", "pk")
        .values_list(
            "pk",
            URGENCY,
            "category__family__code",
            "residence",
            "filed_at",
            "promise_at",
        )[:LOOKED_AT]
    )
    return [
        workload_rules.WaitingClaim(
            key,
            urgency,
            family,
            homes.get(residence, ELSEWHERE) if residence else None,
            filed_at,
            promise_at,
            timezone.localdate(promise_at) if promise_at else None,
        )
        for key, urgency, family, residence, filed_at, promise_at in rows
    ]


def _families(membership: Membership) -> frozenset[str]:
    codes = membership.seats.values_list("families__code", flat=True)
    return frozenset(code for code in codes if code)


def _person(membership: Membership, day: date, sectors: frozenset[int], most: int):
    """Return what the rule may know of the person who asks, except the families.

    What they have in hand is counted up to ``most``: nobody gets a claim with more.
    """
    away: set[date] = set()
    for first, last in Absence.objects.filter(
        membership=membership, cancelled_at__isnull=True, last_day__gt=day
    ).values_list("first_day", "last_day"):
        days = range(max(first, day + timedelta(days=1)).toordinal(), last.toordinal() + 1)
        away.update(map(date.fromordinal, days[:AHEAD]))
    in_hand = Charge.objects.filter(
        assignment.held_by_condition(membership, day), claim__state__in=OPEN
    )
    number = in_hand.order_by().values("pk")[:most].count()

    def person(families: frozenset[str]) -> workload_rules.Person:
        return workload_rules.Person(families, sectors, frozenset(away), number)

    return person


def _terms(desk: Desk, day: date) -> workload_rules.Terms:
    kept = Sharing.objects.filter(desk=desk).first() or Sharing(desk=desk)
    present = absences.present_members(people_of(desk, day), day)
    held = Charge.objects.filter(claim__owner=desk, claim__state__in=OPEN, ends_at__isnull=True)
    return workload_rules.Terms(
        skills=kept.skills,
        sectors=kept.sectors,
        most_in_hand=kept.most_in_hand,
        present=max(1, len(present)),
        held=held.count(),
    )


def _held_lent(membership: Membership) -> int:
    return Charge.objects.filter(
        membership__unit=membership.unit_id,
        claim__in=LentClaim.objects.filter(help__helper=membership.unit_id).values("claim"),
        ends_at__isnull=True,
    ).count()


def people_of(desk: Desk, day: date) -> QuerySet[Membership]:
    """Return the people of a desk on a local day, away or not: its seats, else the unit's own."""
    serving = absences.memberships_on(day).filter(unit=desk.unit_id)
    seated = serving.filter(seats__desk=desk)
    if desk.seats.exists():
        return seated
    role = Role.AGENT
    if desk.unit.kind == Unit.Kind.HEAD_OFFICE:
        phones = {kind: name for name, kind in PHONES.items()}
        role = phones.get(Desk.Kind(desk.kind), Role.HEAD_OFFICE)
    return serving.filter(role=role)


@transaction.atomic
def save_sharing(*, desk: Desk, terms: dict, seats: dict[Membership, list]) -> Sharing:
    """Keep a desk's own way: ``terms`` are columns of ``Sharing``; seats by member, families."""
    kept, _new = Sharing.objects.update_or_create(desk=desk, defaults=terms)
    Seat.objects.filter(desk=desk).exclude(membership__in=seats).delete()
    for member, families in seats.items():
        seat, _new = Seat.objects.get_or_create(desk=desk, membership=member)
        seat.families.set(families)
    return kept
