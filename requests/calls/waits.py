"""What a caller's open requests wait for: said first, with the way to do it during the call."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.kit.choices import State
from requests.work_orders.appointment_models import Offer, OfferOption
from requests.work_orders.workflow import ENDED

CHOOSE, CONFIRM, ANSWER = "choose", "confirm", "answer"
MOST_WORDS = 300


@dataclass
class Wait:
    """One thing that only the tenant can say. ``question``: what we asked them, if anything."""

    kind: str
    question: str = ""
    offer: Offer | None = None
    options: list[OfferOption] = field(default_factory=list)


def of_claims(claims: Iterable[Claim]) -> dict:
    """Return {claim key: what it waits for} of those that wait for the tenant.

    A date to choose, finished work to confirm, a question to answer: one for each request.
    """
    rows = list(claims)
    found: dict = {}
    if not rows:
        return found
    offers = (
        Offer.objects.of(order__claim__in=rows)
        .filter(closed_at__isnull=True)
        .exclude(order__state__in=ENDED)
        .select_related("order")
        .prefetch_related("options__slot")
        .order_by("made_at")
    )
    for offer in offers:
        options = list(offer.options.all())
        if options:
            found[offer.order.claim_id] = Wait(CHOOSE, offer=offer, options=options)
    for claim in rows:
        if claim.pk in found:
            continue
        if claim.state == State.DONE:
            found[claim.pk] = Wait(CONFIRM)
        elif claim.state == State.WAITING_TENANT:
            asked = Message.objects.of(claim=claim).filter(direction=Message.Direction.OUT)
            last = asked.order_by("-at").first()
            found[claim.pk] = Wait(ANSWER, question=last.text[:MOST_WORDS] if last else "")
    return found
