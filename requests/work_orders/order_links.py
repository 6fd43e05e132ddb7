"""Magic links of contractors: open, revoke, renew; and the log of viewed access details."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.actor import Actor
from requests.work_orders.actions import record_order
from requests.work_orders.appointments import active_visit
from requests.work_orders.contact_details import may_show_contact_details
from requests.work_orders.models import AccessView, OrderLink, WorkOrder
from requests.work_orders.workflow import OrderState, OrderStep

LINK_LIFETIME = timedelta(days=30)  # after the order was done or ended


def readable_condition(now: datetime) -> Q:
    """Return the condition for orders that are open, or done or ended in the last 30 days.

    It is the lifetime of a link, and also that of an order in the list of a signed-in contractor.
    """
    since = now - LINK_LIFETIME
    return (
        Q(ended_at__isnull=True) & ~Q(state=OrderState.DONE)
        | Q(ended_at__gt=since)
        | Q(state=OrderState.DONE, done_at__gt=since)
    )


# What the pages of one order read, in one statement.
SHOWN = (
    "claim__category__family",
    "claim__staircase__building__residence",
    "claim__dwelling",
    "claim__tenant",
    "contractor",
    "contract",
)
GONE = frozenset({OrderState.CANCELLED, OrderState.REFUSED})


def is_alive(link: OrderLink, now: datetime) -> bool:
    """Return whether the link works: until it is revoked, or 30 days after the order's end."""
    order = link.order
    closed = order.ended_at or (order.done_at if order.state == OrderState.DONE else None)
    return link.revoked_at is None and (closed is None or now < closed + LINK_LIFETIME)


def open_link(token: str, now: datetime) -> OrderLink | None:
    """Return the working link of ``token``, or None."""
    link = (
        OrderLink.objects.opened_by(token=token)
        .select_related(*(f"order__{name}" for name in SHOWN))
        .first()
    )
    return link if link and is_alive(link, now) else None


@transaction.atomic
def renew(*, token: str, now: datetime) -> None:
    """Revoke the order's links and mail a new one to the contractor's stored address.

    Does nothing for an unknown token, an order that ended too long ago, or within five minutes of
    the last new link; the page says the same in every case.
    """
    link = OrderLink.objects.opened_by(token=token).select_related("order").first()
    if link is None:
        return
    order = WorkOrder.objects.system("renew").select_for_update(of=("self",)).get(pk=link.order_id)
    closed = order.ended_at or order.done_at
    if order.state in GONE or (closed and now >= closed + LINK_LIFETIME):
        return
    recent = order.events.filter(
        name=OrderStep.NEW_LINK, at__gt=now - timedelta(minutes=5)
    ).exists()
    if recent:
        return
    order.links.filter(revoked_at__isnull=True).update(revoked_at=now)
    record_order(order, OrderStep.NEW_LINK, actor=Actor.SYSTEM, now=now)


@transaction.atomic
def revoke(*, order: WorkOrder, actor: Actor, now: datetime) -> None:
    """Revoke all links of the order, and mail a new one, after a wrong person saw a link."""
    order.links.filter(revoked_at__isnull=True).update(revoked_at=now)
    record_order(order, OrderStep.NEW_LINK, actor=actor, now=now)


@transaction.atomic
def reveal(
    *, order: WorkOrder, now: datetime, actor: Actor = Actor.CONTRACTOR
) -> dict[str, str] | None:
    """Return phone and access notes and log the view; None outside the window of the visit."""
    if not may_show_contact_details(order, active_visit(order), now):
        return None
    AccessView.objects.create(order=order, at=now, role=actor.role, actor=actor.user)
    return {"phone": order.claim.contact_phone, "access": order.access_notes}


def note_look(order: WorkOrder, actor: Actor, now: datetime) -> None:
    """Log that staff read the access notes outside a visit; nothing for an order without any."""
    if order.access_notes:
        AccessView.objects.create(order=order, at=now, role=actor.role, actor=actor.user)
