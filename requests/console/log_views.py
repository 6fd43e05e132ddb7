"""The one log of all changes of settings, and its undoing."""

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal import windows
from portal.access import Role, audience
from portal.numbers import number_of
from requests.console import changes

PER_PAGE = 30


@audience(Role.ADMIN, Role.DPO)
@require_GET
def log(request: StaffRequest) -> HttpResponse:
    """List who changed what, newest first, narrowed by words and kind."""
    found = changes.entries()
    for word in request.GET.get("q", "").split()[:6]:
        found = found.filter(changes.about(word))
    kind = number_of(request.GET.get("kind"))
    if kind:
        found = found.filter(content_type=kind)
    page = windows.page(request, found, PER_PAGE)
    kinds = [
        (row.pk, capfirst(str(model._meta.verbose_name)))
        for row in ContentType.objects.filter(pk__in=LogEntry.objects.values("content_type"))
        if (model := row.model_class())
    ]
    context = {
        "page_obj": page,
        "lines": changes.lines(page),
        "kinds": sorted(kinds, key=lambda row: row[1]),
        "kind": kind,
        "query": windows.kept(request.GET),
        "may_undo": request.membership.role == Role.ADMIN,
        "filtered": bool(request.GET.get("q") or kind),
    }
    return render(request, "requests/console/log.html", context)


@audience(Role.ADMIN)
@require_POST
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one change back."""
    entry = get_object_or_404(LogEntry, pk=pk)
    try:
        row = changes.undo(entry, by=request.user)
    except changes.CannotUndo:
        said = _("This cannot be undone any more: it was changed again since, or is in use.")
        messages.error(request, said)
    else:
        messages.success(request, _("Undone: %(what)s is as it was.") % {"what": row})
    return redirect("console:log")
