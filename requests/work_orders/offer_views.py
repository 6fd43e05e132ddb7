"""Offer dates to the tenant: read what would be sent, then send it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.work_orders import appointments
from requests.work_orders.models import WorkOrder
from requests.work_orders.offer_preview import preview
from requests.work_orders.views import order_page, visible_order
from requests.work_orders.workflow import TO_DO


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def offer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the next free dates with the message that offers them; on POST, send it.

    When other dates are free meanwhile, nothing is sent and these are shown.
    """
    found = visible_order(request, pk)
    if request.method != "POST":
        # An old address: the page of the order says what can be done now.
        return _shown(request, found) if found.state in TO_DO else redirect("work_order", pk=pk)
    if found.state not in TO_DO:
        return order_page(request, found, conflict=True, status=409)
    try:
        made = appointments.offer_dates(
            order=found,
            actor=Actor.member(request.membership),
            now=now(),
            seen=[number_of(key) for key in request.POST.getlist("slot")],
        )
    except appointments.OfferChanged:
        return _shown(request, found, status=409)
    except appointments.OfferClosed:
        return order_page(request, visible_order(request, pk), conflict=True, status=409)
    if made is None:
        messages.warning(request, _("No free date is known before the limit. Call the contractor."))
    return redirect("work_order", pk=pk)


def _shown(request: StaffRequest, found: WorkOrder, status: int = 200) -> HttpResponse:
    page = {
        "order": found,
        "claim": found.claim,
        "offer": preview(found, now()),
        "changed": status != 200,
    }
    return render(request, "requests/work_orders/offer.html", page, status=status)
