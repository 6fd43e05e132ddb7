"""List, add, change and delete the rows of one section of the console."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.contrib import messages
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http_types import StaffRequest
from portal import setting_changes, setting_values, windows
from portal.access import Role, audience
from portal.setting_values import plain
from requests.console import changes, extras
from requests.console.sections import Section
from requests.console.words_forms import CategoryForm

PER_PAGE = 50


@audience(Role.ADMIN)
@require_GET
def rows(request: StaffRequest, section: Section) -> HttpResponse:
    """List the rows, narrowed by words."""
    found = section.rows()
    words = request.GET.get("q", "").split()[:6]
    for word in words:
        found = found.filter(_any(Q(**{f"{name}__icontains": word}) for name in section.search))
    page = windows.page(request, found, PER_PAGE)
    shown = list(page)
    section.prepare(shown)
    context = {
        "section": section,
        "page_obj": page,
        "heads": [head for head, _cell in section.columns],
        "lines": [
            (row.pk, section.name(row), [cell(row) for _head, cell in section.columns])
            for row in shown
        ],
        "searchable": bool(section.search),
        "query": windows.kept(request.GET),
        "edit": f"console:{section.slug}_edit",
        "add": f"console:{section.slug}_add" if section.may_add else "",
        "beside": extras.beside_list(section),
    }
    return render(request, "requests/console/rows.html", context)


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q())


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, section: Section) -> HttpResponse:
    """Add a row."""
    if not section.may_add:
        raise Http404
    return _form(request, section, None)


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, section: Section, pk: int | str) -> HttpResponse:
    """Change a row."""
    return _form(request, section, get_object_or_404(section.model, pk=pk))


def _form(request: StaffRequest, section: Section, row: models.Model | None) -> HttpResponse:
    posted = request.method == "POST"
    data, files = (request.POST, request.FILES) if posted else (extras.kept(request, row), None)
    form = section.form(
        data, files, instance=row or section.model(), initial=_initial(request, row)
    )
    if posted and form.is_valid():
        saved = _save(request, section, form, is_new=row is None)
        if saved is not None:
            return extras.after_save(request, section, saved)
    return page(request, section, row, form)


def page(
    request: StaffRequest, section: Section, row: models.Model | None, form, **more
) -> HttpResponse:
    """Draw the form of one row with its history."""
    context = {
        "section": section,
        "row": row,
        "name": section.name(row) if row else section.add,
        "form": form,
        "groups": form.groups() if hasattr(form, "groups") else [{"fields": list(form)}],
        "list": f"console:{section.slug}",
        "delete": f"console:{section.slug}_delete" if section.may_delete and row else "",
        "history": changes.lines(changes.of_row(row)[:8]) if row else [],
        **extras.context(section, row, form),
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, section.template, context, status=status)


def _initial(request: StaffRequest, row: models.Model | None) -> dict:
    """Return what an address proposes for a new row, as ``?event=…`` of a text."""
    return {} if row else {name: request.GET[name] for name in request.GET}


def _save(request: StaffRequest, section: Section, form, *, is_new: bool) -> models.Model | None:
    """Write a valid form, its history and what follows; None when the database refuses it."""
    try:
        with transaction.atomic():
            if isinstance(form, CategoryForm):
                before = form.before()
                saved = form.publish(request.user)
                changes.clear_draft(saved)
                values = {
                    name: [plain(old), plain(getattr(saved, name))] for name, old in before.items()
                }
            else:
                values = setting_values.told(form)
                saved = form.save()
            if is_new:
                setting_changes.record_addition(saved, by=request.user)
            elif values:
                labels = [changes.label(section, name, form) for name in values]
                setting_changes.record_change(saved, by=request.user, values=values, labels=labels)
            if is_new or form.changed_data:
                section.after(saved)
                if hasattr(form, "after"):
                    form.after()
    except IntegrityError:
        form.add_error(None, _("There is one like it already, or at the same time."))
        return None
    messages.success(request, _("Saved."))
    return saved


@audience(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def delete(request: StaffRequest, section: Section, pk: int | str) -> HttpResponse:
    """Ask, then delete a row; the log keeps it, and can bring it back."""
    row = get_object_or_404(section.model, pk=pk)
    if not section.may_delete:
        raise Http404
    if request.method == "POST":
        try:
            with transaction.atomic():
                setting_changes.record_deletion(row, by=request.user)
                row.delete()
                section.after(row)
        except ProtectedError:
            messages.error(request, _("It is in use: it stays."))
        else:
            messages.success(request, _("Deleted. The log of changes can bring it back."))
        return redirect(f"console:{section.slug}")
    context = {"section": section, "row": row, "name": section.name(row)}
    context |= {"edit": f"console:{section.slug}_edit", "list": f"console:{section.slug}"}
    return render(request, "requests/console/delete.html", context)
