"""Show the routes of appeal, and head office's list of complaints with its CSV file."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agencies.models import Unit
from portal import opened, windows
from portal.access import PUBLIC, Role, audience
from portal.clock import now
from portal.database.replica import reads_from_replica
from portal.database.streams import on_server
from portal.export import csv_stream
from requests.claims.models import Claim
from requests.complaints.forms import (
    ComplaintFilters,
)
from requests.complaints.models import ComplaintStage, Route
from requests.complaints.recourse import ACK_DAYS, ANSWER_DAYS, DECENCY_MONTHS

READERS = (Role.HEAD_OFFICE, Role.AGENCY_MANAGER)
PER_PAGE = 50


@audience(PUBLIC)
@require_GET
def routes(request: HttpRequest) -> HttpResponse:
    """Show whom a tenant may turn to outside the landlord, with conditions and addresses."""
    context = {
        "ack": ACK_DAYS,
        "first": ANSWER_DAYS[1],
        "second": ANSWER_DAYS[2],
        "months": DECENCY_MONTHS,
        "routes": {row.kind: row for row in Route.objects.all()},
    }
    return render(request, "requests/complaints/routes.html", context)


# Head office and managers


def _stages(request: HttpRequest) -> tuple:
    """Return the visible stages as filtered, the filter form, its query string and the moment."""
    moment = now()
    wide = request.membership.role == Role.HEAD_OFFICE
    units = Unit.objects.all() if wide else Unit.objects.filter(pk=request.membership.unit_id)
    form = ComplaintFilters(request.GET or None, units=units)
    chosen = form.cleaned_data if form.is_valid() else {}
    waiting = Q(answered_at__isnull=True)
    where = {
        "waiting": waiting,
        "late": Q(answered_at__isnull=True, answer_due__lt=moment)
        | Q(answered_at__gt=F("answer_due")),
        "given": ~waiting,
    }
    rows = ComplaintStage.objects.filter(
        complaint__claim__in=Claim.objects.visible_to(request.membership)
    ).select_related(
        "complaint__claim__category",
        "complaint__claim__owner__unit",
        "complaint__claim__residence__unit",
        "complaint__about__category",
    )
    if chosen.get("stage"):
        rows = rows.filter(number=chosen["stage"])
    if chosen.get("where"):
        rows = rows.filter(where[chosen["where"]])
    if chosen.get("unit"):
        unit = chosen["unit"]
        rows = rows.filter(
            Q(complaint__claim__residence__unit=unit) | Q(complaint__claim__owner__unit=unit)
        )
    query = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    rows = rows.order_by(F("answered_at").desc(nulls_first=True), "answer_due", "pk")
    return rows, form, urlencode(query), moment


@audience(*READERS)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List every stage, the unanswered ones first."""
    rows, form, query, moment = _stages(request)
    page = windows.page(request, rows, PER_PAGE)
    opened.note_list(request, page)
    context = {
        "page_obj": page,
        "filters": form,
        "query": query,
        "now": moment,
    }
    return render(request, "requests/complaints/list.html", context)


@audience(*READERS)
@require_GET
@reads_from_replica
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Return the same list as CSV, without names of tenants or staff."""
    rows, _form, _query, _moment = _stages(request)
    heads = [
        _("Number"),
        _("About"),
        _("Unit"),
        _("Stage"),
        _("Asked"),
        _("Answer due"),
        _("Answered"),
    ]

    def lines() -> Iterator[list]:
        for row in on_server(rows):
            claim = row.complaint.claim
            yield [
                claim.reference,
                str(row.complaint.about.category) if row.complaint.about else "",
                str(claim.owner.unit if claim.owner else ""),
                row.number,
                row.asked_at.date().isoformat(),
                row.answer_due.date().isoformat(),
                row.answered_at.date().isoformat() if row.answered_at else "",
            ]

    return csv_stream("palier-complaints", heads, lines, rows.count())
