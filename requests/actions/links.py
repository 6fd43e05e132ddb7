"""Magic links of contractors: open, closed, renewed; and the log of who saw door codes."""

from datetime import datetime, timedelta

from django.db import transaction

from requests.actions.appointment import active_visit, details_open
from requests.actions.work import CONTRACTOR, SYSTEM, Actor, record_order
from requests.models import AccessView, OrderLink, WorkOrder
from requests.orders import OrderState

LIFE = timedelta(days=30)  # after the order was closed
GONE = frozenset({OrderState.CANCELLED, OrderState.REFUSED})


def is_alive(link: OrderLink, now: datetime) -> bool:
    """A link lives until it is replaced, or 30 days after its order was done or ended."""
    order = link.order
    closed = order.ended_at or (order.done_at if order.state == OrderState.DONE else None)
    return link.revoked_at is None and (closed is None or now < closed + LIFE)


def open_link(token: str, now: datetime) -> OrderLink | None:
    """The living link behind ``token``; None for any other, without saying why."""
    link = (
        OrderLink.objects.select_related(
            "order__claim__category__family",
            "order__claim__staircase__building__residence",
            "order__claim__dwelling",
            "order__claim__tenant",
            "order__contractor",
            "order__contract",
        )
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
    recent = order.events.filter(name="new_link", at__gt=now - timedelta(minutes=5)).exists()
    if recent:
        return
    order.links.filter(revoked_at__isnull=True).update(revoked_at=now)
    record_order(order, "new_link", actor=Actor(SYSTEM), now=now)


@transaction.atomic
def revoke(*, order: WorkOrder, actor: Actor, now: datetime) -> None:
    """A link was shown to the wrong person: close them all, and mail a new one."""
    order.links.filter(revoked_at__isnull=True).update(revoked_at=now)
    record_order(order, "new_link", actor=actor, now=now)


@transaction.atomic
def reveal(*, order: WorkOrder, now: datetime, actor: Actor = CONTRACTOR) -> dict | None:
    """Phone and access notes inside the window, each look logged; None outside it."""
    if not details_open(order, active_visit(order), now):
        return None
    AccessView.objects.create(order=order, at=now, role=actor.role, actor=actor.user)
    return {"phone": order.claim.contact_phone, "access": order.access_notes}
