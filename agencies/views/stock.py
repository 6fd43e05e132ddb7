"""Look at the stock: residences, their buildings and staircases, their dwellings.

Every member of staff sees the places of their scope (``agencies.place_search.Stock``): those of the
unit, all of them where one works for all, a caretaker's own buildings. Nothing about a person is
shown here; what happens at a place is added by the slices above (``agencies.stock_panels``).
"""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agencies import contracts, people
from agencies.http_types import StaffRequest
from agencies.models import Building, Dwelling, Equipment, Residence, Unit
from agencies.place_search import Stock, place_words
from agencies.place_search import staircases as find_staircases
from agencies.stock_panels import StockPage, context_of
from portal import windows
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now

READERS = DESK_ROLES | {Role.CARETAKER}
MOST_DOORS = 200
PER_PAGE = 50


def _search(stock: Stock, words: str) -> QuerySet:
    """Return residences by name or commune, or by address or reference of one of their homes."""
    found = stock.residences()
    if not words:
        return found
    named = found
    for word in words.split()[:6]:
        named = named.filter(
            Q(name__icontains=word) | Q(commune__icontains=word) | Q(postcode__startswith=word)
        )
    doors = find_staircases(stock, place_words(words), MOST_DOORS)
    home = stock.dwellings().filter(natural_key=words)
    return found.filter(
        Q(pk__in=named.values("pk"))
        | Q(pk__in={door.building.residence_id for door in doors})
        | Q(pk__in=home.values("staircase__building__residence"))
    )


def page_of(place, membership, moment) -> dict:
    """Return what every page of a place shows: people responsible, contracts, panels, actions."""
    page = StockPage(place, membership, moment)
    return {
        **context_of(page),
        "people": people.responsible(page.residence, page.moment),
        "contracts": contracts.in_force(
            page.residence,
            page.building,
            page.moment,
            kind=place.kind if isinstance(place, Equipment) else "",
        ),
    }


def _numbers(rows: QuerySet, residence: str) -> dict[int, int]:
    """Return how many ``rows`` each residence has, by its key; ``residence`` leads to it."""
    # Of rows, not of keys: an index on their place answers alone.
    grouped = rows.order_by().values(residence).annotate(number=Count("*"))
    return dict(grouped.values_list(residence, "number"))


def _counted(residences: Iterable[Residence]) -> None:
    """Add ``number_of_buildings`` and ``number_of_dwellings`` to the residences of a page."""
    keys = [residence.pk for residence in residences]
    of_buildings = _numbers(Building.objects.filter(residence__in=keys), "residence")
    homes = Dwelling.objects.filter(staircase__building__residence__in=keys)
    of_homes = _numbers(homes, "staircase__building__residence")
    for residence in residences:
        residence.number_of_buildings = of_buildings.get(residence.pk, 0)
        residence.number_of_dwellings = of_homes.get(residence.pk, 0)


@audience(*READERS)
@require_GET
def browse(request: StaffRequest) -> HttpResponse:
    """Show the residences, by name, with their agency and counts."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    code = request.GET.get("unit", "").replace("\0", "")
    stock = Stock(request.membership)
    any_there = stock.residences().filter(unit=OuterRef("pk"))
    units = list(Unit.objects.filter(Exists(any_there)))
    found = _search(stock, words)
    if code in {unit.code for unit in units}:
        found = found.filter(unit__code=code)
    else:
        code = ""
    found = found.select_related("unit", "sector").order_by("name", "pk")
    page = windows.page(request, found, PER_PAGE)
    # Of the page alone: of all, each residence of the landlord would be counted for each page.
    _counted(page.object_list)
    context = {
        "page_obj": page,
        "q": words,
        "unit": code,
        "units": units,
        "query": urlencode({k: v for k, v in {"q": words, "unit": code}.items() if v}),
        "may_import": request.membership.role == Role.HEAD_OFFICE,
    }
    return render(request, "agencies/browse.html", context)


def _entry(building: Building) -> dict:
    return {
        "building": building,
        "key": str(building.pk),
        "staircases": [],
        "dwellings": 0,
        "equipment": [],
    }


@audience(*READERS)
@require_GET
def residence(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one residence: its facts, its buildings with their staircases, its equipment."""
    stock = Stock(request.membership)
    found = get_object_or_404(stock.residences().select_related("unit", "sector"), pk=pk)
    stairs = (
        stock.staircases()
        .filter(building__residence=found)
        .annotate(number_of_dwellings=Count("dwellings"))
        .order_by("building__code", "building_id", "street", "code")
    )
    buildings: dict[int, dict] = {}
    for staircase in stairs:
        entry = buildings.setdefault(
            staircase.building_id,
            _entry(staircase.building),
        )
        entry["staircases"].append(staircase)
        entry["dwellings"] += staircase.number_of_dwellings
    for building in stock.buildings().filter(residence=found).prefetch_related("equipment"):
        entry = buildings.setdefault(building.pk, _entry(building))
        entry["equipment"] = building.equipment.all()
    context = {
        "residence": found,
        "buildings": list(buildings.values()),
        "dwellings": sum(entry["dwellings"] for entry in buildings.values()),
        **page_of(found, request.membership, now()),
    }
    return render(request, "agencies/residence.html", context)


@audience(*READERS)
@require_GET
def building(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one building: its street doors, its equipment, what happens there."""
    rows = Stock(request.membership).buildings()
    found = get_object_or_404(rows.select_related("residence__unit", "residence__sector"), pk=pk)
    stairs = found.staircases.annotate(number_of_dwellings=Count("dwellings"))
    context = {
        "building": found,
        "residence": found.residence,
        "staircases": stairs.order_by("street", "code"),
        "equipment": found.equipment.select_related("staircase").order_by("kind", "label"),
        **page_of(found, request.membership, now()),
    }
    return render(request, "agencies/building.html", context)


@audience(*READERS)
@require_GET
def staircase(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the dwellings behind one street door."""
    rows = Stock(request.membership).staircases().select_related("building__residence__unit")
    found = get_object_or_404(rows, pk=pk)
    homes = found.dwellings.order_by("floor", "door", "number", "pk")
    context = {
        "staircase": found,
        "page_obj": windows.page(request, homes, PER_PAGE),
        **page_of(found, request.membership, now()),
    }
    return render(request, "agencies/staircase.html", context)


@audience(*READERS)
@require_GET
def dwelling(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what is known of one dwelling, and what it belongs to, but not who lives there."""
    rows = Stock(request.membership).dwellings()
    found = get_object_or_404(
        rows.select_related("staircase__building__residence__unit", "identified_by"), pk=pk
    )
    building = found.staircase.building
    equipment = building.equipment.filter(Q(staircase__isnull=True) | Q(staircase=found.staircase))
    context = {
        "dwelling": found,
        "building": building,
        "equipment": equipment,
        **page_of(found, request.membership, now()),
    }
    return render(request, "agencies/dwelling.html", context)
