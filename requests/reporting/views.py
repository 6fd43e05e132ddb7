"""The console's pages of exports: what may leave, what leaves when, what became of each file."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from portal import setting_changes, setting_values, windows
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from requests.reporting import exports, queries
from requests.reporting.datasets import BY_NAME, DATASETS, Dataset
from requests.reporting.forms import ExportForm
from requests.reporting.models import ExportRun, ScheduledExport

SHOWN = 50  # lines of a view on its page
LAST = 10  # files of an export in the list


@audience(Role.ADMIN)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """List the exports with their last files, and the views that there are."""
    rows = list(
        ScheduledExport.objects.prefetch_related(
            Prefetch("runs", ExportRun.objects.order_by("-due_at")[:LAST], to_attr="last_runs")
        )
    )
    context = {
        "exports": rows,
        "datasets": DATASETS,
        "is_set": exports.is_set(),
        "place": exports.place(),
    }
    return render(request, "requests/reporting/index.html", context)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Make an export; its first file leaves at the next due hour."""
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.instance.made_at, form.instance.made_by = now(), request.user
        made = form.save()
        setting_changes.record_addition(made, by=request.user)
        messages.success(request, _("Saved. The first file leaves at the next hour named."))
        return redirect("exports:index")
    return _form(request, form, None)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change an export and see its files."""
    row = get_object_or_404(ScheduledExport, pk=pk)
    form = ExportForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_bound and form.is_valid():
        values = setting_values.told(form)
        saved = form.save()
        if values:
            labels = [str(form.fields[name].label) for name in form.changed_data]
            setting_changes.record_change(saved, by=request.user, values=values, labels=labels)
        messages.success(request, _("Saved."))
        return redirect("exports:index")
    return _form(request, form, row)


def _form(request: StaffRequest, form: ExportForm, row: ScheduledExport | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "export": row}
    if row:
        context["page_obj"] = windows.page(request, row.runs.all(), SHOWN)
    status = 422 if form.errors else 200
    return render(request, "requests/reporting/form.html", context, status=status)


@audience(Role.ADMIN)
@require_POST
def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Order one file now."""
    row = get_object_or_404(ScheduledExport, pk=pk)
    if exports.is_set():
        exports.ask(row, by=request.user, now=now())
        messages.success(request, _("The file is being made: see below what becomes of it."))
    else:
        messages.error(request, _("No place is set: whoever runs the server names one first."))
    return redirect("exports:edit", pk)


@audience(Role.ADMIN)
@require_POST
def try_out(request: StaffRequest) -> HttpResponse:
    """Put a small file where files go, and say what came of it."""
    wrong = exports.try_out(now())
    if wrong:
        messages.error(request, _("It does not work: %(why)s") % {"why": wrong})
    else:
        said = _("It works: %(name)s lies there now.")
        messages.success(request, said % {"name": exports.TRIAL})
    return redirect("exports:index")


@audience(Role.ADMIN)
@require_POST
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch an export on or off."""
    row = get_object_or_404(ScheduledExport, pk=pk)
    before, row.active = row.active, "on" in request.POST
    row.save(update_fields=["active"])
    if row.active != before:
        values = {"active": [before, row.active]}
        setting_changes.record_change(row, by=request.user, values=values, labels=[_("active")])
    messages.success(request, _("It is on.") if row.active else _("It is off."))
    return redirect("exports:index")


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then delete an export; its files stay in the bucket."""
    row = get_object_or_404(ScheduledExport.objects.annotate(files=Count("runs")), pk=pk)
    if request.method == "POST":
        name = str(row)
        setting_changes.record_deletion(row, by=request.user)
        row.delete()
        messages.success(request, _("%(name)s: no further file leaves.") % {"name": name})
        return redirect("exports:index")
    return render(request, "requests/reporting/delete.html", {"export": row})


def _named(name: str) -> Dataset:
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name]


@audience(Role.ADMIN, Role.HEAD_OFFICE)
@require_GET
def dataset(request: StaffRequest, name: str) -> HttpResponse:
    """Show a view: what each column means, and its first lines."""
    shown = _named(name)
    found = list(queries.lines(shown, most=SHOWN + 1))
    numeric = [column.kind not in ("date", "text") for column in shown.columns]
    context = {
        "dataset": shown,
        "lines": [list(zip(line, numeric, strict=True)) for line in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "may_export": request.membership.role == Role.ADMIN,
    }
    return render(request, "requests/reporting/dataset.html", context)


@audience(Role.ADMIN, Role.HEAD_OFFICE)
@require_GET
def dataset_csv(request: StaffRequest, name: str) -> HttpResponse:
    """Return a whole view as CSV."""
    shown = _named(name)
    return csv_file(f"palier-{shown.name}", [shown.heads, *queries.lines(shown)])
