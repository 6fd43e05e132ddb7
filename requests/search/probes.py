"""One look per kind of thing, each limited and narrowed to what the reader may see.

A look returns its rows as ``Hit``; what the reader may not see is neither shown nor counted. To
add a kind, write a function and name it in ``PROBES``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agencies import place_search as places
from agencies.models import Contractor, Dwelling, Membership
from portal.access import DESK_ROLES, Role
from portal.text import PlainWords, search_words
from requests.claims import search as claims_search
from requests.claims.models import Claim
from requests.dangers.lists import is_danger
from requests.equipment import log as equipment_log
from requests.identity.callers import homes_of
from requests.kit.choices import OPEN
from requests.labels import queries as labels
from requests.labels.models import Label
from requests.search import pages
from requests.work_orders.models import WorkOrder
from tenants import person_search as people
from tenants.models import Tenant

MOST_TYPED = 120  # characters


@dataclass(frozen=True)
class Hit:
    """One line: what it is, what tells it from its like, and where it leads."""

    title: str
    url: str
    detail: str = ""
    state: str = ""
    state_label: str = ""
    danger: bool = False


@dataclass(frozen=True)
class Group:
    """What one look found; ``more``: there are others; ``near``: only with a slip."""

    name: str
    label: str
    hits: list[Hit]
    more: bool = False
    near: bool = False
    everything: str = ""  # the page that lists all of them

    @property
    def count(self) -> str:
        """Return how many were found: « 12 », « 50+ » when there are others."""
        return f"{len(self.hits)}+" if self.more else str(len(self.hits))


@dataclass
class Asked:
    """What was typed, by whom; ``entries`` are the pages of their menu."""

    text: str
    membership: Membership
    now: datetime
    entries: list[dict]
    most: int

    @property
    def role(self) -> str:
        return self.membership.role

    @property
    def desk(self) -> bool:
        return self.role in DESK_ROLES

    @cached_property
    def number(self) -> str:
        """Return the last digits of the phone number that was typed; "" for anything else."""
        return people.phone_of(self.text)

    @cached_property
    def stock(self) -> places.Stock:
        return places.Stock(self.membership)

    @cached_property
    def claims(self) -> QuerySet[Claim]:
        """Return the claims that the reader may see; a caretaker's tell nothing of a household."""
        if self.role == Role.CARETAKER:
            return Claim.objects.for_caretaker(self.membership)
        return Claim.objects.visible_to(self.membership)


Found = tuple[list[Hit], bool]  # one more than is shown says that there are others; near


def _people(asked: Asked) -> Found:
    if not asked.desk:
        return [], False
    most, member, near = asked.most + 1, asked.membership, False
    if asked.number:
        rows = people.by_phone(member, asked.number, most)
    elif "@" in asked.text:
        rows = people.by_mail(member, asked.text, most)
    else:
        visible = Tenant.objects.visible_to(member)
        rows = list(people.by_reference(visible, asked.text)[:1])
        if not rows:
            rows, near = people.by_name(visible, asked.text, most)
    homes = homes_of([row.pk for row in rows], member) if rows else {}
    return [_person(row, homes.get(row.pk), asked.role) for row in rows], near


def _person(person: Tenant, home: Dwelling | None, role: str) -> Hit:
    where = f"{home}, {home.staircase.building.residence}" if home else _("no home known")
    url = reverse("agency:tenant", args=[person.pk])
    if role == Role.CALL_TAKER:
        url = f"{reverse('calls:desk')}?who={person.pk}"
    return Hit(str(person), url, where)


def claim_hit(claim: Claim, role: str) -> Hit:
    """Return the line of a claim; a caretaker reads the fault and the place, never a name."""
    place = str(claim.dwelling or claim.staircase or claim.residence or claim.place_note or "")
    reference = claim.spoken_reference
    if role == Role.CARETAKER:
        url = f"{reverse('round:home')}?at={claim.building_id}"
        parts = [place, reference]
    else:
        url = reverse("agency:claim", args=[claim.pk])
        parts = [str(claim.tenant or claim.contact_name), place, reference]
    detail = " · ".join(part for part in parts if part)
    return Hit(
        str(claim.category), url, detail, claim.state, claim.staff_label, danger=is_danger(claim)
    )


WITH = ("category", "tenant", "dwelling__staircase", "staircase", "residence")


def _claims(asked: Asked) -> Found:
    rows, near = claims_search.newest(
        asked.claims.select_related(*WITH), asked.text, most=asked.most + 1, now=asked.now
    )
    return [claim_hit(row, asked.role) for row in rows], near


def _places(asked: Asked) -> Found:
    if asked.number:
        return [], False
    most = asked.most + 1
    found = places.find(asked.stock, asked.text, most)
    hits = [
        Hit(row.name, reverse("stock:residence", args=[row.pk]), f"{row.postcode} {row.commune}")
        for row in found.residences
    ]
    for building in found.buildings:
        title = _("Building %(code)s") % {"code": building.code}
        url = reverse("stock:building", args=[building.pk])
        hits.append(Hit(f"{building.residence}, {title}", url, building.residence.commune))
    for home in found.dwellings:
        url = reverse("stock:dwelling", args=[home.pk])
        hits.append(Hit(str(home), url, str(home.staircase.building.residence)))
    for stairs in found.staircases:
        url = reverse("stock:staircase", args=[stairs.pk])
        hits.append(Hit(stairs.street, url, str(stairs.building.residence)))
    return hits[:most], found.near


