"""What happened to a claim, in the tenant's words: one sentence for each event."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Desk
from portal.database.related_rows import kept
from portal.dates import clock, day
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import CallOutcome, Channel

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
    Event.REPORT_DONE: _("The company says that the work is done."),
    Event.ANSWER: _("%(who)s answered you."),
    Event.REFUSE: _("%(who)s answered that we do not cover this request."),
    Event.SAY_FIXED: _("You said that it is settled."),
    Event.SAY_NOT_FIXED: _("You said that it is not settled."),
    Event.CLOSE_UNANSWERED: _("We closed the request after trying to reach you."),
    Event.VERIFIED: _("%(who)s checked the work on site: it is done."),
    Event.NOT_VERIFIED: _("%(who)s checked the work on site: it is not finished."),
    Event.SEND_BACK: _("Your request is open again."),
    Event.MERGE: _("Your request goes on under the number %(other)s."),
    Event.REOPEN: _("Your request is open again."),
    Event.WITHDRAW: _("You withdrew your request."),
    Event.HAND_OVER: _("Your request was passed on to another team: %(desk)s."),
    Event.VISIT_OFFERED: _("We offered you dates for a visit."),
    Event.VISIT_LATE: _("The contractor told us of a delay."),
    Event.UNPLAN: _("The planned visit was cancelled."),
    Event.CLOSING_REMINDER: _("We asked again whether it is settled."),
    Event.JOINED_INCIDENT: _("Your request joined those of your neighbours."),
    Event.LATE: _("We were late, and gave you a new date."),
    Event.RESCHEDULED: _("The date of the next news is another one."),
    Event.MESSAGE_IN: _("You wrote to us."),
    Event.MESSAGE_OUT: _("%(who)s wrote to you."),
    Event.PROXY_USED: _("%(who)s acted for you, as your proxy."),
    Event.VISIT_REMINDER: _("We reminded you of the visit."),
    Event.CALL_WANTED: _("You asked us to call you."),
    Event.CALLED: _("%(who)s called you."),  # worded by its outcome: CALLS
    Event.TOO_BIG: _("A file of yours was too heavy for us: we told you."),
    Event.UNREADABLE: _("We could not open something that you sent: we told you."),
    Event.FEEDBACK_ASKED: _("We asked you how it went."),
    Event.FEEDBACK: _("You told us how it went."),
    Event.FORMAL_NOTICE: _("We received your formal notice."),
    Event.SECOND_STAGE: _("Your complaint went to somebody else, for a second look."),
}


# Only its author is told: it concerns a person, not the home.
OWN_ONLY = frozenset(
    {
        *(Event.CALLED, Event.CALL_WANTED, Event.TOO_BIG, Event.UNREADABLE),
        *(Event.FEEDBACK_ASKED, Event.FEEDBACK, Event.FORMAL_NOTICE, Event.SECOND_STAGE),
    }
)
CALLS: Mapping[str, object] = {
    CallOutcome.REACHED: _("%(who)s spoke with you by phone."),
    CallOutcome.VOICEMAIL: _("%(who)s called you and left a message."),
    CallOutcome.NO_ANSWER: _("%(who)s called you: nobody answered."),
}


class Wording:
    """The sentences of one claim's events, for its tenant."""

    def __init__(self, claim: Claim, events: Iterable[ClaimEvent]) -> None:
        self.claim = claim
        rows: Iterable[Desk] | None = kept(claim, "named_desks")
        if rows is None:
            ids = [event.facts["desk"] for event in events if event.facts.get("desk")]
            rows = Desk.objects.filter(pk__in=ids).select_related("unit") if ids else []
        self.desks = {desk.pk: desk for desk in rows}

    def may_tell(self, event: ClaimEvent, *, own: bool) -> bool:
        """Return whether the tenant's page tells of ``event``, to the author or to the home."""
        known = event.name == Event.FILED or event.name in SENTENCES
        return known and (own or event.name not in OWN_ONLY)

    def sentence(self, event: ClaimEvent) -> str:
        """Return the sentence of ``event`` and the date promised with it; "" when there is none."""
        said = sentence(self.claim, event, self.desks)
        return " ".join(filter(None, (said, said and _promised(event))))


def timeline(claim: Claim) -> list[dict[str, Any]]:
    """Return ``at`` and ``text`` of what happened to a claim, newest first, for a printed page.

    Events without a sentence are left out. Staff appear by first name only.
    """
    events = list(claim.events.filter(name__in=[Event.FILED, *SENTENCES]).select_related("actor"))
    wording = Wording(claim, events)
    rows = [{"at": event.at, "text": wording.sentence(event)} for event in reversed(events)]
    return [row for row in rows if row["text"]]


def sentence(claim: Claim, event: ClaimEvent, desks: dict[int, Desk]) -> str:
    """Return the sentence for ``event``, from the event and not from the claim's current state."""
    text = SENTENCES.get(event.name, "")
    if event.name == Event.FILED:
        text = FILED.get(claim.channel, FILED[Channel.WEB])
        if event.facts.get("proxy"):
            text = FILED_BY_PROXY
    elif event.name == Event.CALLED:
        text = CALLS.get(event.facts.get("outcome", ""), "")
    desk = desks.get(event.facts.get("desk") or 0)
    return str(text) % {
        "who": (event.actor and event.role != "tenant" and event.actor.first_name)
        or _("The office"),
        "desk": desk.unit.in_sentence if desk else "",
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
