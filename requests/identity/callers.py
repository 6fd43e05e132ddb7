"""Rank who may be calling: an exact phone number or reference first, each with a grade."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies import place_search as places
from agencies.access import filter_by_stock
from agencies.models import Dwelling
from portal.clock import now
from portal.text import Digits, words_of
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.claims.search import of_reference
from requests.dangers.lists import is_danger, order_of_dangers
from requests.kit.choices import OPEN
from tenants import person_search
from tenants.actions import senders
from tenants.contact_strength import Grade
from tenants.models import Occupancy, Tenant

MOST, MANY = 8, 50
# What is known of a number: proved, of their record, of people of one home, of several homes.
KNOWN, MAYBE, PROBABLY, HOME, SHARED = "known", "maybe", "probably", "home", "shared"
SINGLE = frozenset({KNOWN, PROBABLY})


@dataclass
class Caller:
    """One candidate. Grade KNOWN: the reference is theirs, or the number and somebody proved it.

    PROBABLY: their record has the number, and no other. HOME and SHARED: others have it too, of
    the same home or of other homes; whoever answers asks who it is.
    """

    tenant: Tenant
    grade: str
    home: Dwelling | None = None


def callers(membership, text: str) -> list[Caller]:
    """Return visible people for a phone number, name, reference or address, best first.

    A reference is that of a claim or of the rent system. At most ``MOST`` people.
    """
    tenants = Tenant.objects.visible_to(membership)
    known: dict = {}
    maybe: dict = {}
    number = person_search.phone_of(text)
    if number:
        known |= {t.pk: t for t in person_search.by_phone(membership, number, MOST)}
        given = (
            Claim.objects.visible_to(membership)
            .annotate(number=Digits("contact_phone"))
            .exclude(contact_phone="")
            .filter(number=number, tenant__isnull=False)
        )
        keys = list(given.values_list("tenant", flat=True)[:50])
        maybe |= {t.pk: t for t in tenants.filter(pk__in=keys)[:MOST]} if keys else {}
    elif text.strip():
        known |= {t.pk: t for t in person_search.by_reference(tenants, text)[:MOST]}
        claims = of_reference(Claim.objects.visible_to(membership), text)
        authors = list(claims.filter(tenant__isnull=False).values_list("tenant", flat=True))
        known |= {t.pk: t for t in tenants.filter(pk__in=authors)} if authors else {}
        if not known:
            maybe |= {t.pk: t for t in _by_words(tenants, membership, text)[:MOST]}
            if len(maybe) < MOST and len(words_of(text)) > 1:
                maybe |= {t.pk: t for t in at_address(membership, text)}
    grade = _grade_of(text) if number else KNOWN
    found = [Caller(t, grade) for t in known.values()]
    found += [Caller(t, MAYBE) for pk, t in maybe.items() if pk not in known]
    found = found[:MOST]
    homes = homes_of([caller.tenant.pk for caller in found], membership)
    for caller in found:
        caller.home = homes.get(caller.tenant.pk)
    return found


def _grade_of(number: str) -> str:
    """Return what is known of a number: of all who have it, seen by the member or not."""
    sender = senders.find(number, now())
    if sender.grade == Grade.SHARED:
        return SHARED
    if len(sender.people) > 1:
        return HOME
    return KNOWN if sender.grade == Grade.SURE else PROBABLY


def at_address(membership, text: str) -> list[Tenant]:
    """Return people who live at an address: street and number, then optionally the door.

    « 33 bd des Bateliers » finds « 33 boulevard des Bateliers ». Records that were merged into
    another are left out: the kept one stands for them.
    """
    today = timezone.localdate()
    found = places.find(places.Stock(membership), text, MOST)
    rows = filter_by_stock(
        Occupancy.objects.system("recognising a caller"),
        membership,
        "lease__dwelling__staircase__building__residence__unit",
    ).in_force(today)
    if found.dwellings:
        rows = rows.filter(lease__dwelling__in=found.dwellings)
    elif found.staircases:
        rows = rows.filter(lease__dwelling__staircase__in=found.staircases)
    else:
        return []
    rows = rows.filter(tenant__merged_into__isnull=True).select_related("tenant")
    return [stay.tenant for stay in rows.order_by("-capacity", "pk")[:MOST]]


def homes_of(tenants: list, membership) -> dict:
    """Return the present home of each tenant: {tenant key: dwelling}, the newest of several.

    Only homes that the member sees: an agency does not learn where somebody moved.
    """
    today = timezone.localdate()
    rows = (
        Occupancy.objects.seen_by(membership)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today), tenant__in=tenants)
        .select_related("lease__dwelling__staircase__building__residence__unit")
        .order_by("starts")
    )
    return {o.tenant_id: o.lease.dwelling for o in rows}


def open_claims(membership, tenant, dwelling) -> list[Claim]:
    """Return the open claims of the caller and of their home, at most six, dangers first."""
    mine = Q(tenant=tenant)
    if dwelling is not None:
        mine |= Q(dwelling=dwelling, **NOT_CONFIDENTIAL)
    found = list(
        Claim.objects.visible_to(membership)
        .filter(mine, state__in=OPEN)
        .select_related("category", "owner__unit")
        .order_by(order_of_dangers(), "promise_at")[:6]
    )
    for claim in found:
        claim.in_danger = is_danger(claim)
    return found


def shared_claims(membership, dwelling, besides: list[Claim]) -> list[Claim]:
    """Return open faults of the caller's building that neighbours may report too."""
    if dwelling is None:
        return []
    return list(
        Claim.objects.visible_to(membership)
        .filter(building=dwelling.staircase.building_id, category__collective=True, state__in=OPEN)
        .filter(Q(staircase__isnull=True) | Q(staircase=dwelling.staircase_id))
        .exclude(pk__in=[claim.pk for claim in besides])
        .select_related("category")
        .order_by("-filed_at")[:4]
    )


def find_tenants(membership, text: str) -> list[Tenant]:
    """Return visible tenants by name (with slips), e-mail, reference or phone: ``MANY`` at most."""
    if number := person_search.phone_of(text):
        return person_search.by_phone(membership, number, MANY)
    tenants = Tenant.objects.visible_to(membership)
    if found := list(person_search.by_reference(tenants, text)[:MANY]):
        return found
    return _by_words(tenants, membership, text)


def _by_words(tenants: QuerySet[Tenant], membership, text: str) -> list[Tenant]:
    """Return those of ``tenants`` with this name, or at home with this e-mail address."""
    if "@" in text:
        return person_search.by_mail(membership, text, MANY)
    return person_search.by_name(tenants, text, MANY)[0]
