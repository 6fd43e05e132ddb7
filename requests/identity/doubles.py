"""Find records that look like one person, as they change, instead of when somebody asks.

Triggers note whose phone, mailbox, home or name changed, and who was declared different
(0034_doubles, 0051_doubles_of_a_unit); ``sweep`` compares these people again. So the page reads
rows that are there already (docs/adr/0063-one-claim-whole.md).
"""

import time
from collections.abc import Iterable
from itertools import combinations
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from requests.identity.double_models import EVERY, DoubleCheck, DoublePair
from tenants.matching import Likeness, likeness
from tenants.models import ContactPoint, Distinct, Occupancy, Tenant

# More people than this behind one phone or mailbox: an association's, a caretaker's, not a double.
CROWD = 6
BATCH = 500
SECONDS = 20.0
REACHABLE = (ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE)
Key = tuple[UUID, UUID]
# Locks what it takes: a change that comes meanwhile waits, and is noted anew.
TAKE = """
DELETE FROM requests_doublecheck WHERE person IN (
    SELECT person FROM requests_doublecheck ORDER BY at, person LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING person
"""
# The row of a pair for each unit that has, or had, both of them in its stock.
STAYED = """
SELECT r.unit_id FROM tenants_occupancy o JOIN tenants_lease l ON l.id = o.lease_id
JOIN agencies_dwelling d ON d.id = l.dwelling_id
JOIN agencies_staircase s ON s.id = d.staircase_id
JOIN agencies_building b ON b.id = s.building_id
JOIN agencies_residence r ON r.id = b.residence_id WHERE o.tenant_id = p.{side}_id"""
KEEP = f"""
INSERT INTO requests_doublepair
    (one_id, other_id, unit, phone, email, name_and_home, same_name, strength)
SELECT p.one_id, p.other_id, shared.unit, p.phone, p.email, p.name_and_home, p.same_name, p.strength
FROM requests_doublepair p CROSS JOIN LATERAL (
    {STAYED.format(side="one")} INTERSECT {STAYED.format(side="other")}
) AS shared(unit)
WHERE p.unit = {EVERY} AND (p.one_id = ANY(%(people)s) OR p.other_id = ANY(%(people)s))
ON CONFLICT DO NOTHING"""  # noqa: S608 - ours


def sweep(seconds: float = SECONDS) -> int:
    """Compare again the people about whom something changed; return how many were."""
    limit, done = time.monotonic() + seconds, 0
    while took := _take():
        done += took
        if time.monotonic() >= limit:
            break
    return done


def rebuild() -> int:
    """Note everybody to be compared again, in place; return how many wait now.

    Pairs stay until their people were looked at, so that the page is never empty for it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO requests_doublecheck (person) SELECT id FROM tenants_tenant"
            " UNION SELECT one_id FROM requests_doublepair ON CONFLICT DO NOTHING"
        )
    return DoubleCheck.objects.count()


@transaction.atomic
def _take() -> int:
    """Find the pairs of a batch of people anew; return how many people it were."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [BATCH])
        people = [row[0] for row in cursor.fetchall()]
    if not people:
        return 0
    rows = DoublePair.objects.system("doubles found anew")
    rows.filter(one__in=people).delete()
    rows.filter(other__in=people).delete()
    found = _by_contact(people)
    names = _by_home(people, found)
    apart = Distinct.objects.system("doubles").filter(Q(one__in=people) | Q(other__in=people))
    for pair in apart.values_list("one", "other"):
        found.pop(pair, None)
    DoublePair.objects.bulk_create(
        (
            DoublePair(
                one_id=one,
                other_id=other,
                **{reason: reason in reasons for reason in ("phone", "email", "name_and_home")},
                same_name=likeness(names[one], names[other]) != Likeness.OTHER,
                strength=len(reasons),
            )
            for (one, other), reasons in found.items()
            if one in names and other in names
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"people": people})
    return len(people)


def _by_contact(people: Iterable[UUID]) -> dict[Key, set[str]]:
    """Return the pairs of ``people`` with those who have the same phone or mailbox."""
    points = ContactPoint.objects.system("doubles").filter(
        kind__in=REACHABLE, tenant__merged_into__isnull=True
    )
    wanted = set(people)
    values: dict[tuple[str, str], set[UUID]] = {}
    mine = points.filter(tenant__in=people)
    same = points.filter(value__in=mine.values("value"))
    for kind, value, tenant in same.values_list("kind", "value", "tenant"):
        values.setdefault((kind, value), set()).add(tenant)
    found: dict[Key, set[str]] = {}
    for (kind, _value), owners in values.items():
        if len(owners) <= CROWD:
            for pair in _pairs(owners, wanted):
                found.setdefault(pair, set()).add(kind)
    return found


def _by_home(people: Iterable[UUID], found: dict[Key, set[str]]) -> dict[UUID, str]:
    """Add the pairs of one name, or nearly, who live or lived in one home; return all names."""
    stays = Occupancy.objects.system("doubles")
    homes = stays.filter(tenant__in=people).values("lease__dwelling")
    wanted, names = set(people), dict[UUID, str]()
    at_home: dict[int, set[UUID]] = {}
    rows = stays.filter(lease__dwelling__in=homes, tenant__merged_into__isnull=True)
    columns = ("lease__dwelling", "tenant", "tenant__first_name", "tenant__last_name")
    for home, key, first, last in rows.values_list(*columns):
        at_home.setdefault(home, set()).add(key)
        names[key] = f"{first} {last}"
    for together in at_home.values():
        for one, other in _pairs(together, wanted):
            if likeness(names[one], names[other]) != Likeness.OTHER:
                found.setdefault((one, other), set()).add("name_and_home")
    others = {key for pair in found for key in pair} - names.keys()
    unknown = Tenant.objects.system("doubles").filter(pk__in=others, merged_into__isnull=True)
    for key, first, last in unknown.values_list("pk", "first_name", "last_name"):
        names[key] = f"{first} {last}"
    return names


def _pairs(keys: Iterable[UUID], wanted: set[UUID]) -> list[Key]:
    """Return the pairs among ``keys`` of which one is ``wanted``, smaller key first."""
    return [
        (one, other)
        for one, other in combinations(sorted(keys), 2)
        if one in wanted or other in wanted
    ]


def kept_first(pair: DoublePair) -> tuple[Tenant, Tenant]:
    """Return the record to keep by default and the other one.

    Kept is who has an account, else whom the rent system knows.
    """
    both = (pair.one, pair.other)
    first, second = sorted(both, key=lambda t: (t.user_id is None, not t.external_ref))
    return first, second
