"""A claim read again, and an order for it that was sent."""

from datetime import timedelta

from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.work_orders.actions import create_order, send_order
from tests import factories


def again(claim) -> Claim:
    return (
        Claim.objects.system("test").select_related("category", "residence__unit").get(pk=claim.pk)
    )


def ordered(claim, agent, **values):
    order = create_order(
        claim=claim,
        contractor=values.pop("contractor", None) or factories.contractor(),
        payer="landlord",
        why="by_law",
        description="Fuite",
        respond_by=values.pop("respond_by", now() + timedelta(days=9)),
        actor=Actor.member(agent),
        now=now(),
    )
    send_order(order=order, actor=Actor.member(agent), now=now())
    return order
