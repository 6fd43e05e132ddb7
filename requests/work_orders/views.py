"""Staff pages of a work order: write it from the proposal, follow it, print it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import StaffRequest
from agencies.models import MaintenanceContract
from portal import opened
from portal.access import DESK_ROLES, Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.attachments.responses import pdf
from requests.claims import workflow
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.kit.choices import Channel
from requests.kit.form_texts import typed_texts
from requests.work_orders import appointments, order_links
from requests.work_orders.actions import (
    TooExpensive,
    advance_order,
    create_follow_on,
    create_order,
    send_order,
)
from requests.work_orders.appointment_models import OfferOption
from requests.work_orders.forms import WHY, BookForm, OrderForm, ReasonForm
from requests.work_orders.models import WorkOrder
from requests.work_orders.offer_preview import (
    late_offer,
    preview_of_proposal,
    undoable_offer,
)
from requests.work_orders.open_slots import needs_somebody_home
from requests.work_orders.order_proposal import propose_for
from requests.work_orders.panel import DONE, LABELS, REASONED, orders_context
from requests.work_orders.rules import OrderProposal
from requests.work_orders.visit_documents import order_pdf
from requests.work_orders.workflow import OrderStep

SEEN_BY = DESK_ROLES | {Role.CARETAKER}


def visible_order(request: StaffRequest, pk: UUID) -> WorkOrder:
    """Return the order that the member may see. Raises ``Http404``."""
    found = get_object_or_404(
        WorkOrder.objects.visible_to(request.membership).select_related(
            "claim__category__family",
            "claim__residence__unit",
            "claim__building",
            "claim__staircase",
            "claim__dwelling",
            "contractor",
            "contract",
            "follows__claim",
        ),
        pk=pk,
    )
    opened.note(request, found.claim)
    return found


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show and send the proposed order; ``?follows=`` makes it follow another order."""
    claim = visible_claim(request, pk)
    proposal = propose_for(claim, now=now(), worn="worn" in request.GET)
    contract = None
    if proposal.contract is not None:
        contract = MaintenanceContract.objects.filter(pk=proposal.contract).first()
    follows = None
    if request.GET.get("follows"):
        follows = get_object_or_404(claim.orders, pk=_uuid(request.GET["follows"]))
    initial = {
        "contractor": follows.contractor_id if follows else proposal.contractor,
        # The contractor reads it: what was told in confidence is not copied here.
        "description": "" if claim.is_confidential else claim.words or str(claim.category),
        "payer": proposal.payer,
        "access_notes": follows.access_notes if follows else "",
    }
    form = OrderForm(request.POST or None, contract=contract, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            order = _create(request, claim, proposal, contract, follows, form)
            return redirect("work_order", pk=order.pk)
    elif follows:
        order_links.note_look(follows, Actor.member(request.membership), now())
    page = {
        "claim": claim,
        "form": form,
        "proposal": proposal,
        "contract": contract,
        "follows": follows,
        "why": WHY[proposal.why],
        "then": preview_of_proposal(claim, proposal, now()),
    }
    return render(request, "requests/work_orders/new.html", page, status=status)


def _uuid(text: str) -> UUID:
    """Return the UUID. Raises ``Http404`` for any other text."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@transaction.atomic
def _create(
    request: StaffRequest,
    claim: Claim,
    proposal: OrderProposal,
    contract: MaintenanceContract | None,
    follows: WorkOrder | None,
    form: OrderForm,
) -> WorkOrder:
    """Write and send the order, and offer dates to the tenant of a dwelling."""
    data, moment = form.cleaned_data, now()
    actor = Actor.member(request.membership)
    own = contract if contract and contract.contractor_id == data["contractor"].pk else None
    terms = {
        "payer": data["payer"],
        "why": proposal.why if data["payer"] == proposal.payer else "by_person",
        "access_notes": data["access_notes"],
        "purpose": data["purpose"],
    }
    items = [(item, 1) for item in data.get("items") or [] if own]
    if follows:
        order = create_follow_on(
            order=follows,
            actor=actor,
            now=moment,
            description=data["description"],
            contractor=data["contractor"],
            items=items if own == follows.contract else [],
            **terms,
        )
    else:
        order = create_order(
            claim=claim,
            contractor=data["contractor"],
            contract=own,
            description=data["description"],
            emergency=proposal.emergency,
            respond_by=proposal.respond_by,
            items=items,
            actor=actor,
            now=moment,
            **terms,
        )
    try:
        send_order(order=order, actor=actor, now=moment)
    except TooExpensive:
        messages.warning(request, _("Over the limit: a manager approves it before it is sent."))
        return order
    if needs_somebody_home(claim):
        offered = appointments.offer_dates(order=order, actor=actor, now=moment)
        if offered:
            messages.success(request, _("Order sent. The tenant is offered dates."))
            return order
    messages.success(request, _("Order sent. The contractor will propose a date."))
    return order


@audience(*SEEN_BY)
@require_GET
def order(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one order: its state, visit, amounts, photos, history and possible steps."""
    return order_page(request, visible_order(request, pk))


def order_page(
    request: StaffRequest,
    found: WorkOrder,
    *,
    bound: ReasonForm | None = None,
    book: BookForm | None = None,
    conflict: bool = False,
    kept: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page of the order, with the form that has errors, if any.

    ``kept`` are texts of a form that can no longer be sent.
    """
    work = orders_context(found.claim, request.membership)
    shown = next(o for o in work["orders"] if o.pk == found.pk)
    page = {
        **work,
        "order": shown,
        "claim": found.claim,
        "options": shown.offer.options.select_related("slot") if shown.offer else [],
        "book": book or BookForm(auto_id="book_%s"),
        "may_book": work["staff"] and shown.state in {"sent", "confirmed", "no_access"},
        "reason_forms": {
            button["name"]: bound
            if bound and bound.name == button["name"]
            else ReasonForm(auto_id=f"{button['name']}_%s", initial={"version": shown.version})
            for button in shown.buttons
            if button["reasoned"]
        },
        "bound": bound,
        "form": bound or book,
        "conflict": conflict,
        "kept": kept,
        "undoable": undoable_offer(shown.offer, request.user, now()),
        "late_offer": late_offer(shown, now()),
        "photos": shown.photos.select_related("attachment"),
        "views": shown.access_views.select_related("actor")[:20] if work["staff"] else [],
        "follow_on": work["staff"] and shown.state != "proposed",
    }
    for button in shown.buttons:
        button["form"] = page["reason_forms"].get(button["name"])
    return render(request, "requests/work_orders/order.html", page, status=status)


@audience(*SEEN_BY)
@require_POST
def act(request: StaffRequest, pk: UUID, transition: str) -> HttpResponse:
    """Take one step of the order's table."""
    found = visible_order(request, pk)
    if transition not in LABELS:
        raise Http404
    step = OrderStep(transition)
    facts: dict[str, Any] = {}
    kept: list[tuple[str, str]] = []
    if transition in REASONED:
        form = ReasonForm(request.POST, auto_id=f"{transition}_%s")
        form.name = transition
        if not form.is_valid():
            return order_page(request, found, bound=form, status=422)
        facts["reason"] = form.cleaned_data["reason"]
        kept = typed_texts(form)
    who: dict[str, Any] = {
        "order": found,
        "actor": Actor.member(request.membership),
        "now": now(),
        "version": number_of(request.POST.get("version")),
    }
    try:
        if transition == OrderStep.CONFIRM:
            appointments.confirm(**who)
        else:
            if transition == OrderStep.REPORT_DONE:
                facts["text"] = str(_("Noted by the agency"))
            advance_order(transition=transition, **who, **facts)
    except TooExpensive:
        messages.error(request, _("This amount is over the limit: a manager decides."))
        return redirect("work_order", pk=found.pk)
    except (Conflict, workflow.NotAllowed):
        return order_page(request, visible_order(request, pk), conflict=True, kept=kept, status=409)
    messages.success(request, DONE[step])
    return redirect("work_order", pk=found.pk)


@audience(*DESK_ROLES)
@require_POST
def pick(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Book one of the offered dates, which the tenant chose by phone or letter."""
    found = visible_order(request, pk)
    current = found.offers.filter(closed_at__isnull=True).first()
    number = number_of(request.POST.get("number"))
    if current is None:
        return order_page(request, found, conflict=True, status=409)
    try:
        picked = appointments.pick(
            offer=current,
            number=number,
            now=now(),
            channel=Channel.PHONE,
            actor=Actor.member(request.membership),
        )
    except (appointments.OfferClosed, OfferOption.DoesNotExist, workflow.NotAllowed):
        return order_page(request, found, conflict=True, status=409)
    if picked.visit is None:
        messages.warning(request, _("This date has just been taken. Here are the next ones."))
    else:
        messages.success(request, _("Date agreed."))
    return redirect("work_order", pk=pk)


@audience(*DESK_ROLES)
@require_POST
def book(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Book a date agreed directly with tenant and contractor."""
    found = visible_order(request, pk)
    form = BookForm(request.POST, auto_id="book_%s")
    if not form.is_valid():
        return order_page(request, found, book=form, status=422)
    starts, ends = form.span()
    try:
        appointments.book(
            order=found,
            starts=starts,
            ends=ends,
            channel=form.cleaned_data["channel"],
            actor=Actor.member(request.membership),
            now=now(),
        )
    except appointments.SlotTaken:
        form.add_error("day", _("The contractor is not free then, or it is over. Choose another."))
        return order_page(request, found, book=form, status=422)
    except workflow.NotAllowed:
        return order_page(request, visible_order(request, pk), conflict=True, status=409)
    messages.success(request, _("Date agreed."))
    return redirect("work_order", pk=pk)


@audience(*DESK_ROLES)
@require_POST
def revoke(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Revoke the contractor's link and send a new one, after a wrong person saw it."""
    found = visible_order(request, pk)
    order_links.revoke(order=found, actor=Actor.member(request.membership), now=now())
    messages.success(request, _("The old link is closed. A new one is on its way."))
    return redirect("work_order", pk=pk)


@audience(*DESK_ROLES)
@require_GET
def as_pdf(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Return the order as a PDF, without access notes."""
    found = visible_order(request, pk)
    return pdf(order_pdf(found, now=now()), f"order-{found.pk}.pdf", inline=True)
