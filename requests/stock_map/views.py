"""The map: a drawing that needs neither network nor script, and beside it the same as a list.

Where the landlord has streets, a button lays the residences on them: static/js/street_map.js.
"""

from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from agencies.models import Unit
from portal import windows
from portal.access import DESK_ROLES, audience
from portal.clock import now
from requests.catalogue.models import Family
from requests.stock_map import background, queries
from requests.stock_map.projection import Box, Mark, Spot, draw

PER_PAGE = 30
ONLY = {
    "": _("Every residence"),
    "open": _("Something is open"),
    "late": _("A promise is past"),
    "danger": _("A danger"),
}


def _wanted(spots: list[Spot], only: str) -> list[Spot]:
    return [spot for spot in spots if getattr(spot, only) > 0] if only else spots


def _title(mark: Mark) -> str:
    """Return what a mark stands for, and how much is open there."""
    number = len(mark.spots)
    several = ngettext("%(n)s residence", "%(n)s residences", number) % {"n": number}
    name = mark.spots[0].name if number == 1 else several
    return f"{name}{gettext(':')} {mark.open} {pgettext('requests', 'open')}"


def _asked(request: StaffRequest, units: list[Unit], families: list[Family]) -> dict[str, str]:
    """Return what the address asks for, without what does not exist."""
    known = {
        "unit": {row.code for row in units},
        "family": {row.code for row in families},
        "only": set(ONLY),
    }
    asked = {name: request.GET.get(name, "") for name in known}
    return {name: value if value in known[name] else "" for name, value in asked.items()}


def _spots(request: StaffRequest, asked: dict[str, str]) -> tuple[list[Spot], list[Spot]]:
    placed, lost = queries.spots(
        request.membership, now=now(), unit=asked["unit"], family=asked["family"]
    )
    return _wanted(placed, asked["only"]), _wanted(lost, asked["only"])


@audience(*DESK_ROLES)
@require_GET
def places(request: StaffRequest) -> HttpResponse:
    """Return the residences that have a place, as GeoJSON, of the same choice as the page's."""
    units = queries.units(request.membership)
    asked = _asked(request, units, list(Family.objects.order_by("position")))
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [spot.longitude, spot.latitude]},
            "properties": {
                "pk": spot.pk,
                "name": spot.name,
                "open": spot.open,
                "late": spot.late,
                "danger": spot.danger,
                "href": reverse("stock:residence", args=[spot.pk]),
            },
        }
        for spot in _spots(request, asked)[0]
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@audience(*DESK_ROLES)
@require_GET
def show(request: StaffRequest) -> HttpResponse:
    """Draw the residences of the reader's stock with what is open, and list those that are drawn.

    The address says all: unit, family, what only, and the box that is looked at closer.
    """
    units = queries.units(request.membership)
    families = list(Family.objects.order_by("position"))
    asked = _asked(request, units, families)
    placed, lost = _spots(request, asked)
    whole = Box.around([(s.latitude, s.longitude) for s in placed]) if placed else None
    closer = Box.parse(request.GET.get("box", ""))
    box = closer or whole
    view = draw(placed, box) if box else None
    seen = [s for s in placed if box and box.holds(s.latitude, s.longitude)]
    seen.sort(key=lambda spot: (-spot.danger, -spot.late, -spot.open, spot.name))
    if not closer:
        seen += lost
    chosen = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "view": view,
        "marks": [(mark, _title(mark)) for mark in view.marks] if view else [],
        "page_obj": windows.page_of_list(request, seen, PER_PAGE),
        "query": f"{chosen}&box={box}".strip("&") if closer else chosen,
        "chosen": chosen,
        "closer": closer,
        "lost": len(lost),
        "number": len(seen),
        "open": sum(spot.open for spot in seen),
        "late": sum(spot.late for spot in seen),
        "units": units,
        "families": families,
        "only": ONLY.items(),
        "asked": asked,
        "streets": None,
    }
    streets = background.current()
    if streets is None or not placed:
        return render(request, "requests/stock_map/map.html", context)
    address = reverse("stock_map_places")
    where = f"{address}?{chosen}" if chosen else address
    told = background.for_script(streets, where)
    told["box"] = [box.west, box.south, box.east, box.north] if box else None
    told["list"] = f"{reverse('stock_map')}?{chosen}&box=" if chosen else "?box="
    context["streets"] = told
    response = render(request, "requests/stock_map/map.html", context)
    return background.allow(response, streets)
