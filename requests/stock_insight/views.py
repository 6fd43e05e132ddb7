"""Pages of stock insight: equipment to look at, faults that come back, noise or change."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_GET

from agencies.access import EVERYWHERE
from agencies.http_types import StaffRequest
from portal import windows
from portal.access import DESK_ROLES, audience
from portal.clock import now
from portal.export import csv_file
from portal.punctuation import percent, with_colon
from requests.catalogue.models import Family
from requests.inspections.stock_actions import address_of
from requests.planned_works.models import PlannedWorks
from requests.stock_insight import drawings, early_warning, places
from requests.stock_insight.models import EquipmentWarning, WarningList

PER_PAGE = 25
ROWS = 50
LEVELS = {
    "building": gettext_lazy("Buildings"),
    "staircase": gettext_lazy("Street doors (risers)"),
    "equipment": gettext_lazy("Equipment"),
}
VERDICTS = {
    "change": gettext_lazy("More than chance would have it"),
    "watch": gettext_lazy("At the edge of chance"),
    "noise": gettext_lazy("Chance can explain it"),
}
PAGE_OF = {
    "building": "stock:building",
    "staircase": "stock:staircase",
    "equipment": "equipment:log",
}


def _works_by_residence(membership, residences: list[int], moment) -> dict[int, list]:
    found: dict[int, list] = {}
    rows = PlannedWorks.objects.visible_to(membership).ahead(moment)
    for works in rows.filter(residence__in=residences).order_by("starts"):
        found.setdefault(works.residence_id, []).append(works)
    return found


@audience(*DESK_ROLES)
@require_GET
def watch(request: StaffRequest) -> HttpResponse:
    """List the equipment likely to fail within a month, why, and how sure the list is."""
    member, moment = request.membership, now()
    last = WarningList.objects.order_by("-made_at").first()
    rows = EquipmentWarning.objects.filter(list=last).select_related(
        "equipment__building__residence", "equipment__staircase"
    )
    if member.role not in EVERYWHERE:
        rows = rows.filter(equipment__building__residence__unit=member.unit_id)
    page = windows.page(request, rows, PER_PAGE)
    works = _works_by_residence(
        member, [row.equipment.building.residence_id for row in page], moment
    )
    lines = [
        {
            "equipment": row.equipment,
            "reasons": early_warning.reasons(row),
            "works": works.get(row.equipment.building.residence_id, []),
            "inspect": address_of("equipment", row.equipment_id, why=_told(row)),
        }
        for row in page
    ]
    context: dict[str, Any] = {
        "list": last,
        "lines": lines,
        "page_obj": page,
        "tab": "watch",
    }
    if last and last.listed:
        context["rates"] = [
            _rate(_("this list"), last.hits, last.listed),
            _rate(_("most faults last year"), last.naive_hits, last.listed),
        ]
        context["base"] = percent(round(100 * (last.base or 0)))
    return render(request, "requests/stock_insight/watch.html", context)


def _told(row: EquipmentWarning) -> str:
    """Return the reasons as the company reads them in the order: in the landlord's language."""
    with override(settings.LANGUAGE_CODE):
        return ", ".join(map(str, early_warning.reasons(row)))


def _rate(name: str, number: int | None, total: int) -> str:
    """Return how often a list was right: « this list: 8 % (10 / 120) »."""
    rate = percent(round(100 * (number or 0) / total))
    return with_colon(name, f"{rate} ({number or 0} / {total})")


def _asked(request: StaffRequest) -> tuple[str, str, list[Family]]:
    """Return the level and family that are asked for, and the families to choose from."""
    families = list(Family.objects.filter(categories__urgency__startswith="U").distinct())
    families.sort(key=lambda family: family.position)
    family = request.GET.get("family", "")
    level = request.GET.get("level", "building")
    return (
        level if level in LEVELS else "building",
        family if family in {row.code for row in families} else "",
        families,
    )


@audience(*DESK_ROLES)
@require_GET
def repeats(request: StaffRequest) -> HttpResponse:
    """List what comes back, by place, and whether chance explains it."""
    level, family, families = _asked(request)
    moment = now()
    found = places.repeats(request.membership, level, now=moment, family=family)
    page = windows.page_of_list(request, found, ROWS)
    works = _works_by_residence(request.membership, [row.residence.pk for row in page], moment)
    lines = [
        {
            "row": row,
            "url": reverse(PAGE_OF[row.kind], args=[row.place.pk]),
            "said": VERDICTS[row.verdict],
            "works": works.get(row.residence.pk, []),
            "inspect": address_of(row.kind, row.place.pk),
        }
        for row in page
    ]
    context = {
        "lines": lines,
        "page_obj": page,
        "level": level,
        "levels": LEVELS.items(),
        "family": family,
        "families": families,
        "query": urlencode({"level": level, "family": family}),
        "tab": "repeats",
    }
    return render(request, "requests/stock_insight/repeats.html", context)


@audience(*DESK_ROLES)
@require_GET
def repeats_csv(request: StaffRequest) -> HttpResponse:
    """Return what comes back as CSV."""
    level, family, _families = _asked(request)
    heads = [
        _("Residence"),
        _("Place"),
        _("Family"),
        _("Faults in a year"),
        _("Expected by size"),
        _("Noise or change"),
        _("Last"),
    ]
    body = [
        [
            row.residence.name,
            str(row.place),
            row.what,
            row.count,
            round(row.expected, 1),
            str(VERDICTS[row.verdict]),
            row.last.date().isoformat(),
        ]
        for row in places.repeats(request.membership, level, now=now(), family=family)
    ]
    return csv_file(f"palier-repeats-{level}", [heads, *body])


@audience(*DESK_ROLES)
@require_GET
def limits(request: StaffRequest) -> HttpResponse:
    """Draw the months (u chart) and the residences (funnel) with the limits of chance."""
    _level, family, families = _asked(request)
    moment = now()
    spots, rate, spread = places.funnel(request.membership, now=moment, family=family)
    chart = places.months(request.membership, now=moment, family=family)
    outside = [spot for spot in spots if spot.verdict == "change"]
    context = {
        "family": family,
        "families": families,
        "funnel": drawings.funnel(spots, rate, spread),
        "spots": [(spot, VERDICTS[spot.verdict]) for spot in spots if spot.count],
        "outside": sorted(outside, key=lambda spot: -spot.rate),
        "rate": round(100 * rate, 1),
        "spread": round(spread, 1),
        "months": drawings.u_chart(chart),
        "chart": chart,
        "signals": [point for point in chart.points if point.signal],
        "tab": "limits",
    }
    return render(request, "requests/stock_insight/limits.html", context)
