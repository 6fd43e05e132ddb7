"""Magic links of contractors: open, closed, renewed; and the log of who saw door codes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.actor import Actor
from requests.work_orders.actions import record_order
from requests.work_orders.appointments import active_visit, details_open
from requests.work_orders.models import AccessView, OrderLink, WorkOrder
from requests.work_orders.workflow import OrderState, OrderStep

LIFE = timedelta(days=30)  # after the order was closed


# The same for people who sign in: an order leaves their list when its link would die.
def readable(now: datetime) -> Q:
    """Orders still open, or done or ended at most 30 days ago."""
    since = now - LIFE
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
    """A link lives until it is replaced, or 30 days after its order was done or ended."""
    order = link.order
    closed = order.ended_at or (order.done_at if order.state == OrderState.DONE else None)
    return link.revoked_at is None and (closed is None or now < closed + LIFE)


def open_link(token: str, now: datetime) -> OrderLink | None:
    """The living link behind ``token``; None for any other, without saying why."""
    link = (
        OrderLink.objects.select_related(*(f"order__{name}" for name in SHOWN))
        .filter(token=token)
        .first()
    )
    return link if link and is_alive(link, now) else None


@transaction.atomic
def renew(*, token: str, now: datetime) -> None:
    """Revoke the order's links and mail a new one to the contractor's address on file.

    Does nothing for an unknown token or an order closed too long ago; the page says the same.
    """
    link = OrderLink.objects.select_related("order").filter(token=token).first()
    if link is None:
        return
    order = WorkOrder.objects.system("renew").select_for_update(of=("self",)).get(pk=link.order_id)
    closed = order.ended_at or order.done_at
    if order.state in GONE or (closed and now >= closed + LIFE):
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
    """A link was shown to the wrong person: close them all, and mail a new one."""
    order.links.filter(revoked_at__isnull=True).update(revoked_at=now)
    record_order(order, OrderStep.NEW_LINK, actor=actor, now=now)


@transaction.atomic
def reveal(*, order: WorkOrder, now: datetime, actor: Actor = Actor.CONTRACTOR) -> dict | None:
    """Phone and access notes inside the window, each look logged; None outside it."""
    if not details_open(order, active_visit(order), now):
        return None
    AccessView.objects.create(order=order, at=now, role=actor.role, actor=actor.user)
    return {"phone": order.claim.contact_phone, "access": order.access_notes}
