"""What the subject of a mail says: which kind of news, never its content.

A subject is read by others, on a locked phone or over a shoulder (docs/principles.md, T2).
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.claims.events import Event

NEWS: Mapping[str, object] = {
    Event.ROUTED: gettext_lazy("we received it"),
    Event.TAKE_CHARGE: gettext_lazy("we are dealing with it"),
    Event.ASK: gettext_lazy("a question for you"),
    Event.INFORM: gettext_lazy("news for you"),
    Event.HAND_OVER: gettext_lazy("another team deals with it"),
    Event.RESCHEDULED: gettext_lazy("another date"),
    Event.PLAN: gettext_lazy("your appointment"),
    Event.REPORT_DONE: gettext_lazy("is it settled?"),
    Event.ANSWER: gettext_lazy("our answer"),
    Event.REFUSE: gettext_lazy("our answer"),
    Event.MESSAGE_OUT: gettext_lazy("a message for you"),
    Event.MERGE: gettext_lazy("joined with another of your requests"),
    Event.REOPEN: gettext_lazy("open again"),
    Event.SEND_BACK: gettext_lazy("we go on"),
    Event.CLOSE_UNANSWERED: gettext_lazy("closed without your answer"),
    Event.TOO_BIG: gettext_lazy("your file was too large"),
    Event.UNREADABLE: gettext_lazy("your file could not be read"),
    Event.PHOTO_ASKED: gettext_lazy("a photo, please"),
    Event.LATE: gettext_lazy("we are late"),
    Event.VISIT_OFFERED: gettext_lazy("choose a date"),
    Event.VISIT_LATE: gettext_lazy("your appointment is late"),
    Event.VISIT_REMINDER: gettext_lazy("reminder of your appointment"),
    Event.UNPLAN: gettext_lazy("your appointment is cancelled"),
    Event.CLOSING_REMINDER: gettext_lazy("is it settled?"),
    Event.JOINED_INCIDENT: gettext_lazy("others have the same trouble"),
    Event.FEEDBACK_ASKED: gettext_lazy("how was it?"),
    Event.FORMAL_NOTICE: gettext_lazy("we received your formal notice"),
    Event.SECOND_STAGE: gettext_lazy("your complaint is looked at again"),
}


def subject(reference: str, event: str = "") -> str:
    """Return the subject of a mail about the news ``event``, in the active language."""
    if event not in NEWS:
        return _("Your request %(ref)s") % {"ref": reference}
    return _("Your request %(ref)s: %(news)s") % {"ref": reference, "news": NEWS[event]}
