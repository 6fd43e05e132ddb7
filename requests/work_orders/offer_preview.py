"""The dates that would be offered, and the very message that would say so. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from agencies.models import Contractor
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import undo_until
from requests.kit.choices import Channel
from requests.notifications import events, previews
from requests.notifications.contact_routes import contact_routes
from requests.work_orders.appointment_models import Offer, Slot
from requests.work_orders.models import WorkOrder
from requests.work_orders.open_slots import dates_to_offer
from requests.work_orders.rules import OrderProposal


@dataclass(frozen=True)
class OfferPreview:
    """What the tenant would be sent: ``channel`` None when nothing can reach them."""

    slots: list[Slot]
    channel: Channel | None
    address: str
    text: str


def preview(order: WorkOrder, now: datetime) -> OfferPreview:
    """Return the free dates and the text with them, without what opens the request.

    The end of the link to the dates is not drawn yet.
    """
    claim, slots = order.claim, dates_to_offer(order, now)
    route = next(iter(contact_routes(claim)), None)
    if route is None or not slots:
        return OfferPreview(slots, None, "", "")
    kept = {"offer": _link(), "dates": numbered(slots)}
    name, language = Event.VISIT_OFFERED, claim.language
    paragraph = events.event_paragraph(claim, name, kept, route.channel, language)
    text = events.full_message(claim, [paragraph], route.channel, language)
    shown = previews.without_secrets(claim, text)
    return OfferPreview(slots, Channel(route.channel), route.address, shown)


def preview_of_proposal(
    claim: Claim, proposal: OrderProposal, now: datetime
) -> OfferPreview | None:
    """Return what the tenant is sent when the order that is proposed goes out; None: no dates."""
    if proposal.contractor is None:
        return None
    contractor = Contractor.objects.get(pk=proposal.contractor)
    order = WorkOrder(claim=claim, contractor=contractor, respond_by=proposal.respond_by)
    found = preview(order, now)
    return found if found.slots else None


def numbered(slots: Sequence[Slot]) -> list[list[str]]:
    """Return the dates as the event of an offer keeps them."""
    return [
        [str(number), slot.starts.isoformat(), slot.ends.isoformat()]
        for number, slot in enumerate(slots, 1)
    ]


def _link() -> str:
    drawn = "x" * 20
    return settings.PALIER_URL + reverse("visit", args=[drawn]).replace(drawn, "…")


def undoable_offer(offer: Offer | None, user, now: datetime) -> ClaimEvent | None:
    """Return the event of ``offer`` while ``user``, who made it, can take it back."""
    if offer is None:
        return None
    rows = ClaimEvent.objects.of(claim=offer.order.claim).filter(
        name=Event.VISIT_OFFERED, facts__offer=offer.pk, actor=user, facts__has_key="replaces"
    )
    event = rows.last()
    return event if event and undo_until(event) > now else None


def late_offer(order: WorkOrder, now: datetime) -> str:
    """Return the company's reason for open dates after the order's limit; "" without any."""
    offer = order.offers.filter(closed_at__isnull=True).first()
    first = offer.options.order_by("slot__starts").first() if offer else None
    if offer is None or first is None or not order.is_after_limit(first.slot.starts, now):
        return ""
    rows = ClaimEvent.objects.of(claim=order.claim).filter(facts__offer=offer.pk)
    event = rows.filter(name=Event.VISIT_OFFERED).last()
    return event.facts.get("reason", "") if event else ""
