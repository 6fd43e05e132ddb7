"""File a request at a place of the stock, noted by staff; then write an order, if asked for."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies import place_search
from agencies.http_types import StaffRequest
from agencies.models import Dwelling, Equipment
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.calls.forms import HereForm
from requests.calls.session_claims import remember
from requests.filing.actions import Filing, KeyReused, file_claim
from requests.kit.choices import Channel
from tenants.homes import holder_of
from tenants.models import Tenant


def _place(request: StaffRequest) -> Any:
    """Return the place that the address names (``staircase:12``), in the member's stock."""
    kind, _colon, key = request.GET.get("at", "").partition(":")
    stock = place_search.Stock(request.membership)
    rows: dict[str, Any] = {
        "residence": stock.residences,
        "building": stock.buildings,
        "staircase": stock.staircases,
        "dwelling": stock.dwellings,
        "equipment": stock.equipment,
    }
    if kind not in rows:
        raise Http404
    return get_object_or_404(rows[kind](), pk=number_of(key))


def _as_filed(place: Any) -> dict[str, Any]:
    """Return the place as a filing names it; equipment by its building, door and label."""
    if not isinstance(place, Equipment):
        return {type(place).__name__.lower(): place.pk}
    where = {"staircase": place.staircase_id} if place.staircase_id else {}
    return {**(where or {"building": place.building_id}), "place_note": place.label}


def _holder(request: StaffRequest, place: Any) -> Tenant | None:
    """Return who holds the lease of a dwelling, when the member may see them."""
    if not isinstance(place, Dwelling):
        return None
    found = holder_of(place, timezone.localdate())
    if found is None:
        return None
    return Tenant.objects.visible_to(request.membership).filter(pk=found.pk).first()


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def here(request: StaffRequest) -> HttpResponse:
    """Show the form for this place; file, then show the sentence or the order to write."""
    place = _place(request)
    holder = _holder(request, place)
    form = HereForm(request.POST or None, holder=holder, initial={"key": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            person = holder if data.get("for_holder") else None
            filing = Filing(
                channel=Channel.COUNTER,
                key=str(data["key"]),
                category=data["category"],
                words=data["words"],
                no_danger=data["no_danger"],
                tenant=str(person.pk) if person else None,
                contact_name=str(person) if person else "",
                language=person.language if person else get_language() or "fr",
                **_as_filed(place),
            )
            try:
                made = file_claim(filing, actor=Actor.member(request.membership), now=now())
            except KeyReused:
                form.add_error(None, _("This was already filed with other words. Start a new one."))
            else:
                remember(request, made)
                if request.POST.get("then") == "order":
                    ref = {"ref": made.spoken_reference}
                    messages.success(request, _("Filed: request %(ref)s. Write its order.") % ref)
                    return redirect("work_new", pk=made.pk)
                return redirect("calls:done", pk=made.pk)
    page = {
        "form": form,
        "place": place,
        "holder": holder,
        "back": _back(place),
    }
    return render(request, "requests/calls/here.html", page, status=status)


def _back(place: Any) -> str:
    kind = type(place).__name__.lower()
    return "equipment:log" if kind == "equipment" else f"stock:{kind}"
