"""The page on which an inspection is ordered: everything is proposed, one press sends it."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from agencies import place_search
from agencies.http_types import StaffRequest
from agencies.models import Equipment, MaintenanceContract
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.filing.actions import KeyReused
from requests.inspections import actions
from requests.inspections.forms import InspectionForm
from requests.work_orders.actions import TooExpensive
from requests.work_orders.order_proposal import propose_for


def _place(request: StaffRequest) -> Any:
    """Return the place that the address names (``equipment:12``), in the member's stock."""
    kind, _colon, key = request.GET.get("at", "").partition(":")
    stock = place_search.Stock(request.membership)
    rows: dict[str, Any] = {
        "residence": stock.residences,
        "building": stock.buildings,
        "staircase": stock.staircases,
        "equipment": stock.equipment,
    }
    if kind not in rows:
        raise Http404
    return get_object_or_404(rows[kind](), pk=number_of(key))


def _work(place: Any, why: str) -> str:
    """Return what is to be looked at, as it is proposed; in the landlord's language."""
    name = place.label if isinstance(place, Equipment) else str(place)
    with override(settings.LANGUAGE_CODE):
        text = _("Inspection, with a report and what you advise: %(place)s.") % {"place": name}
    return f"{text}\n{why}".strip()


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Show the proposed inspection of the place; send its order on POST."""
    place, moment = _place(request), now()
    equipment = place if isinstance(place, Equipment) else None
    proposal = propose_for(actions.unfiled(place), now=moment, equipment=equipment)
    contract = None
    if proposal.contract is not None and equipment:
        contract = MaintenanceContract.objects.filter(pk=proposal.contract).first()
    form = InspectionForm(
        request.POST or None,
        initial={
            "key": uuid.uuid4(),
            "contractor": proposal.contractor if contract else None,
            "description": _work(place, request.GET.get("why", "")[:300]),
        },
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["contractor"]
        own = contract if contract and contract.contractor_id == chosen.pk else None
        try:
            order = actions.order_inspection(
                place=place,
                key=str(form.cleaned_data["key"]),
                contractor=chosen,
                contract=own,
                description=form.cleaned_data["description"],
                proposal=proposal,
                actor=Actor.member(request.membership),
                now=moment,
            )
        except KeyReused:
            form.add_error(None, _("This was already ordered for another place. Start a new one."))
        except TooExpensive:
            form.add_error(None, _("This amount is over the limit: a manager decides."))
        else:
            messages.success(request, _("Inspection ordered. The contractor will propose a date."))
            return redirect("work_order", pk=order.pk)
    kind = type(place).__name__.lower()
    page = {
        "form": form,
        "place": place,
        "proposal": proposal,
        "contract": contract,
        "back": "equipment:log" if equipment else f"stock:{kind}",
    }
    status = 422 if form.is_bound else 200
    return render(request, "requests/inspections/new.html", page, status=status)
