"""Import a file: send it, read its report, approve its writing, look at earlier ones."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import tasks
from agencies.forms import ImportForm
from agencies.http_types import StaffRequest
from agencies.imports import runs
from agencies.imports.kind import kinds
from agencies.imports.report import absent_text, answers_of, field_of, name_of, told_counts
from agencies.models import ImportRun
from portal import windows
from portal.access import Role, audience
from portal.clock import now
from portal.export import csv_file
from portal.panels import wants_panel

PER_PAGE = 20
# The first files of a landlord are its administrator's; large ones still take a second person.
SENDERS = (Role.HEAD_OFFICE, Role.ADMIN)


@audience(*SENDERS)
@require_http_methods(["GET", "POST"])
def imports(request: StaffRequest) -> HttpResponse:
    """Show the form and the history of imports."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        run = runs.start(
            kind=form.cleaned_data["kind"],
            upload=form.cleaned_data["file"],
            agency=form.cleaned_data["agency"],
            one_agency=form.cleaned_data["one_agency"],
            by=request.user,
            now=now(),
        )
        tasks.hint()
        return redirect("stock:import", run.pk)
    past = ImportRun.objects.select_related("by", "approved_by")
    context = {
        "form": form,
        "kinds": kinds().values(),
        "page_obj": windows.page(request, past, PER_PAGE),
        "from_console": request.membership.role == Role.ADMIN,
    }
    for run in context["page_obj"]:
        run.label = _label(run)
    status = 422 if request.method == "POST" else 200
    return render(request, "agencies/imports.html", context, status=status)


def _label(run: ImportRun):
    kind = kinds().get(run.kind)
    return kind.label if kind else run.kind


@audience(*SENDERS)
@require_GET
def run(request: StaffRequest, pk) -> HttpResponse:
    """Show one file: its progress, what it would change, what can be done about it."""
    found = get_object_or_404(
        ImportRun.objects.select_related("by", "approved_by", "agency"), pk=pk
    )
    report = found.report
    context = {
        "run": found,
        "label": _label(found),
        "lines": [
            line
            | {"name": name_of(line["model"])}
            | {
                "absent": absent_text(report["absent"], line["vanished"])
                if line["vanished"] is not None
                else ""
            }
            for line in report.get("lines", [])
        ],
        "fields": [
            change
            | {"name": name_of(change["model"]), "what": field_of(change["model"], change["field"])}
            for change in report.get("fields", [])
        ],
        "own": found.by == request.user,
        "nothing": found.state == "applied" and not found.approved_at,
        "counts": told_counts(report) if report else [],
        "questions": _questions(found) if found.state in {"ready", "held"} else [],
        "alarms": [
            question["label"]
            for question in report.get("questions", [])
            if question.get("alarm") and found.state in {"ready", "held"}
        ],
    }
    part = wants_panel(request)
    return render(request, "agencies/_run.html" if part else "agencies/run.html", context)


def _questions(run: ImportRun) -> list[dict]:
    """Return what is asked with the file: each with its answers, the proposal or answer first."""
    asked = []
    for question in run.report.get("questions", []):
        answers = answers_of(question)
        chosen = run.units.get(question["key"])
        answers.sort(key=lambda answer: answer[0] != chosen)
        asked.append(question | {"answers": answers})
    return asked


@audience(*SENDERS)
@require_POST
def apply(request: StaffRequest, pk) -> HttpResponse:
    """Order the writing of the file; a held one by another person than its sender."""
    found = get_object_or_404(ImportRun, pk=pk)
    try:
        units = {}
        for number, question in enumerate(_questions(found), 1):
            possible = [code for code, _words in question["answers"]]
            answer = request.POST.get(f"unit-{number}", "")
            units[question["key"]] = answer if answer in possible else possible[0]
        if runs.approve(run=found, by=request.user, now=now(), units=units):
            tasks.hint()
        else:
            messages.warning(request, _("This file is no longer waiting: see where it stands."))
    except runs.NeedsAnother:
        messages.error(
            request, _("You sent this file: ask another person of head office to approve it.")
        )
    return redirect("stock:import", found.pk)


@audience(*SENDERS)
@require_GET
def rejects(request: StaffRequest, pk) -> FileResponse:
    """Download the rejected lines as read, with their number and reason."""
    found = get_object_or_404(ImportRun, pk=pk)
    if not found.rejects:
        raise Http404
    name = _("rejected")
    return FileResponse(
        found.rejects.open("rb"),
        as_attachment=True,
        filename=f"{name}-{found.at:%Y-%m-%d}.csv",
        content_type="text/csv; charset=utf-8",
    )


@audience(*SENDERS)
@require_GET
def template(request: StaffRequest, code: str) -> HttpResponse:
    """Download an example of the file to fill in."""
    kind = kinds().get(code)
    if kind is None or kind.template is None:
        raise Http404
    return csv_file(f"palier-{code}", kind.template())
