"""What was done, in sentences, with the date that stands after it: « Demande prise en charge. »"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.dates import moment as moment_text
from portal.dates import short_day
from portal.models import User
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.conversation import mentions
from requests.promises.outlook import promise_said

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
# What else a reply did, by its step.
WITH_A_REPLY = {
    Event.ASK: _("The request waits for the tenant’s answer."),
    Event.ANSWER: _("The request is finished, if the tenant agrees."),
}


def step_done(claim: Claim, event: ClaimEvent) -> str:
    """Return what the step did, and by when the tenant now hears from us."""
    return _with_date(str(DONE[Event(event.name)]), claim)


def reply_sent(claim: Claim, event: ClaimEvent) -> str:
    """Return that a reply is about to leave, what its step did, and the date that now stands."""
    said = gettext("Reply sent in half a minute.")
    if event.name in WITH_A_REPLY:
        said = f"{said} {WITH_A_REPLY[Event(event.name)]}"
    return _with_date(said, claim)


def note_kept(told: Iterable[User]) -> str:
    """Return that a note was kept, and who finds themselves named in it."""
    names = [_name(user) for user in told]
    if not names:
        return gettext("Note kept. Only staff read it; nobody is told of it.")
    return gettext("Note kept. Told that they are named: %(names)s.") % {
        "names": get_text_list(names, gettext("and"))
    }


def away(told: Iterable[User], now: datetime) -> list[str]:
    """Return a warning for each person named who is away today, with who stands in."""
    people = list(told)
    found = mentions.away(people, timezone.localdate(now)) if people else {}
    warnings = []
    for user in people:
        if absence := found.get(user.pk):
            facts = {"name": _name(user), "day": short_day(absence.last_day)}
            if absence.replacement:
                facts["other"] = _name(absence.replacement.user)
                said = gettext("%(name)s is away until %(day)s; %(other)s stands in.")
            else:
                said = gettext("%(name)s is away until %(day)s, and nobody stands in.")
            warnings.append(said % facts)
    return warnings


def _name(user: User) -> str:
    return user.first_name or str(user)


def _with_date(said: str, claim: Claim) -> str:
    due = promise_said(claim)
    if due is None:
        return said
    return f"{said} {gettext('Next news before: %(date)s.') % {'date': moment_text(due)}}"
