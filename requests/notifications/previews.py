"""Show staff what a message says, without what anybody wrote and without what opens a request."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.landlord import current
from portal.dates import moment
from requests.channels.marks import claim_mark
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.notifications.events import filing_url
from requests.notifications.text_models import MessageText
from requests.notifications.texts import PUBLIC, fill
from requests.promises.outlook import promise_said


def preview(text: MessageText) -> str:
    """Return the text as the latest claim with this event would send it, else invented values.

    What a person wrote is replaced: an administrator does not read conversations.
    """
    landlord = current()
    event = (
        ClaimEvent.objects.system("preview of a text")
        .filter(name=text.event)
        .select_related("claim__category", "claim__owner__unit", "actor")
        .order_by("-at", "-id")
        .first()
    )
    with translation.override(text.language):
        values = {
            "text": _("(the words of the person who acts)"),
            "link": f"{settings.PALIER_URL}/s/…/",
            "phone": landlord.phone,
            "landlord": landlord.name,
            "reference": "K7M 4Q2",
            "category": _("Water leak"),
            "date": _("Thursday 27 November, 10:30 am"),
            "who": "Sonia",
            "unit": _("North agency"),
        }
        if text.event in PUBLIC:
            values["link"] = filing_url()
        if event is not None:
            claim = event.claim
            values |= {
                "reference": claim.spoken_reference,
                "category": str(claim.category),
                "date": moment(claim.visit_at if text.event == Event.PLAN else promise_said(claim)),
                "who": event.actor.first_name if event.actor else "",
                "unit": str(claim.owner.unit) if claim.owner else "",
            }
        return fill(text.body, values)


def without_secrets(claim: Claim, text: str) -> str:
    """Return ``text`` without the tenant's private link and the mark that lets a mail join."""
    for secret in (claim.token, claim_mark(claim.reference)):
        text = text.replace(secret, "…")
    return text
