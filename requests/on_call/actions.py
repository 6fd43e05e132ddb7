"""Order in an emergency, at once or not at all."""

from datetime import datetime

from django.db import transaction

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.kit.choices import State
from requests.on_call.queries import emergency_order
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import ENDED


class NobodyToSend(Exception):
    """No contract and no duty in force covers this fault at this place."""


@transaction.atomic
def order_now(
    *, claim: Claim, contractor: int, version: int, actor: Actor, now: datetime
) -> WorkOrder:
    """Take the claim in hand, and write and send the order that the contracts propose.

    ``contractor`` is the one that was read before the tap: when it changed meanwhile, or somebody
    ordered or wrote in between, raises ``Conflict`` and does nothing. Raises ``NobodyToSend``,
    ``TooExpensive``.
    """
    held = Claim.objects.system("emergency order").select_for_update(of=("self",)).get(pk=claim.pk)
    if held.version != version or held.orders.exclude(state__in=ENDED).exists():
        raise Conflict
    found = emergency_order(claim, now)
    if found is None:
        raise NobodyToSend
    if found.contractor.pk != contractor:
        raise Conflict
    if held.state == State.RECEIVED:
        advance(claim=claim, transition=Event.TAKE_CHARGE, actor=actor, version=version, now=now)
    order = create_order(
        claim=claim,
        contractor=found.contractor,
        contract=found.contract,
        payer=found.made.payer,
        why=found.made.why,
        # What was told in confidence is not copied for the company.
        description=str(claim.category) if claim.is_confidential else _work(claim),
        emergency=True,
        respond_by=found.made.respond_by,
        actor=actor,
        now=now,
    )
    send_order(order=order, actor=actor, now=now)
    return order


def _work(claim: Claim) -> str:
    return f"{claim.category}\n{claim.words}".strip()
