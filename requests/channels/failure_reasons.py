"""Answers of a mail server or an SMS provider, in words for people. Pure.

The answer itself stays with the delivery; here are only the causes that somebody can act on.
Sources: RFC 3463 (enhanced mail codes), twilio.com/docs/api/errors.
"""

import re

from django.utils.translation import gettext_lazy as _

from requests.channels.mail.refusals import Meaning, meaning_of
from requests.kit.choices import Channel

# What Python says when no server answered: an exception instead of a reply.
NO_ANSWER = re.compile(r"^\w*(?:Error|Disconnected)\(|timed out|timeout|unreachable", re.IGNORECASE)
MAIL = {
    Meaning.DEAD: _("this address does not exist"),
    Meaning.FULL: _("their mailbox is full"),
    Meaning.REPUTATION: _("their mail server refuses our messages"),
    Meaning.REFUSED: _("their mail server refused the message"),
    Meaning.LATER: _("their mail server asks us to try later"),
}
REFUSED_ACCOUNT = _("the messaging provider refuses our account")
TEXT = (
    (r"\b21610\b|^STOP", _("this person asked for no more SMS")),
    (r"\b212(?:11|17)\b|\b30005\b", _("this number does not exist")),
    (r"\b21614\b|\b30006\b", _("this number takes no SMS")),
    (r"\b30003\b", _("the phone is off or out of reach")),
    (r"no SMS provider", _("no SMS provider is set")),
    (r"\b30007\b|\b30004\b", _("the operator blocked the message")),
    (r"^40[13]\b", _("the SMS provider refuses our account")),
    (r"^(?:429|5\d\d)\b|Error|Timeout|no answer", _("the SMS provider did not answer")),
    (r"undelivered|failed", _("the operator could not deliver it")),
)
MESSAGING = (
    (r"\b131026\b", _("this number is not reached by messaging")),
    (r"\b131050\b", _("this person asked for no more messages")),
    (r"\b(?:0|3|10|190|2\d\d|368|1310(?:05|31|37|42|45)|133010)\b|^40[13]\b", REFUSED_ACCOUNT),
    (r"\b1320(?:01|15|16)\b", _("the messaging provider refuses our template")),
    (r"Error|Timeout|no answer|^(?:429|5\d\d)\b", _("the messaging provider did not answer")),
)
UNKNOWN = _("no reason was given")


def explain_failure(channel: str, answer: str):
    """Return the likely cause behind ``answer``, as a lazy text.

    ``UNKNOWN`` when it says nothing.
    """
    if channel == Channel.LETTER:
        return answer or UNKNOWN  # a sentence of ours: why it was not printed, or came back
    if channel not in (Channel.SMS, Channel.SOCIAL):
        if answer == "COMPLAINT":
            return _("this person called our mail spam")
        if NO_ANSWER.search(answer):
            return _("the mail server did not answer")
        meaning = meaning_of(answer)
        return MAIL[meaning] if meaning else UNKNOWN
    for pattern, words in MESSAGING if channel == Channel.SOCIAL else TEXT:
        if re.search(pattern, answer, re.IGNORECASE):
            return words
    return UNKNOWN