def _equipment(asked: Asked) -> Found:
    if asked.number:
        return [], False
    rows = equipment_log.visible_to(asked.membership)
    found = places.find_equipment(rows, asked.text, asked.most + 1)
    return [
        Hit(
            row.label,
            reverse("equipment:log", args=[row.pk]),
            f"{row.get_kind_display()} · {row.staircase or row.building}",
        )
        for row in found
    ], False


def _orders(asked: Asked) -> Found:
    """Find orders by their number, and the open ones of a company."""
    if asked.number or not asked.desk:
        return [], False
    visible = WorkOrder.objects.visible_to(asked.membership).select_related(
        "claim__category", "contractor"
    )
    reference, _dash, number = "".join(asked.text.split()).rpartition("-")
    of_claim = claims_search.of_reference(asked.claims, reference or asked.text)
    keys = list(of_claim.values_list("pk", flat=True))
    if keys:
        rows = visible.filter(claim__in=keys)
        if reference and number.isdecimal():
            rows = rows.filter(number=int(number[:4]))
        return [_order(row) for row in rows.order_by("number")[: asked.most + 1]], False
    words = search_words(asked.text)
    if len("".join(words)) < 3:
        return [], False
    companies = Contractor.objects.annotate(plain=PlainWords("name"))
    for word in words:
        companies = companies.filter(plain__contains=word)
    named = list(companies.values_list("pk", flat=True)[:20])
    if not named:
        return [], False
    rows = visible.filter(contractor__in=named, ended_at__isnull=True)
    return [_order(row) for row in rows.order_by("-created_at")[: asked.most + 1]], False


def _order(order: WorkOrder) -> Hit:
    url = reverse("work_order", args=[order.pk])
    detail = f"{order.contractor} · {order.title}"
    title = _("Order %(ref)s") % {"ref": str(order)}
    return Hit(title, url, detail, "", str(order.get_state_display()))


def _labels(asked: Asked) -> Found:
    """Find labels by their words, each with how many open requests of the reader's bear it."""
    if asked.number or not asked.desk:
        return [], False
    found = [label for label in Label.objects.all() if labels.said(asked.text, str(label))]
    if not found:
        return [], False
    numbers = dict(
        asked.claims.filter(state__in=OPEN, labelled__label__in=found)
        .order_by()
        .values_list("labelled__label")
        .annotate(number=Count("pk"))
    )
    url = reverse("agency:inbox")
    return [
        Hit(
            str(label),
            f"{url}?view=all&label={label.pk}",
            ngettext("%(n)s open request", "%(n)s open requests", number) % {"n": number},
        )
        for label in found
        for number in [numbers.get(label.pk, 0)]
    ], False


def _pages(asked: Asked) -> Found:
    found = pages.find(asked.entries, asked.role, asked.text)
    return [Hit(label, url, detail) for label, url, detail in found], False


PROBES: tuple[tuple[str, Any, Callable[[Asked], Found]], ...] = (
    ("people", gettext_lazy("People"), _people),
    ("claims", gettext_lazy("Requests"), _claims),
    ("places", gettext_lazy("Places"), _places),
    ("equipment", gettext_lazy("Equipment"), _equipment),
    ("orders", gettext_lazy("Work orders"), _orders),
    ("labels", gettext_lazy("Labels"), _labels),
    ("pages", gettext_lazy("Pages and actions"), _pages),
)


def run(asked: Asked) -> list[Group]:
    """Return the groups that found something; exact ones first, and near ones only without any.

    A name with a slip is no result beside what was found exactly.
    """
    groups = []
    for name, label, probe in PROBES:
        hits, near = probe(asked)
        if hits:
            shown = hits[: asked.most]
            groups.append(Group(name, str(label), shown, len(hits) > asked.most, near))
    exact = [group for group in groups if not group.near]
    return exact or groups


def recent(member: Membership, rows: Iterable) -> list[Hit]:
    """Return what the reader opened last, of the openings ``rows``, that they may still see."""
    opened = list(rows)
    claims = Claim.objects.visible_to(member).select_related(*WITH)
    by_claim = claims.in_bulk([row.claim_id for row in opened if row.claim_id])
    wanted = [row.tenant_id for row in opened if not row.claim_id]
    persons = Tenant.objects.visible_to(member).in_bulk(wanted) if wanted else {}
    homes = homes_of(list(persons), member) if persons else {}
    hits: dict[str, Hit] = {}
    for row in opened:
        hit = None
        if row.claim_id in by_claim:
            hit = claim_hit(by_claim[row.claim_id], member.role)
        elif not row.claim_id and row.tenant_id in persons:
            hit = _person(persons[row.tenant_id], homes.get(row.tenant_id), member.role)
        if hit:
            hits.setdefault(hit.url, hit)
    return list(hits.values())
