"""What a step did, in a sentence: « Demande prise en charge. »"""

from django.utils.translation import gettext_lazy as _

from requests.claims.events import Event

DONE = {
    Event.TAKE_CHARGE: _("Request taken in charge."),
    Event.ASK: _("Question ready."),
    Event.TENANT_ANSWERED: _("Answer noted."),
    Event.PLAN: _("Visit noted."),
    Event.START: _("Noted: work has begun."),
    Event.REPORT_DONE: _("Noted: the work is finished."),
    Event.ANSWER: _("Answer ready."),
    Event.REFUSE: _("Refusal ready."),
    Event.SEND_BACK: _("Request reopened."),
    Event.CLOSE_UNANSWERED: _("Request closed."),
    Event.REOPEN: _("Request reopened."),
    Event.HAND_OVER: _("Request passed on."),
    Event.INFORM: _("New date ready."),
    Event.MERGE: _("Requests merged."),
    Event.RECLASSIFY: _("Category or urgency changed."),
    Event.RELOCATE: _("Place changed."),
    Event.IDENTIFY: _("Tenant linked."),
}
