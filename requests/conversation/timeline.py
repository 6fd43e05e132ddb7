"""The history of a claim on the tenant's page: one sentence per event, newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk
from portal.templatetags.palier import clock, day
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import Channel

FILED: Mapping[str, object] = {
    Channel.WEB: _("You sent your request."),
    Channel.PHONE: _("You called. %(who)s wrote your request down."),
    Channel.COUNTER: _("You came to the office. %(who)s wrote your request down."),
    Channel.EMAIL: _("You sent us an e-mail."),
    Channel.SMS: _("You sent us a text message."),
    Channel.LETTER: _("You sent us a letter."),
    Channel.SOCIAL: _("You wrote to us by messaging."),
    Channel.PAGE: _("You wrote on our public page."),
    Channel.OPEN311: _("You told us through another application."),
    Channel.ROUND: _("%(who)s saw it on site and wrote it down."),
}
FILED_BY_PROXY = _("%(who)s, your proxy, sent your request.")
SENTENCES: Mapping[str, object] = {
    Event.ROUTED: _("Your request reached the right team: %(desk)s."),
    Event.TAKE_CHARGE: _("%(who)s is looking into your request."),
    Event.ASK: _("%(who)s asked you a question."),
    Event.PHOTO_ASKED: _("We asked you for photos."),
    Event.TENANT_ANSWERED: _("You answered."),
    Event.PLAN: _("A visit is planned: %(visit)s."),
    Event.ON_THE_WAY: _("The contractor is on the way."),
    Event.START: _("The work has begun."),
    Event.REPORT_DONE: _("We are told that the work is finished."),
    Event.ANSWER: _("%(who)s answered you."),
    Event.REFUSE: _("%(who)s answered that we do not cover this request."),
    Event.SAY_FIXED: _("You said that it is fixed."),
    Event.SAY_NOT_FIXED: _("You said that it is not fixed."),
    Event.CLOSE_UNANSWERED: _("We closed the request after trying to reach you."),
    Event.VERIFIED: _("%(who)s checked the work on site: it is done."),
    Event.NOT_VERIFIED: _("%(who)s checked the work on site: it is not finished."),
    Event.SEND_BACK: _("Your request is open again."),
    Event.MERGE: _("Your request goes on under the number %(other)s."),
    Event.REOPEN: _("Your request is open again."),
    Event.WITHDRAW: _("You took your request back."),
    Event.HAND_OVER: _("Your request was passed on to another team: %(desk)s."),
    Event.VISIT_OFFERED: _("We offered you dates for a visit."),
    Event.VISIT_LATE: _("The contractor told us of a delay."),
    Event.UNPLAN: _("The planned visit was cancelled."),
    Event.CLOSING_REMINDER: _("We asked again whether it is fixed."),
    Event.JOINED_INCIDENT: _("Your request joined those of your neighbours."),
    Event.LATE: _("We were late, and gave you a new date."),
    Event.RESCHEDULED: _("The date of the next news is another one."),
    Event.MESSAGE_IN: _("You wrote to us."),
    Event.MESSAGE_OUT: _("%(who)s wrote to you."),
    Event.PROXY_USED: _("%(who)s acted for you, as your proxy."),
}


def timeline(claim: Claim, channels: dict[str, str]) -> list[dict[str, Any]]:
    """Return rows with ``at``, ``text`` and the label of the ``channel``.

    Events without a sentence are left out. Staff appear by first name only. ``channels`` gives the
    channel of each message by its id.
    """
    events = list(claim.events.filter(name__in=[Event.FILED, *SENTENCES]).select_related("actor"))
    ids = [event.facts["desk"] for event in events if event.facts.get("desk")]
    desks = {desk.pk: desk for desk in Desk.objects.filter(pk__in=ids).select_related("unit")}
    return [
        {
            "at": event.at,
            "text": " ".join(filter(None, (sentence(claim, event, desks), _promised(event)))),
            "channel": _channel(claim, event, channels),
        }
        for event in reversed(events)
    ]


def sentence(claim: Claim, event: ClaimEvent, desks: dict[int, Desk]) -> str:
    """Return the sentence for ``event``, from the event and not from the claim's current state."""
    text = SENTENCES.get(event.name, "")
    if event.name == Event.FILED:
        text = FILED.get(claim.channel, FILED[Channel.WEB])
        if event.facts.get("proxy"):
            text = FILED_BY_PROXY
    return str(text) % {
        "who": (event.actor and event.role != "tenant" and event.actor.first_name)
        or _("The office"),
        "desk": desks[event.facts["desk"]].unit.name if event.facts.get("desk") in desks else "",
        "other": event.facts.get("other", ""),
        "visit": _visit(event.facts.get("visit_at")),
    }


def _promised(event: ClaimEvent) -> str:
    """Return which date was promised with the event, from its facts; empty when none moved."""
    stored = event.facts.get("promised")
    if not stored or event.facts.get("visit_at"):
        return ""  # the sentence of a visit gives its own date
    at = datetime.fromisoformat(stored)
    return gettext("Next news before: %(date)s.") % {"date": f"{day(at)}, {clock(at)}"}


def _visit(stored: str | None) -> str:
    """Return day and hour of a stored instant, in local time."""
    if not stored:
        return ""
    at = datetime.fromisoformat(stored)
    return f"{day(at)}, {clock(at)}"


def _channel(claim: Claim, event: ClaimEvent, channels: dict[str, str]) -> str:
    """Return the label of the channel by which the event came, or an empty text."""
    if event.name == Event.FILED:
        return claim.get_channel_display()
    return channels.get(event.facts.get("message", ""), "")
