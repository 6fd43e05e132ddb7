"""Let a tenant pick, change or cancel a visit by link, and serve the calendar of a visit.

A GET changes nothing.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from portal.dates import clock, moment
from requests.claims import links, workflow
from requests.kit.choices import Channel
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Offer, OfferOption
from requests.work_orders.icalendar import calendar, ics_response
from requests.work_orders.visit_documents import tenants_place, tenants_title, visit_row
from requests.work_orders.workflow import TO_DO, OrderState

PAST = timedelta(days=30)


class PickForm(forms.Form):
    """Choose one of the offered dates."""

    number = forms.TypedChoiceField(
        label=_("Which date suits you?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a date, or ask us to call you."),
            "invalid_choice": _("Choose a date, or ask us to call you."),
        },
    )

    def __init__(self, *args: Any, options: Iterable[OfferOption], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].choices = [
            (
                option.number,
                _("%(when)s to %(until)s")
                % {"when": moment(option.slot.starts), "until": clock(option.slot.ends)},
            )
            for option in options
        ]


def _offer(token: str) -> Offer:
    """Return the offer behind the link.

    Raises Http404 when the order ended long ago, and ``Gone`` once the link ended with the claim's.
    """
    offers = Offer.objects.opened_by(token=token)
    offer = offers.select_related("order__claim__category", "order__contractor").first()
    if offer is None:
        links.refuse_ended(token)
        raise Http404
    links.check(offer.order.claim, now())
    ended = offer.order.ended_at
    if ended and now() > ended + PAST:
        raise Http404
    return offer


def _latest(offer: Offer) -> Offer:
    """Return the offer that is valid now: this one, or the one that replaced it."""
    if offer.closed_at is None:
        return offer
    return offer.order.offers.filter(closed_at__isnull=True).first() or offer


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def visit(request: PublicRequest, token: str) -> HttpResponse:
    """Show the agreed visit, or dates to choose from.

    Shows no name and no address (docs/principles.md, D2).
    """
    given = _offer(token)
    offer = _latest(given)
    if offer.pk != given.pk:
        return redirect("visit", token=offer.token)
    if request.method == "GET":
        return _visit_page(request, offer)
    if offer.closed_at:
        return redirect("visit", token=token)
    form = PickForm(request.POST, options=_options(offer))
    if not form.is_valid():
        return _visit_page(request, offer, form=form, status=422)
    try:
        picked = appointments.pick(
            offer=offer, number=form.cleaned_data["number"], now=now(), channel=Channel.WEB
        )
    except (appointments.OfferClosed, workflow.NotAllowed, OfferOption.DoesNotExist):
        return redirect("visit", token=token)
    if picked.visit is None:
        # Somebody else took this date: the answer shows the next dates at once.
        fresh = picked.offer or offer
        fresh.refresh_from_db()
        return _visit_page(request, fresh, taken=True, status=409)
    return redirect("visit", token=token)


def _options(offer: Offer) -> list[OfferOption]:
    return list(offer.options.select_related("slot")) if offer.closed_at is None else []


def _visit_page(
    request: PublicRequest,
    offer: Offer,
    *,
    form: PickForm | None = None,
    taken: bool = False,
    status: int = 200,
) -> HttpResponse:
    options = _options(offer)
    order = offer.order
    page = {
        "offer": offer,
        "order": order,
        "claim": order.claim,
        "visit": appointments.active_visit(order),
        "over": order.state not in TO_DO,
        "on_the_way": order.state == OrderState.ON_THE_WAY,
        "form": form or (PickForm(options=options) if options else None),
        "taken": taken,
    }
    return render(request, "requests/tenant_pages/visit.html", page, status=status)


@audience(PUBLIC)
@require_POST
def call(request: PublicRequest, token: str) -> HttpResponse:
    """Record that no date suits, so that a person calls the tenant."""
    appointments.ask_for_call(offer=_latest(_offer(token)), now=now())
    return redirect("visit", token=token)


@audience(PUBLIC)
@require_POST
def change(request: PublicRequest, token: str) -> HttpResponse:
    """Cancel the tenant's date and offer others at once."""
    offer = _offer(token)
    try:
        appointments.cancel_visit(
            order=offer.order,
            reason=gettext("The tenant needs another date"),
            actor=Actor.TENANT,
            now=now(),
        )
    except workflow.NotAllowed:
        return redirect("visit", token=token)
    return redirect(
        "visit",
        token=_latest(Offer.objects.system("read back after a choice").get(pk=offer.pk)).token,
    )


@audience(PUBLIC)
@require_GET
def visit_ics(request: PublicRequest, token: str) -> HttpResponse:
    """Return the visit as a file for the tenant's own calendar."""
    order = _offer(token).order
    found = appointments.active_visit(order)
    if found is None:
        raise Http404
    place = tenants_place(order, known=False)
    row = visit_row(found, tenants_title(order), place, remind=True)
    return ics_response(calendar([row], now=now()), "visit")
