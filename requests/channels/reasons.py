"""Why an input waits for a person or was set aside: codes, said in the language of the reader.

``Intake.error`` holds one reason per line: a code with its facts, or plain words (those of a
person, of a failure, or what was stored before there were codes).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.dates import full_day

MOST = 300  # characters of one fact
START = '{"code": '
TEXTS: Mapping[str, str | Promise] = {
    "already_invited": _("This person was already invited today."),
    "automatic": _("Its headers call it automatic (%(mark)s), and it is of no known conversation."),
    "automatic_other": _("Automatic, and of no known conversation."),
    "acknowledged": _("The acknowledgement of receipt of a letter of ours."),
    "bounce": _("Not delivered, but no message of ours is named."),
    "bounce_of_no_request": _("A message of ours that is about no request came back."),
    "danger": _("Possible danger: “%(words)s”. Read it now."),
    "double": _("The same message came to another of our mailboxes."),
    "empty_post": _("It says nothing: neither word nor picture."),
    "flood": _("%(sender)s: more than %(most)s requests within an hour."),
    "letter": _("A letter on paper: say where it belongs."),
    "letter_code": _("Its code says: our letter of %(day)s about request %(ref)s."),
    "letter_no_code": _("No code of a letter of ours could be read on it."),
    "list": _("From a mailing list."),
    "machine": _("Written by a machine."),
    "no_author": _("The provider does not say which post this is, or whose."),
    "no_sender": _("The provider names no sender: nobody can be answered."),
    "not_fetched": _("The mail server has not handed out this message."),
    "not_handed_out": _(
        "The mail server does not hand out this message (%(error)s). Read it again."
    ),
    "not_our_receipt": _("A receipt of a message that is not ours."),
    "letter_returned": _("A letter of ours that came back."),
    "other_page": _("Of the page %(page)s, which is not the one of our settings."),
    "private_post": _("Written to our page in private: answer there, or make a claim."),
    "provider_alert": _("Until somebody acts, messages may not leave."),
    "provider_news": _("News of the provider that asks nothing of us."),
    "refused_answer": _("The page refused our private answer. Answer on the page. (%(why)s)"),
    "unreadable_sender": _("The sender could not be read."),
    "too_late": _("Older than seven days: no private answer is taken any more."),
    "too_long": _("Reading it took more than %(limit)s."),
}


@dataclass(frozen=True)
class Reason:
    """One reason, ready to be shown; ``coded`` is False for words in whatever language."""

    text: str
    coded: bool


def coded(code: str, **facts: object) -> str:
    """Return the reason of this code as it is stored. Raises KeyError for an unknown one."""
    TEXTS[code]
    cut = {name: str(fact).replace("\0", "")[:MOST] for name, fact in facts.items()}
    return json.dumps({"code": code, **cut}, ensure_ascii=False)


def read(stored: str) -> list[Reason]:
    """Return the stored reasons, the coded ones in the language that is active."""
    return [_read_line(line) for line in stored.splitlines() if line]


def say(stored: str) -> str:
    """Return the stored reasons as one text, the coded ones in the language that is active."""
    return " ".join(reason.text for reason in read(stored))


def _read_line(line: str) -> Reason:
    if not line.startswith(START):
        return Reason(line, coded=False)
    try:
        facts = json.loads(line)
        if "day" in facts:
            facts["day"] = full_day(date.fromisoformat(facts["day"]))
        return Reason(str(TEXTS[facts["code"]]) % facts, coded=True)
    except (ValueError, KeyError, TypeError):  # of a later version, or cut
        return Reason(line, coded=False)
