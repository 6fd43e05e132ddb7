"""Step 2 of filing: where it is, and whether it is already known there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from requests.catalogue.kinds import Kind
from requests.filing import drafts
from requests.tenant_pages.filing import place, steps
from requests.tenant_pages.forms import WhereForm
from tenants.homes import current_homes

PLACE = ("home", "address", "spot", "place")


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def where(request: PublicRequest) -> HttpResponse:
    """Show step 2: a known home of this account, else typed words. Never list our dwellings."""
    draft = drafts.read(request)
    category = steps.category_of(draft)
    homes = current_homes(request.user, timezone.localdate())
    shared_first = bool(category and category.asset != "dwelling")
    kind = category.kind if category else Kind.FAULT
    options: dict[str, Any] = {"homes": homes, "shared_first": shared_first, "kind": kind}
    if request.method == "POST":
        form = WhereForm(request.POST, **options)
        if form.is_valid():
            answers = {name: form.cleaned_data.get(name, "") for name in PLACE}
            done = [step for step in draft.get("done", []) if step != "already"]
            drafts.keep(request, done=done, same_as="", incident="")
            return steps.finish_step(request, "where", **answers)
        drafts.keep(request, **steps.typed_values(request, "address", "spot", "place"))
    else:
        form = WhereForm(initial={k: v for k, v in draft.items() if v}, **options)
    if category is None:
        return redirect("file_what")
    page = {"form": form, "step": 2, "homes": homes, "kind": kind}
    return steps.page(request, "where", page, errors=bool(form.errors))


@audience(PUBLIC, repeat="the draft keeps the same answer")
@never_cache
@require_http_methods(["GET", "POST"])
def already_reported(request: PublicRequest) -> HttpResponse:
    """Show what is already known there, with "me too" or "mine is another"."""
    draft = drafts.read(request)
    category = steps.category_of(draft)
    incidents = place.reports(request, draft, category) if category else []
    incident = place.incident(request, draft, category) if category else None
    works = place.works(request, draft, category) if category else []
    if not incidents and not works and not incident:
        return steps.next_step(request)
    error = False
    if request.method == "POST":
        choice = request.POST.get("same", "")
        if incident and choice == f"incident:{incident.pk}":
            return steps.finish_step(request, "already", same_as="", incident=str(incident.pk))
        if choice == "another" or choice in {str(row.pk) for row in incidents}:
            same = "" if choice == "another" else choice
            return steps.finish_step(request, "already", same_as=same, incident="")
        error = True
    page: dict[str, Any] = {
        "incident": incident,
        "incidents": incidents,
        "works": works,
        "error": error,
    }
    page |= {"error": error, "step": 2, "same": draft.get("same_as")}
    return steps.page(request, "already", page, errors=error)
