"""Table: event → template. The text is chosen from the event, never from the current state."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from requests.models import ClaimEvent, Message

# Events that the tenant hears of; each has templates/requests/messages/<name>.txt.
TOLD = frozenset(
    {
        "routed",
        "take_charge",
        "ask",
        "plan",
        "report_done",
        "answer",
        "refuse",
        "message_out",
        "reopen",
        "send_back",
        "close_unanswered",
    }
)


def notify(*, key: str, now: datetime) -> None:
    """Tell the tenant about event ``key`` by e-mail when they gave one. SMTP errors raise."""
    event = ClaimEvent.objects.select_related("claim__category", "claim__owner__unit").get(pk=key)
    claim = event.claim
    if event.name not in TOLD or not claim.contact_email:
        return
    text = event.facts.get("text", "")
    if event.name == "message_out":
        text = Message.objects.get(pk=event.facts["message"]).text
    with translation.override(claim.language):
        link = settings.PALIER_URL + reverse("follow", args=[claim.token])
        context = {
            "claim": claim,
            "event": event,
            "text": text,
            "link": link,
            "phone": settings.PALIER_PHONE,
        }
        body = render_to_string("requests/messages/notice.txt", context)
        # The subject carries no content: mail previews are read by others (trust rule 2).
        subject = translation.gettext("Your request %(ref)s") % {"ref": claim.spoken_reference}
    EmailMultiAlternatives(
        subject,
        body,
        settings.DEFAULT_FROM_EMAIL,
        [claim.contact_email],
        # The same Message-ID on a repeat lets mail programs fold the doubles (trust.md).
        headers={
            "Message-ID": f"<event-{event.pk}@palier.invalid>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Precedence": "bulk",
        },
    ).send()
