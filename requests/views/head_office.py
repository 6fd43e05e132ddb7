"""Figures per unit for head office and agency managers, and the claims behind them."""

from datetime import timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from agencies.models import Unit
from portal.access import Role, audience
from portal.clock import now
from portal.export import write_csv
from requests.figures.overview import claims_of, conditions, sparkline
from requests.figures.overview import overview as figures_of
from requests.models import Family

PERIODS = {30: _("30 days"), 90: _("90 days"), 365: _("12 months")}
COLUMNS = {
    "received": _("Received"),
    "open": _("Open"),
    "late": _("Late"),
    "closed": _("Closed"),
    "reopened": _("Reopened"),
}
TITLES = {
    **COLUMNS,
    "fixed": _("Said fixed by the tenant"),
    "answered": _("With the tenant's answer"),
}
READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
PER_PAGE = 50


def _filters(request: HttpRequest) -> dict:
    """Period and family as chosen; anything unknown means the default."""
    given = request.GET.get("days", "")
    days = int(given) if given in {str(n) for n in PERIODS} else 90
    families = list(Family.objects.all())
    family = request.GET.get("family", "")
    if family not in {f.code for f in families}:
        family = ""
    return {"days": days, "family": family, "families": families}


def _rows(request: HttpRequest, chosen: dict) -> list:
    return figures_of(
        membership=request.membership, now=now(), days=chosen["days"], family=chosen["family"]
    )


def _link(row, figure: str, chosen: dict) -> str:
    query = {"unit": row.unit.code if row.unit else "none", "figure": figure}
    query |= {"days": chosen["days"], "family": chosen["family"]}
    return reverse("head_office:claims") + "?" + urlencode({k: v for k, v in query.items() if v})


@audience(*READERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where must we help? A sentence, then a row per unit."""
    chosen = _filters(request)
    rows = _rows(request, chosen)
    table = [
        {
            "row": row,
            "cells": [
                {"value": row.counts[name], "url": _link(row, name, chosen)} for name in COLUMNS
            ],
            "fixed_url": _link(row, "answered", chosen),
            "median_url": _link(row, "closed", chosen),
            "received_url": _link(row, "received", chosen),
            "spark": sparkline(row.months),
            "last_month": row.months[-1],
        }
        for row in rows
    ]
    late = [
        {"row": r, "number": r.counts["late"], "url": _link(r, "late", chosen)}
        for r in rows
        if r.counts["late"]
    ]
    return render(
        request,
        "requests/head_office/overview.html",
        {
            **chosen,
            "table": table,
            "late": late,
            "columns": COLUMNS.values(),
            "periods": PERIODS.items(),
            "period": PERIODS[chosen["days"]],
            "query": urlencode({"days": chosen["days"], "family": chosen["family"]}),
        },
    )


@audience(*READERS)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """The claims one figure counts."""
    chosen = _filters(request)
    figure = request.GET.get("figure", "received")
    if figure not in TITLES:
        raise Http404
    moment = now()
    start = moment - timedelta(days=chosen["days"])
    found = claims_of(request.membership, chosen["family"]).filter(
        conditions(start, moment)[figure]
    )
    code = request.GET.get("unit", "").replace("\0", "")
    unit = None
    if code == "none":
        found = found.filter(counts_for__isnull=True)
    elif code:
        unit = Unit.objects.filter(code=code).first()
        if unit is None:
            raise Http404
        found = found.filter(counts_for=unit.pk)
    found = found.select_related("category", "residence", "owner__unit").order_by(
        F("promise_at").asc(nulls_last=True), "filed_at", "pk"
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    kept = {"unit": code, "figure": figure, "days": chosen["days"], "family": chosen["family"]}
    return render(
        request,
        "requests/head_office/claims.html",
        {
            "page_obj": page,
            "title": TITLES[figure],
            "unit": unit,
            "unknown": code == "none",
            "period": PERIODS[chosen["days"]],
            "query": urlencode({k: v for k, v in kept.items() if v}),
            "back": urlencode({"days": chosen["days"], "family": chosen["family"]}),
            "now_only": figure in {"open", "late"},
        },
    )


def _cell(value) -> str:
    return "<10" if value is None else str(value)


@audience(*READERS)
@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same table for a spreadsheet; semicolons and a byte-order mark, as Excel expects here."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="palier-figures.csv"'
    heads = [_("Unit"), *COLUMNS.values(), _("Said fixed, %"), _("Median days to the end")]
    rows = [
        [row.unit.name if row.unit else _now("Place not known yet")]
        + [_cell(v) for v in (*row.counts.values(), row.said_fixed, row.median_days)]
        for row in _rows(request, _filters(request))
    ]
    write_csv(response, [heads, *rows])
    return response
