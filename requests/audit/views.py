"""Pages of the log of who read what: the data-protection officer's, and the person's own."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest, TenantRequest
from portal import windows
from portal.access import Role, audience
from portal.audit import anchors, sealer
from portal.audit_models import AuditBatch, AuditOpening
from portal.clock import now
from portal.database.replica import reads_from_replica
from portal.database.streams import on_server
from portal.export import csv_stream
from requests.audit import queries
from requests.audit.forms import ListSearchForm, SearchForm
from requests.audit.models import EmergencyOpening, ListView, RecordView

PER_PAGE = 50
MOST_EXPORTED = 50_000


# Pages with lists of people or requests, as the officer reads them.
LISTS = {
    "agency:inbox": gettext_lazy("To do"),
    "agency:incident": gettext_lazy("Requests of an open incident"),
    "agency:dwelling": gettext_lazy("A home and its requests"),
    "calls:desk": gettext_lazy("Calls: who is calling"),
    "search:page": gettext_lazy("Search"),
    "search:results": gettext_lazy("Search, while typing"),
    "on_call:home": gettext_lazy("On call: what is open now"),
    "letters:sort": gettext_lazy("A letter: its sender"),
    "identity:index": gettext_lazy("People: doubles and search"),
    "identity:changes": gettext_lazy("Changes of contacts to check"),
    "complaints": gettext_lazy("Complaints"),
    "household:leases": gettext_lazy("Leases"),
    "closing_attempts": gettext_lazy("Calls and checks"),
    "channels:tray": gettext_lazy("Tray"),
    "figures:claims": gettext_lazy("Requests behind a figure"),
    "rules:rule": gettext_lazy("A rule tried on past requests"),
    "jobs:list": gettext_lazy("Orders of a company"),
    "api:claims": gettext_lazy("Another tool: list of requests"),
}


def role_of(row: RecordView | EmergencyOpening | ListView) -> str:
    """Return the role as people read it."""
    return str(Role(row.role).label) if row.role in Role.values else _("Representative")


def _search(request: StaffRequest) -> tuple[SearchForm, QuerySet[RecordView]]:
    form = SearchForm(request.GET or None, auto_id="search_%s")
    asked = form.cleaned_data if form.is_valid() else {}
    return form, queries.search(**asked)


@audience(Role.DPO)
@never_cache
@require_GET
def log(request: StaffRequest) -> HttpResponse:
    """Search who opened which record; show emergency openings and the state of the trail."""
    form, rows = _search(request)
    found = windows.page(request, rows, PER_PAGE)
    for row in found:
        row.role_label = role_of(row)
    number, head = anchors.current()
    page: dict[str, Any] = {
        "form": form,
        "page_obj": found,
        "query": windows.kept(request.GET),
        "emergencies": _with_roles(queries.emergencies()[:20]),
        "moment": now(),
        "batch": AuditBatch.objects.filter(number=number).first(),
        "head": head,
        "waiting": sum(sealer.waiting(now()).values()),
        "openings": AuditOpening.objects.all()[:20],
    }
    return render(request, "requests/audit/log.html", page)


def _with_roles(rows) -> list:
    found = list(rows)
    for row in found:
        row.role_label = role_of(row)
    return found


@audience(Role.DPO)
@never_cache
@require_GET
def lists(request: StaffRequest) -> HttpResponse:
    """Search who looked at which list, how many rows it had, and whether it was a search."""
    form = ListSearchForm(request.GET or None, auto_id="search_%s")
    rows = queries.list_views(**(form.cleaned_data if form.is_valid() else {}))
    found = windows.page(request, rows, PER_PAGE)
    for row in found:
        row.role_label = role_of(row)
        row.label = LISTS.get(row.page, row.page)
    page = {"form": form, "page_obj": found, "query": windows.kept(request.GET)}
    return render(request, "requests/audit/lists.html", page)


@audience(Role.DPO)
@never_cache
@require_GET
@reads_from_replica
def export(request: StaffRequest) -> StreamingHttpResponse:
    """Return what the search finds, for a spreadsheet."""
    _form, rows = _search(request)
    heads = [
        _("When"),
        _("Person"),
        _("Request"),
        _("Reader"),
        _("Role"),
        _("Unit or company"),
        _("How"),
    ]

    def lines() -> Iterator[list]:
        for row in on_server(rows[:MOST_EXPORTED]):
            yield [
                f"{timezone.localtime(row.at):%Y-%m-%d %H:%M}",
                row.tenant or "",
                row.claim.reference if row.claim else "",
                row.reader or "",
                role_of(row),
                row.place,
                row.get_means_display(),
            ]

    return csv_stream("palier-access-log", heads, lines, min(rows.count(), MOST_EXPORTED))


@audience(Role.TENANT)
@never_cache
@require_GET
def readers(request: TenantRequest) -> HttpResponse:
    """Show a person who opened their record and their requests: when, and in which role."""
    tenant = getattr(request.user, "tenant", None)
    rows = queries.of_person(tenant, now()) if tenant else RecordView.objects.about([])
    found = windows.page(request, rows, PER_PAGE)
    for row in found:
        row.role_label = role_of(row)
    page = {"page_obj": found, "linked": tenant is not None}
    return render(request, "requests/audit/readers.html", page)
