"""Rank who may be calling: an exact phone number or reference first, each with a grade."""

from dataclasses import dataclass

from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from agencies.access import filter_by_stock
from portal.clock import now
from portal.text import Digits, Plain, digits, words_of
from requests.claims.household import NOT_CONFIDENTIAL
from requests.claims.models import Claim
from requests.dangers.lists import is_danger, order_of_dangers
from requests.kit.choices import OPEN
from tenants.actions import senders
from tenants.contact_strength import Grade
from tenants.models import ContactPoint, Occupancy, Tenant

MOST = 8
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
    home: object = None


def callers(membership, text: str) -> list[Caller]:
    """Return visible people for a phone number, name, reference or address, best first.

    A reference is that of a claim or of the rent system. At most ``MOST`` people.
    """
    tenants = Tenant.objects.visible_to(membership)
    known: dict = {}
    maybe: dict = {}
    number = digits(text)
    compact = "".join(text.split())
    if len(number) == 9:
        # Of somebody who left, an agency does not learn the phone by trying it out.
        here = Tenant.objects.at_home_with(membership)
        points = ContactPoint.objects.of(tenant__in=here).annotate(number=Digits("value"))
        exact = points.filter(kind="phone", number=number, failing=False).values("tenant")
        known |= {t.pk: t for t in here.filter(pk__in=exact)[:MOST]}
        given = (
            Claim.objects.visible_to(membership)
            .annotate(number=Digits("contact_phone"))
            .exclude(contact_phone="")
            .filter(number=number, tenant__isnull=False)
            .values("tenant")
        )
        maybe |= {t.pk: t for t in tenants.filter(pk__in=given)[:MOST]}
    elif text.strip():
        reference = Q(external_ref__iexact=compact)
        if len(compact) == 6:
            claims = Claim.objects.visible_to(membership).filter(reference__iexact=compact)
            reference |= Q(pk__in=claims.values("tenant"))
        known |= {t.pk: t for t in tenants.filter(reference)[:MOST]}
        maybe |= {t.pk: t for t in find_tenants(membership, text)[:MOST]}
        if len(maybe) < MOST and len(words_of(text)) > 1:
            maybe |= {t.pk: t for t in at_address(membership, text)}
    grade = _grade_of(text) if len(number) == 9 else KNOWN
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
    """Return people who live at an address: street and number, then optionally the door."""
    today = timezone.localdate()
    where = Plain(
        Concat(
            "lease__dwelling__staircase__street",
            Value(" "),
            "lease__dwelling__staircase__building__residence__name",
            Value(" "),
            "lease__dwelling__door",
        )
    )
    rows = (
        filter_by_stock(
            Occupancy.objects.system("recognising a caller"),
            membership,
            "lease__dwelling__staircase__building__residence__unit",
        )
        .annotate(where=where)
        .filter(Q(ends__isnull=True) | Q(ends__gte=today))
    )
    for word in words_of(text):
        rows = rows.filter(where__contains=word)
    return [o.tenant for o in rows.select_related("tenant").order_by("pk")[:MOST]]


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


def find_tenants(membership, text: str):
    """Return visible tenants by name (small typing errors allowed), reference or phone."""
    tenants = Tenant.objects.visible_to(membership)
    number = digits(text)
    if len(number) >= 6:
        here = Tenant.objects.at_home_with(membership)
        points = ContactPoint.objects.of(tenant__in=here).annotate(number=Digits("value"))
        points = points.filter(kind="phone", number=number)
        return here.filter(pk__in=points.values("tenant"))
    tenants = tenants.annotate(plain_name=Plain(Concat("first_name", Value(" "), "last_name")))
    found = Q(external_ref__iexact=text.strip())
    by_name = Q()
    for word in words_of(text):
        by_name &= Q(plain_name__contains=word) | Q(plain_name__trigram_word_similar=word)
    return tenants.filter(found | by_name) if text.strip() else tenants.none()
