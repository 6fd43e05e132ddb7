"""Pages of on-call duty: the home, one claim with its script and ladder, and the order."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies import landlord
from agencies.http_types import StaffRequest
from portal import opened
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.transitions import Conflict, advance
from requests.kit.choices import State
from requests.on_call import actions, queries
from requests.work_orders.actions import TooExpensive
from requests.work_orders.workflow import ENDED


@audience(*DESK_ROLES)
@never_cache
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Show the duty phone, who is on duty, and what is open now for on call alone."""
    moment = now()
    rows = queries.open_now(request.membership)
    opened.note_list(request, rows)
    page = {
        "rows": rows,
        "duty_phone": landlord.current().on_call_phone,
        "ladders": queries.ladders(moment),
        "duties": queries.duties(moment),
        "now": moment,
    }
    return render(request, "requests/on_call/home.html", page)


@audience(*DESK_ROLES)
@never_cache
@require_GET
def claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one request as it is needed at night: what to say, whom to ring, whom to send."""
    return _claim_page(request, pk)


def _claim_page(request: StaffRequest, pk: UUID, said: str = "", status: int = 200) -> HttpResponse:
    found, moment = visible_claim(request, pk), now()
    orders = found.orders.select_related("contractor").order_by("number")
    running = [order for order in orders if order.state not in ENDED]
    page: dict[str, Any] = {
        "claim": found,
        "place": found.dwelling or found.staircase or found.residence or found.place_note,
        "script": queries.script_of(found),
        "ladder": queries.ladder_of(found, moment),
        "orders": running,
        "emergency": None if running else queries.emergency_order(found, moment),
        "emergency_fields": [],
        "may_take": found.state == State.RECEIVED,
        "duty_phone": landlord.current().on_call_phone,
        "said": said,
        "now": moment,
    }
    if proposed := page["emergency"]:
        company = proposed.contractor.pk
        page["emergency_fields"] = [("version", found.version), ("contractor", company)]
    return render(request, "requests/on_call/claim.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take the claim in hand: nobody else is rung for it."""
    found = visible_claim(request, pk)
    try:
        advance(
            claim=found,
            transition=Event.TAKE_CHARGE,
            actor=Actor.member(request.membership),
            version=number_of(request.POST.get("version")),
            now=now(),
        )
    except (Conflict, workflow.NotAllowed):
        said = _("Somebody did something here meanwhile: look at it as it is now.")
        return _claim_page(request, pk, said, 409)
    messages.success(request, _("Yours. Nobody else is rung."))
    return redirect("on_call:claim", pk=pk)


@audience(*DESK_ROLES)
@require_POST
def order(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send the company that the contract in force names; the second of two taps."""
    found = visible_claim(request, pk)
    try:
        made = actions.order_now(
            claim=found,
            contractor=number_of(request.POST.get("contractor")),
            version=number_of(request.POST.get("version")),
            actor=Actor.member(request.membership),
            now=now(),
        )
    except (Conflict, workflow.NotAllowed):
        said = _("Somebody did something here meanwhile: look at it as it is now.")
        return _claim_page(request, pk, said, 409)
    except actions.NobodyToSend:
        said = _("No company is under contract or on duty for this now. Call one.")
        return _claim_page(request, pk, said, 409)
    except TooExpensive:
        said = _("Over the limit: a manager approves it before it is sent.")
        return _claim_page(request, pk, said, 409)
    facts = {"who": made.contractor.name, "ref": str(made)}
    messages.success(request, _("Order %(ref)s is on its way to %(who)s.") % facts)
    return redirect("on_call:claim", pk=pk)
