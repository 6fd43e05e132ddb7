"""Look at the stock: residences, their buildings and staircases, their dwellings.

Nothing about a person is shown here, so that every agency sees the whole landlord's stock.
"""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from agencies.models import Dwelling, Residence, Staircase, Unit
from portal.access import Role, audience

READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
PER_PAGE = 50


def _search(words: str) -> QuerySet:
    """Return residences by name or commune, or by address or reference of one of their homes."""
    found = Residence.objects.all()
    for word in words.split()[:6]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(commune__icontains=word)
            | Q(postcode__startswith=word)
            | Q(
                pk__in=Staircase.objects.filter(street__icontains=word).values(
                    "building__residence"
                )
            )
            | Q(
                pk__in=Dwelling.objects.filter(natural_key=word).values(
                    "staircase__building__residence"
                )
            )
        )
    return found


def _dwellings_of(path: str):
    """Return a subquery that counts dwellings; joins would multiply them."""
    rows = Dwelling.objects.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


@audience(*READERS)
@require_GET
def browse(request: StaffRequest) -> HttpResponse:
    """Show the residences, by name, with their agency and counts."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    code = request.GET.get("unit", "").replace("\0", "")
    units = list(Unit.objects.filter(residences__isnull=False).distinct())
    found = _search(words)
    if code in {unit.code for unit in units}:
        found = found.filter(unit__code=code)
    else:
        code = ""
    found = (
        found.select_related("unit", "sector")
        .annotate(
            number_of_buildings=Count("buildings"),
            number_of_dwellings=_dwellings_of("staircase__building__residence"),
        )
        .order_by("name", "pk")
    )
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "q": words,
        "unit": code,
        "units": units,
        "query": urlencode({k: v for k, v in {"q": words, "unit": code}.items() if v}),
        "may_import": request.membership.role == Role.HEAD_OFFICE,
    }
    return render(request, "agencies/browse.html", context)


@audience(*READERS)
@require_GET
def residence(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one residence: its facts, its buildings with their staircases, its equipment."""
    found = get_object_or_404(Residence.objects.select_related("unit", "sector"), pk=pk)
    stairs = (
        Staircase.objects.filter(building__residence=found)
        .select_related("building")
        .annotate(number_of_dwellings=Count("dwellings"))
        .order_by("building__code", "building_id", "street", "code")
    )
    buildings: dict[int, dict] = {}
    for staircase in stairs:
        entry = buildings.setdefault(
            staircase.building_id,
            {"building": staircase.building, "staircases": [], "dwellings": 0, "equipment": []},
        )
        entry["staircases"].append(staircase)
        entry["dwellings"] += staircase.number_of_dwellings
    for building in found.buildings.prefetch_related("equipment__staircase"):
        entry = buildings.setdefault(
            building.pk, {"building": building, "staircases": [], "dwellings": 0, "equipment": []}
        )
        entry["equipment"] = building.equipment.all()
    context = {
        "residence": found,
        "buildings": list(buildings.values()),
        "dwellings": sum(entry["dwellings"] for entry in buildings.values()),
    }
    return render(request, "agencies/residence.html", context)


@audience(*READERS)
@require_GET
def staircase(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the dwellings behind one street door."""
    found = get_object_or_404(Staircase.objects.select_related("building__residence__unit"), pk=pk)
    homes = found.dwellings.order_by("floor", "door", "number", "pk")
    context = {
        "staircase": found,
        "page_obj": Paginator(homes, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "agencies/staircase.html", context)


@audience(*READERS)
@require_GET
def dwelling(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what is known of one dwelling, and what it belongs to, but not who lives there."""
    found = get_object_or_404(
        Dwelling.objects.select_related("staircase__building__residence__unit"), pk=pk
    )
    building = found.staircase.building
    equipment = building.equipment.filter(Q(staircase__isnull=True) | Q(staircase=found.staircase))
    return render(
        request,
        "agencies/dwelling.html",
        {"dwelling": found, "building": building, "equipment": equipment},
    )
