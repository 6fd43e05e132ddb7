"""What work orders do when something happens to their claim."""

from datetime import datetime

from agencies.models import new_secret
from requests.claims import links
from requests.claims.effects import Effect
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import TooLate
from requests.work_orders.appointment_models import Offer


class OfferEffect(Effect):
    """Dates that staff offered can be taken back while the message waits."""

    def revert(self, event: ClaimEvent) -> None:
        """Take the dates back, and offer again those that they replaced.

        Raises ``TooLate`` when the tenant has answered, or other dates were offered meanwhile.
        """
        if event.name != Event.VISIT_OFFERED or "replaces" not in event.facts:
            return
        rows = Offer.objects.system("undo of an offer").select_for_update(skip_locked=True)
        offer = rows.filter(pk=event.facts["offer"], closed_at=None, called_for=False).first()
        if offer is None:
            raise TooLate
        order = offer.order_id
        offer.delete()
        replaced = Offer.objects.system("undo of an offer").filter(
            pk__in=event.facts["replaces"], order=order
        )
        replaced.update(closed_at=None)


class VisitLinkEffect(Effect):
    """The links on which a visit is chosen end with the claim's own link."""

    def link_renewed(self, claim: Claim, now: datetime) -> None:
        """Give every offer of dates a new address."""
        for offer in Offer.objects.of(order__claim=claim):
            links.retire(claim, offer.token, now)
            offer.token = new_secret()
            offer.save(update_fields=["token"])
