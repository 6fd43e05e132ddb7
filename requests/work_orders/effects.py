"""What work orders do when something happens to their claim."""

from datetime import datetime

from agencies.models import new_secret
from requests.claims import links
from requests.claims.effects import Effect
from requests.claims.models import Claim
from requests.work_orders.appointment_models import Offer


class VisitLinkEffect(Effect):
    """The links on which a visit is chosen end with the claim's own link."""

    def link_renewed(self, claim: Claim, now: datetime) -> None:
        """Give every offer of dates a new address."""
        for offer in Offer.objects.of(order__claim=claim):
            links.retire(claim, offer.token, now)
            offer.token = new_secret()
            offer.save(update_fields=["token"])
