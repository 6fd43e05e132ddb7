"""What happened to a claim, on its page."""

from django.utils.translation import gettext_lazy as _

from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.inbox.forms import LABELS

EVENTS = {
    "filed": _("Filed"),
    "routed": _("Given to a desk"),
    "message_in": _("The tenant wrote"),
    "message_out": _("We wrote"),
    "called": _("We called"),
    "me_too": _("Reported by someone else too"),
    "visit_offered": _("Dates offered"),
    "visit_reminder": _("Reminder of the visit"),
    "visit_late": _("Contractor late"),
    "unplan": _("Visit cancelled"),
    "call_wanted": _("The tenant asks to be called"),
    "closing_reminder": _("Asked again if it is fixed"),
    "closing_attempt": _("Attempt to reach the tenant"),
    "feedback_asked": _("Satisfaction asked"),
    "feedback": _("Satisfaction given"),
    "joined_incident": _("Grouped under an incident"),
    "verified": _("The caretaker checked: it is done"),
    "not_verified": _("The caretaker checked: it is not finished"),
    "send_back": _("Reopened after the caretaker's check"),
    "kept_done": _("Kept as finished after the caretaker's check"),
    "late": _("Late: the tenant was given a new date"),
    "escalated": _("Late: passed up"),
    "formal_notice": _("Formal notice received"),
    "complained": _("Complaint about how this was dealt with"),
    "second_stage": _("Complaint: second stage asked"),
    "lent": _("Lent to another unit"),
    "lent_back": _("Back from the other unit"),
    "identity_merged": _("Moved: the records of one person were merged"),
    "identity_unmerged": _("Moved back: the merge was undone"),
    "proxy_used": _("The tenant's proxy acted"),
    "say_fixed": _("The tenant says it is fixed"),
    "say_not_fixed": _("The tenant says it is not fixed"),
    "withdraw": _("Withdrawn by the tenant"),
    "photo_asked": _("Photos asked for by a link"),
    "unreadable": _("Something could not be opened: the tenant was told"),
    "too_big": _("A file was too heavy: the tenant was told"),
    **LABELS,
}


def events_of(claim: Claim) -> list[ClaimEvent]:
    """Return the events of the claim with their actor and ``label``, oldest first."""
    events = list(claim.events.select_related("actor"))
    for event in events:
        event.label = EVENTS.get(event.name, event.name)
    return events


def history(page: ClaimPage) -> dict:
    """Return the labelled events of the page."""
    return {"events": page.events}


HISTORY = Panel("history", "requests/inbox/_history.html", history)
