"""The claims behind a mark: what a figure counts, as far as the reader may see it."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Building, Contractor, Membership, Residence
from portal import windows
from portal.dates import week_day
from portal.numbers import number_of
from requests.claims.models import Claim
from requests.figures import live
from requests.figures.fact_models import Fact
from requests.figures.forms import Choice
from requests.figures.measures import Measure
from requests.figures.queue import WAITS
from requests.kit.choices import State
from requests.work_orders.models import WorkOrder

LIVE = {
    "late": gettext_lazy("Past their promise"),
    "today": gettext_lazy("Promised for today"),
    "new": gettext_lazy("New, nobody took them yet"),
    "due": gettext_lazy("Promised for that day"),
    "orders": gettext_lazy("With an order past its date"),
    "waits-us": gettext_lazy("Tenants wait for us"),
    "waits-tenant": gettext_lazy("We wait for the tenant"),
    "waits-contractor": gettext_lazy("We wait for a visit or works"),
    "waits-word": gettext_lazy("The tenant is asked if it is fixed"),
}
TITLES = {**{measure.value: measure.label for measure in Measure}, **LIVE}


NEWEST = ("-day", "-claim_id")


def measure_of(asked: Mapping[str, str]) -> str:
    """Return which figure the words of the address ask for. Raises Http404 for none of a board."""
    measure = asked.get("measure", Measure.RECEIVED)
    if measure not in TITLES:
        raise Http404
    return measure


def facts(choice: Choice, asked: Mapping[str, str]) -> tuple[QuerySet[Fact], str]:
    """Return the facts that a mark of a period counts, and what narrows them, in words.

    Raises Http404 for a place or a company that is none.
    """
    rows = Fact.objects.filter(
        measure=measure_of(asked), day__gte=choice.span.first, day__lte=choice.span.last
    )
    if choice.units is not None:
        rows = rows.filter(unit__in=choice.units)
    if choice.neighbourhood:
        rows = rows.filter(neighbourhood=choice.neighbourhood)
    if choice.family:
        rows = rows.filter(family=choice.family)
    if choice.channel:
        rows = rows.filter(channel=choice.channel)
    more, words = _narrowed(asked)
    return rows.filter(**more), words


def window(request: HttpRequest, rows: QuerySet[Fact], per_page: int) -> Page:
    """Return the page of keys of claims that ``rows`` count, the latest day first, each once.

    A window (portal/windows.py) of facts, whoever may see their claims: narrow those of the page.
    """
    began = windows.place_of(request, date.fromisoformat, UUID)
    if began:
        rows = windows.after(rows, NEWEST, began)
    found = list(rows.order_by(*NEWEST).values_list("day", "claim_id")[: windows.MOST + 1])
    more = len(found) > windows.MOST
    keys = list(dict.fromkeys(claim for _day, claim in found[: windows.MOST]))
    paginator = windows.Window(
        keys,
        per_page,
        begun=windows.place(*began) if began else "",
        behind=windows.place(*found[windows.MOST - 1]) if more else "",
    )
    return paginator.get_page(request.GET.get("page"))


def _key(asked: Mapping[str, str], name: str) -> int | None:
    given = asked.get(name, "")
    if not given:
        return None
    found = number_of(given)
    if not found:
        raise Http404
    return found


def _narrowed(asked: Mapping[str, str]) -> tuple[dict, str]:
    """Return what narrows facts to a residence, a building, a contractor or a group."""
    found: dict = {}
    words = []
    for name, model in (("residence", Residence), ("building", Building)):
        if (key := _key(asked, name)) is not None:
            place = model.objects.filter(pk=key).first()
            if place is None:
                raise Http404
            found[name] = key
            words.append(str(place))
    if (key := _key(asked, "company")) is not None:
        company = Contractor.objects.filter(pk=key).first()
        if company is None:
            raise Http404
        found["contractor"] = key
        words.append(company.name)
        if trade := asked.get("trade", ""):
            found["trade"] = trade.strip("-")
    if (area := asked.get("neighbourhood")) is not None:
        found["neighbourhood"] = area
        words.append(area or _("no neighbourhood named"))
    if group := asked.get("group", ""):
        helped, _dash, district = group.partition("-")
        found |= {"assisted": helped == "helped", "district": district == "priority"}
        words.append(_("filed with help") if helped == "helped" else _("filed alone"))
        if district == "priority":
            words.append(_("priority district"))
    return found, " · ".join(words)


def open_now(
    membership: Membership, choice: Choice, asked: Mapping[str, str], now: datetime
) -> tuple[QuerySet[Claim], str]:
    """Return the claims that a mark of ``LIVE`` counts, and what narrows them, in words.

    Raises Http404 for a day or a company that is none.
    """
    measure = measure_of(asked)
    rows = live.open_claims(membership, choice)
    if measure == "orders":
        more, words = _narrowed(asked)
        orders = WorkOrder.objects.visible_to(membership).late(now)
        if company := more.get("contractor"):
            orders = orders.filter(contractor=company)
        return rows.filter(pk__in=orders.values("claim")), words
    if measure == "late":
        return rows.filter(promise_at__lt=now), ""
    if measure == "new":
        return rows.filter(state=State.RECEIVED), ""
    if measure.startswith("waits-"):
        return rows.filter(state__in=dict(WAITS)[measure.removeprefix("waits-")]), ""
    day = timezone.localdate(now)
    if measure == "due":
        try:
            day = date.fromisoformat(asked.get("day", ""))
        except ValueError as error:
            raise Http404 from error
    return rows.filter(Q(promise_at__date=day), ~Q(promise_at__lt=now)), week_day(day)
