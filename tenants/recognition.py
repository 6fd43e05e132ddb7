"""Find who a newcomer may be among all records, and records that look like one person."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from django.db.models import Count, Q

from portal.clock import now
from tenants.actions import contact_check
from tenants.matching import Likeness, Match, Person, StatedIdentity, likeness, match
from tenants.models import ContactPoint, Distinct, Occupancy, Tenant

REACHABLE = (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE)
# More people than this behind one phone or mailbox: an association's, a caretaker's, not a double.
CROWD = 6


@dataclass
class Pair:
    """Two records to compare, ``one`` to keep by default.

    ``reasons``: ``phone``, ``email``, ``name_and_home``.
    """

    one: Tenant
    other: Tenant
    reasons: list[str] = field(default_factory=list)

    @property
    def same_name(self) -> bool:
        return likeness(_name(self.one), _name(self.other)) != Likeness.OTHER


def _name(tenant: Tenant) -> str:
    return f"{tenant.first_name} {tenant.last_name}"


def identify(given: StatedIdentity) -> Match:
    """Grade somebody who writes or calls. ``homes`` are dwelling ids as text.

    For channel adapters: only a ``KNOWN`` answer may link anything without a person, and the
    answer holds ids, never anybody's claims.
    """
    homes = [int(home) for home in given.homes]
    rows = (
        Tenant.objects.system("recognition")
        .filter(
            Q(contact_points__value__in=given.contacts, contact_points__kind__in=REACHABLE)
            | Q(occupancies__lease__dwelling__in=homes),
            merged_into__isnull=True,
        )
        .distinct()
        .prefetch_related("contact_points", "occupancies__lease")
    )
    return match(given, [_person(tenant, now()) for tenant in rows])


def _person(tenant: Tenant, moment: datetime) -> Person:
    points = [point for point in tenant.contact_points.all() if point.kind in REACHABLE]
    return Person(
        key=str(tenant.pk),
        name=_name(tenant),
        contacts=frozenset(point.value for point in points),
        proved=frozenset(
            point.value
            for point in points
            if point.verified and contact_check.may_hear_confidences(point, moment)
        ),
        homes=frozenset(str(stay.lease.dwelling_id) for stay in tenant.occupancies.all()),
    )


def probable_doubles(membership, most: int = 300) -> list[Pair]:
    """Return pairs among the people whom ``membership`` sees, same names first, about ``most``.

    Pairs that a person declared different are left out; so are groups behind one mailbox.
    """
    people = Tenant.objects.visible_to(membership)
    found: dict[tuple, list[str]] = {}
    for kind, keys in _sharing_contact(people, most):
        for pair in combinations(keys, 2):
            found.setdefault(pair, []).append(kind)
    for pair in _sharing_home(people, most):
        found.setdefault(pair, []).append("name_and_home")
    for pair in Distinct.objects.of(one__in=people).values_list("one", "other"):
        found.pop(pair, None)
    rows = people.in_bulk({key for pair in found for key in pair})
    pairs = [
        Pair(*_kept_first(rows[one], rows[other]), list(dict.fromkeys(reasons)))
        for (one, other), reasons in found.items()
        if one in rows and other in rows
    ]
    return sorted(pairs, key=lambda p: (not p.same_name, -len(p.reasons), str(p.one), str(p.other)))


def _kept_first(one: Tenant, other: Tenant) -> tuple[Tenant, Tenant]:
    """Put the one to keep by default first: who has an account, then whom the rent system knows."""
    first, second = sorted((one, other), key=lambda t: (t.user_id is None, not t.external_ref))
    return first, second


def _sharing_contact(people, most: int):
    """Yield ``(kind, sorted tenant keys)`` of each phone and mailbox that a few people have."""
    points = ContactPoint.objects.of(tenant__in=people).filter(kind__in=REACHABLE)
    shared = list(
        points.values("kind", "value")
        .annotate(number=Count("pk"))
        .filter(number__gt=1, number__lte=CROWD)
        .order_by("kind", "value")[:most]
    )
    owners: dict[tuple, list] = {}
    rows = points.filter(value__in=[row["value"] for row in shared]).order_by("tenant")
    for kind, value, key in rows.values_list("kind", "value", "tenant"):
        owners.setdefault((kind, value), []).append(key)
    return [(row["kind"], owners.get((row["kind"], row["value"]), [])) for row in shared]


def _sharing_home(people, most: int) -> list[tuple]:
    """Yield pairs of one name, or nearly, who live or lived in one dwelling."""
    stays = Occupancy.objects.of(tenant__in=people)
    homes = (
        stays.values("lease__dwelling")
        .annotate(number=Count("tenant", distinct=True))
        .filter(number__gt=1)
        .values("lease__dwelling")
    )
    names: dict[int, dict] = {}
    rows = stays.filter(lease__dwelling__in=homes).order_by("lease__dwelling", "tenant")
    for home, key, first, last in rows.values_list(
        "lease__dwelling", "tenant", "tenant__first_name", "tenant__last_name"
    ):
        names.setdefault(home, {})[key] = f"{first} {last}"
    alike = {
        (one, other): None
        for home in names.values()
        for one, other in combinations(home, 2)
        if likeness(home[one], home[other]) != Likeness.OTHER
    }
    return list(alike)[:most]
