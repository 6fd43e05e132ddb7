"""Do during a call what a request waited for: a date chosen, work confirmed; print the receipt."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.calls.session_claims import just_filed
from requests.claims import workflow
from requests.claims.lookup import visible_claim
from requests.claims.transitions import Conflict
from requests.conversation import actions as conversation
from requests.kit.choices import Channel, State
from requests.promises.outlook import promise_said
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Offer, OfferOption


def channel_of(request: StaffRequest) -> Channel:
    """Return whether the person is at the counter or on the phone, as the form says."""
    at_counter = request.POST.get("channel") == Channel.COUNTER
    return Channel.COUNTER if at_counter else Channel.PHONE


@audience(*DESK_ROLES)
@require_POST
def choose(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Book the offered date that the caller chose; the page after it says what to tell them."""
    claim = visible_claim(request, pk)
    offer = (
        Offer.objects.of(order__claim=claim)
        .filter(closed_at__isnull=True)
        .select_related("order__contractor")
        .first()
    )
    changed = _("These dates are no longer offered. Here is what is open now.")
    if offer is None:
        messages.warning(request, changed)
        return redirect("calls:heard", pk=pk)
    try:
        picked = appointments.pick(
            offer=offer,
            number=number_of(request.POST.get("number")),
            now=now(),
            channel=channel_of(request),
            actor=Actor.member(request.membership),
        )
    except (appointments.OfferClosed, OfferOption.DoesNotExist, workflow.NotAllowed):
        messages.warning(request, changed)
        return redirect("calls:heard", pk=pk)
    if picked.visit is None:
        messages.warning(request, _("This date has just been taken. Here are the next ones."))
    return redirect("calls:heard", pk=pk)


@audience(*DESK_ROLES)
@require_POST
def confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write down whether the work is done, as the caller says: it closes or reopens the request."""
    claim = visible_claim(request, pk)
    fixed, _colon, version = request.POST.get("fixed", "").partition(":")
    if fixed not in {"yes", "no"} or claim.state != State.DONE:
        messages.warning(request, _("This request changed meanwhile. Nothing was noted."))
        return redirect("calls:heard", pk=pk)
    said = _("Says that it is repaired.") if fixed == "yes" else _("Says that it is not repaired.")
    try:
        conversation.record_answer(
            claim=claim,
            text=said,
            channel=channel_of(request),
            fixed=fixed == "yes",
            actor=Actor.member(request.membership),
            version=number_of(version),
            now=now(),
        )
    except (Conflict, workflow.NotAllowed):
        messages.warning(request, _("This request changed meanwhile. Nothing was noted."))
    return redirect("calls:heard", pk=pk)


@audience(*DESK_ROLES)
@require_GET
def receipt(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show what a visitor takes home, to print: the number, the request, the promised news.

    It holds no private link: paper is left on tables.
    """
    claim = just_filed(request, pk)
    page = {
        "claim": claim,
        "promise": promise_said(claim),
        "site": settings.PALIER_URL.split("://")[-1],
        "unit": claim.residence.unit if claim.residence else None,
        "now": now(),
    }
    return render(request, "requests/calls/receipt.html", page)
