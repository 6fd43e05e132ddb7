"""Create work orders and move them through their table.

No other module writes ``WorkOrder.state``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext

from agencies.models import Contractor, MaintenanceContract, PriceItem
from portal.access import Role
from portal.actor import SYSTEM, Actor
from requests.attachments.models import Attachment
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.notifications.models import Delivery
from requests.promises import actions as promises
from requests.work_orders import workflow as order_workflow
from requests.work_orders.appointment_models import Appointment
from requests.work_orders.models import OrderEvent, OrderLine, OrderPhoto, Variation, WorkOrder
from requests.work_orders.order_proposal import propose_for
from requests.work_orders.workflow import (
    APPROVERS,
    ENDED,
    FOLLOWS,
    TO_DO,
    OrderState,
    OrderStep,
)

# Events of which the contractor is notified by mail.
MAILED_TO_CONTRACTOR = frozenset(
    {
        OrderStep.SEND,
        OrderStep.BOOK,
        OrderStep.UNBOOK,
        OrderStep.CANCEL,
        OrderStep.ACCEPT_QUOTE,
        OrderStep.DECLINE_QUOTE,
        OrderStep.ACCEPT_VARIATION,
        OrderStep.DECLINE_VARIATION,
        OrderStep.SEND_BACK,
        OrderStep.NEW_LINK,
    }
)
# The new state of the agreed visit, by step of the order.
VISIT_STATES: Mapping[str, Appointment.State] = {
    OrderStep.CONFIRM: Appointment.State.CONFIRMED,
    OrderStep.NO_ACCESS: Appointment.State.NO_ACCESS,
    OrderStep.REPORT_DONE: Appointment.State.KEPT,
    OrderStep.QUOTE: Appointment.State.KEPT,
    OrderStep.CANCEL: Appointment.State.CANCELLED,
    OrderStep.IMPOSSIBLE: Appointment.State.CANCELLED,
    OrderStep.UNBOOK: Appointment.State.CANCELLED,
}


# Steps that mean that the contractor came.
VISITED = frozenset({OrderStep.DEPART, OrderStep.NO_ACCESS, OrderStep.QUOTE, OrderStep.REPORT_DONE})


class TooExpensive(workflow.NotAllowed):
    """The amount is above the limit and this role may not approve it."""


def record_order(
    order: WorkOrder, name: str, *, actor: Actor, now: datetime, **facts: Any
) -> OrderEvent:
    """Append one event, and the mail that notifies the contractor when it concerns them."""
    event = OrderEvent.objects.create(
        order=order,
        name=OrderStep(name),
        at=now,
        actor=actor.user,
        role=actor.role,
        state=order.state,
        facts=facts,
    )
    if name in MAILED_TO_CONTRACTOR and actor.role != Role.CONTRACTOR:
        _notify_contractor(event)
    return event


def _notify_contractor(event: OrderEvent) -> None:
    """Queue the mail about one event; its words and its link are written when it leaves."""
    order = event.order
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Order %(ref)s") % {"ref": str(order)}
    outgoing.queue(
        kind=Delivery.Kind.ORDER,
        key=str(event.pk),
        channel=Channel.EMAIL,
        recipient=order.contractor.email,
        subject=subject,
        facts={"event": event.pk},
        claim=order.claim,
        urgent=order.emergency,
        now=event.at,
    )


@transaction.atomic
def create_order(
    *,
    claim: Claim,
    contractor: Contractor,
    payer: str,
    why: str,
    description: str,
    respond_by: datetime,
    actor: Actor,
    now: datetime,
    contract: MaintenanceContract | None = None,
    follows: WorkOrder | None = None,
    purpose: str = WorkOrder.Purpose.WORK,
    access_notes: str = "",
    emergency: bool = False,
    items: Iterable[tuple[PriceItem, int | Decimal]] = (),
) -> WorkOrder:
    """Write an order in state ``proposed``, with priced lines and the claim's photos.

    ``items`` holds (PriceItem, quantity). The claim row is locked so that numbers are unique.
    """
    Claim.objects.system("order").select_for_update(of=("self",)).get(pk=claim.pk)
    last = WorkOrder.objects.system("number").filter(claim=claim).aggregate(n=Max("number"))["n"]
    lines = [
        OrderLine(item=item, label=item.label, quantity=Decimal(quantity), price=item.price)
        for item, quantity in items
    ]
    order = WorkOrder.objects.system("create").create(
        claim=claim,
        number=(last or 0) + 1,
        contractor=contractor,
        contract=contract,
        follows=follows,
        purpose=purpose,
        payer=payer,
        why=why,
        description=description,
        access_notes=access_notes,
        spend_limit=contract.spend_limit if contract else Decimal(0),
        amount=sum((line.quantity * line.price for line in lines), Decimal(0)),
        emergency=emergency,
        respond_by=respond_by,
        created_at=now,
    )
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    photos = Attachment.objects.of(claim=claim).filter(kind=Attachment.Kind.PHOTO)
    photos = photos.exclude(message__direction__in=("note", "out"))  # staff's are not theirs
    own = OrderPhoto.objects.of(order__claim=claim).exclude(moment=OrderPhoto.Moment.CLAIM)
    if follows is None:
        # A first order gets the tenant's photos; a follow-on order also those of the contractor.
        photos = photos.exclude(pk__in=own.values("attachment"))
    OrderPhoto.objects.bulk_create(
        OrderPhoto(order=order, attachment=photo, moment=OrderPhoto.Moment.CLAIM)
        for photo in photos
    )
    record_order(
        order, OrderStep.CREATED, actor=actor, now=now, follows=str(follows.pk) if follows else ""
    )
    return order


@transaction.atomic
def advance_order(
    *,
    order: WorkOrder,
    transition: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    **facts: Any,
) -> OrderEvent:
    """Lock the order, check its table, write state and event; then move the visit and the claim.

    Raises ``workflow.NotAllowed`` (table), ``TooExpensive``, ``Conflict`` (version) or
    ``ValueError`` (a need is missing). Aware datetimes and Decimals are allowed in ``facts``.
    """
    held = WorkOrder.objects.system("advance").select_for_update(of=("self",)).get(pk=order.pk)
    if version is not None and held.version != version:
        raise Conflict
    row = order_workflow.find(transition, held.state, actor.role)
    missing = [need for need in row.needs if not facts.get(need)]
    if missing:
        raise ValueError(f"{transition} needs {', '.join(sorted(missing))}")
    _apply_amounts(held, transition, actor, now, facts)
    if row.target:
        held.state = row.target
    if transition == OrderStep.SEND:
        held.sent_at = now
    if transition == OrderStep.REPORT_DONE:
        held.done_at = now
    held.ended_at = now if held.state in ENDED else None
    held.version += 1
    held.save()
    visit = _move_visit(held, transition, facts)
    plain = {
        k: v.isoformat() if isinstance(v, datetime) else str(v) if isinstance(v, Decimal) else v
        for k, v in facts.items()
    }
    event = record_order(held, transition, actor=actor, now=now, **plain)
    if transition in VISITED:  # first, so that the claim's step tells the date that stands after
        claim = (
            Claim.objects.system("order")
            .select_related("category", "residence__unit", "owner__unit")
            .get(pk=held.claim_id)
        )
        promises.record_visit(claim, now=now, access=transition != OrderStep.NO_ACCESS)
    _move_claim(held, transition, actor, now, facts, visit)
    order.refresh_from_db()
    return event


def _check_limit(order: WorkOrder, amount: Decimal, actor: Actor) -> None:
    """Approve ``amount`` as ``actor`` when it is above the limit. Raises ``TooExpensive``."""
    if amount <= order.spend_limit or order.approved_by_id:
        return
    if actor.role not in APPROVERS or actor.user is None:
        raise TooExpensive(f"{amount} is over {order.spend_limit}")
    order.approved_by = actor.user


def _apply_amounts(
    order: WorkOrder, transition: str, actor: Actor, now: datetime, facts: dict[str, Any]
) -> None:
    """Write approvals, quotes and variations; an amount is added only when it is accepted."""
    if transition == OrderStep.APPROVE:
        order.approved_by = actor.user
    elif transition == OrderStep.SEND:
        _check_limit(order, order.amount, actor)
    elif transition in {OrderStep.QUOTE, OrderStep.VARY}:
        amount = Decimal(facts["amount"])
        inside = transition == OrderStep.VARY and order.amount + amount <= order.spend_limit
        Variation.objects.create(
            order=order,
            kind=Variation.Kind.QUOTE
            if transition == OrderStep.QUOTE
            else Variation.Kind.VARIATION,
            text=facts["text"],
            amount=amount,
            at=now,
            state=Variation.State.ACCEPTED if inside else Variation.State.PENDING,
            automatic=inside,
            decided_at=now if inside else None,
        )
        facts["accepted"] = inside
        if inside:
            order.amount += amount
    elif transition in {
        OrderStep.ACCEPT_QUOTE,
        OrderStep.DECLINE_QUOTE,
        OrderStep.ACCEPT_VARIATION,
        OrderStep.DECLINE_VARIATION,
    }:
        # Lock the row so that two people never decide one amount twice.
        asked = order.variations.select_for_update().filter(state=Variation.State.PENDING).first()
        if asked is None:
            raise workflow.NotAllowed(f"{transition}: nothing to decide")
        accepted = transition.startswith("accept")
        if accepted:
            # Each amount beyond the limit is approved anew.
            if order.amount + asked.amount > order.spend_limit:
                order.approved_by = None
            _check_limit(order, order.amount + asked.amount, actor)
            order.amount += asked.amount
            if transition == OrderStep.ACCEPT_QUOTE:
                order.purpose = WorkOrder.Purpose.WORK
        asked.state = Variation.State.ACCEPTED if accepted else Variation.State.DECLINED
        asked.decided_at, asked.decided_by = now, actor.user
        asked.save()
        facts["amount"] = asked.amount


def _move_visit(order: WorkOrder, transition: str, facts: dict[str, Any]) -> Appointment | None:
    """Give the agreed visit its new state, and return the visit."""
    visit = order.appointments.filter(state__in=Appointment.ACTIVE).first()
    if visit and transition in VISIT_STATES:
        visit.state = VISIT_STATES[transition]
        visit.sequence += 1
        visit.save(update_fields=["state", "sequence"])
    elif visit and transition == OrderStep.LATE:
        visit.late_until = facts["until"]
        visit.sequence += 1
        visit.save(update_fields=["late_until", "sequence"])
    return visit


def _move_claim(
    order: WorkOrder,
    transition: str,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any],
    visit: Appointment | None,
) -> None:
    """Move the claim through its own table, when its state and its other orders allow it.

    ``visit`` is the visit before this step, or the one just agreed; its end is the promised date.
    """
    name = FOLLOWS.get(transition)
    claim = Claim.objects.system("order").get(pk=order.claim_id)
    if name is None or name not in workflow.allowed(claim.state, SYSTEM):
        return
    others = WorkOrder.objects.system("order").filter(claim=claim).exclude(pk=order.pk)
    if name == Event.REPORT_DONE and others.filter(state__in=TO_DO).exists():
        return
    if name == Event.UNPLAN:
        visiting = (
            Appointment.objects.of(order__in=others).filter(state__in=Appointment.ACTIVE).exists()
        )
        if visit is None or visiting:
            return
    step_facts: dict[str, Any] = {"order": str(order.pk), "contractor": order.contractor.name}
    # "text" would be a whole message of staff; the contractor's text is only quoted in a message.
    for key, fact in (("reason", "reason"), ("text", "report")):
        if facts.get(key):
            step_facts[fact] = facts[key]
    if transition == OrderStep.NO_ACCESS:
        step_facts["missed"] = True
    if name == Event.PLAN:
        if claim.state == "planned" and claim.visit_at == facts["visit_at"]:
            return  # the tenant already knows this date
        step_facts["visit_at"] = facts["visit_at"]
        if visit and visit.starts == facts["visit_at"]:
            step_facts["visit_until"] = visit.ends
    advance(
        claim=claim,
        transition=name,
        actor=actor.as_system(),
        now=now,
        **step_facts,
    )


@transaction.atomic
def send_order(*, order: WorkOrder, actor: Actor, now: datetime) -> OrderEvent:
    """Send a proposed order to its contractor; the tenant sees that work is ordered."""
    return advance_order(order=order, transition=OrderStep.SEND, actor=actor, now=now)


@transaction.atomic
def create_follow_on(
    *,
    order: WorkOrder,
    actor: Actor,
    now: datetime,
    description: str,
    contractor: Contractor | None = None,
    **more: Any,
) -> WorkOrder:
    """Write an order that follows ``order``: same terms, another contractor when one is given.

    When the work of ``order`` is still to do, ``order`` is cancelled first. ``more`` are other
    arguments of ``create_order``.
    """
    old = (
        WorkOrder.objects.system("follow")
        .select_related(
            "contract", "claim__category__family", "claim__residence__unit", "claim__building"
        )
        .get(pk=order.pk)
    )
    if old.state in TO_DO or old.state == OrderState.REFUSED:
        advance_order(
            order=old, transition=OrderStep.CANCEL, actor=actor, now=now, reason=description[:300]
        )
    contractor = contractor or old.contractor
    contract = old.contract if old.contractor_id == contractor.pk else None
    return create_order(
        claim=old.claim,
        contractor=contractor,
        contract=contract,
        follows=old,
        respond_by=propose_for(old.claim, now=now).respond_by,
        actor=actor,
        now=now,
        **{
            "payer": old.payer,
            "why": old.why,
            "description": description,
            "access_notes": old.access_notes,
            **more,
        },
    )
