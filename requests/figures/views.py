"""Show figures per unit to head office and agency managers, and the claims they count."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from agencies.models import Unit
from portal import opened
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.catalogue.models import Family
from requests.figures import actions
from requests.figures.forms import AnnotationForm, FiguresForm, today
from requests.figures.models import Annotation
from requests.figures.overview import counted_claims, sparkline
from requests.figures.overview import overview as figures_of
from requests.kit.choices import Channel

Figure = Annotation.Figure
COLUMNS = {
    "received": Figure.RECEIVED.label,
    "open": Figure.OPEN.label,
    "late": Figure.LATE.label,
    "broken": Figure.BROKEN.label,
    "closed": Figure.CLOSED.label,
    "reopened": Figure.REOPENED.label,
}
TITLES = {
    **COLUMNS,
    "asked": _("Asked whether it is fixed"),
    "answered": _("With the tenant’s answer"),
    "fixed": _("Said fixed by the tenant"),
}
READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
PER_PAGE = 50


def _filters(request: HttpRequest) -> dict:
    """Return the chosen period and family, with their form."""
    moment = now()
    families = list(Family.objects.all())
    form = FiguresForm(
        request.GET if set(request.GET) & set(FiguresForm.base_fields) else None,
        families=families,
        today=today(moment),
    )
    chosen = form.chosen(moment)
    if not form.is_bound:
        form.initial = {"days": chosen["query"]["days"]}
    return {**chosen, "filters": form, "now": moment}


def _rows(request: HttpRequest, chosen: dict) -> list:
    return figures_of(
        membership=request.membership,
        now=chosen["now"],
        period=chosen["period"],
        family=chosen["family"],
    )


def _link(row, figure: str, chosen: dict, **more: str) -> str:
    query = {"unit": row.unit.code if row.unit else "none", "figure": figure, **chosen["query"]}
    return reverse("head_office:claims") + "?" + urlencode(query | more)


def _line(row, chosen: dict) -> dict:
    """Return one row of the table with the links of its figures."""
    return {
        "row": row,
        "cells": [{"value": row.counts[name], "url": _link(row, name, chosen)} for name in COLUMNS],
        "asked_url": _link(row, "asked", chosen),
        "median_url": _link(row, "closed", chosen),
        "late": row.counts["late"],
        "late_url": _link(row, "late", chosen),
        "channels": [
            {
                "label": Channel(channel).label,
                "share": share,
                "url": _link(row, "received", chosen, channel=channel),
            }
            for channel, share in row.channels
        ],
        "spark": sparkline(row.months, row.usual),
        "notes": [{**n, "label": Figure(n["figure"]).label} for n in row.notes],
    }


def _page(request: HttpRequest, form: AnnotationForm | None = None) -> HttpResponse:
    chosen = _filters(request)
    table = [_line(row, chosen) for row in _rows(request, chosen)]
    actions.record_view(
        membership=request.membership, path=request.get_full_path(), now=chosen["now"]
    )
    mine = request.membership.role == Role.AGENCY_MANAGER
    return render(
        request,
        "requests/figures/overview.html",
        {
            **chosen,
            "table": table,
            "slower": [line for line in table if line["row"].slower],
            "late": [line for line in table if line["late"]],
            "columns": COLUMNS.values(),
            "query": urlencode(chosen["query"]),
            "mine": table[0]["row"] if mine and table else None,
            "annotation": (form or AnnotationForm()) if mine else None,
            "form": form or chosen["filters"],
        },
        status=422 if (form or chosen["filters"]).errors else 200,
    )


@audience(*READERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show a summary sentence, then one row of figures per unit."""
    return _page(request)


@audience(Role.AGENCY_MANAGER)
@require_POST
def annotate(request: HttpRequest) -> HttpResponse:
    """Save the manager's explanation of a figure of their unit."""
    form = AnnotationForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    actions.annotate(
        membership=request.membership,
        figure=form.cleaned_data["figure"],
        text=form.cleaned_data["text"],
        now=now(),
    )
    messages.success(request, _("Your words stand beside the figure."))
    return redirect("head_office:overview")


@audience(Role.AGENCY_MANAGER)
@require_POST
def withdraw(request: HttpRequest, annotation: int) -> HttpResponse:
    """Withdraw an annotation of the manager's unit; 404 for another unit's."""
    if not actions.withdraw(membership=request.membership, pk=annotation, now=now()):
        raise Http404
    messages.success(request, _("Your words were withdrawn."))
    return redirect("head_office:overview")


def _unit(request: HttpRequest):
    """Return the unit asked for, "none" for claims without one, or None for all."""
    code = request.GET.get("unit", "").replace("\0", "")
    if code in ("", "none"):
        return code or None
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Http404
    return unit


@audience(*READERS)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """List the claims that one figure counts; under ten, explain why they are not shown."""
    chosen = _filters(request)
    figure = request.GET.get("figure", "received")
    channel = request.GET.get("channel", "")
    if figure not in TITLES or channel not in ("", *Channel.values):
        raise Http404
    unit = _unit(request)
    found = counted_claims(
        membership=request.membership,
        figure=figure,
        period=chosen["period"],
        now=chosen["now"],
        family=chosen["family"],
        unit=unit,
        channel=channel,
    )
    actions.record_view(
        membership=request.membership,
        path=request.get_full_path(),
        now=chosen["now"],
        unit=unit.pk if isinstance(unit, Unit) else None,
    )
    kept = {
        "unit": unit.code if isinstance(unit, Unit) else unit,
        "figure": figure,
        "channel": channel,
        **chosen["query"],
    }
    context = {
        **chosen,
        "title": TITLES[figure],
        "unit": unit if isinstance(unit, Unit) else None,
        "unknown": unit == "none",
        "channel": Channel(channel).label if channel else "",
        "query": urlencode({k: v for k, v in kept.items() if v}),
        "back": urlencode(chosen["query"]),
        "now_only": figure in {"open", "late"},
    }
    if found is None:
        return render(request, "requests/figures/too_few.html", context, status=403)
    found = found.select_related("category", "residence", "owner__unit").order_by(
        F("promise_at").asc(nulls_last=True), "filed_at", "pk"
    )
    context["page_obj"] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    opened.note_list(request, context["page_obj"])
    return render(request, "requests/figures/claims.html", context)


def _cell(value) -> str:
    return "<10" if value is None else str(value)


@audience(*READERS)
@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """Return the same table as CSV with semicolons and a byte-order mark, for Excel in French."""
    chosen = _filters(request)
    heads = [
        _("Unit"),
        *COLUMNS.values(),
        _("Said fixed, %"),
        _("No answer, %"),
        _("Median days to the end"),
        *(channel.label for channel in Channel),
        _("What the agency says"),
    ]
    rows = []
    for row in _rows(request, chosen):
        name = row.unit.name if row.unit else _("Place not known yet")
        shares = dict(row.channels)
        cells = [*row.counts.values(), row.said_fixed, row.no_answer, row.median_days]
        cells += [shares.get(channel) for channel in Channel.values]
        notes = " · ".join(f"{Figure(n['figure']).label}: {n['text']}" for n in row.notes)
        rows.append([name, *map(_cell, cells), notes])
    actions.record_view(
        membership=request.membership, path=request.get_full_path(), now=chosen["now"]
    )
    return csv_file("palier-figures", [heads, *rows])
