"""Answers of a mail server or an SMS provider, in words for people. Pure.

The answer itself stays with the delivery; here are only the causes that somebody can act on.
Sources: RFC 3463 (enhanced mail codes), twilio.com/docs/api/errors.
"""

import re

from django.utils.translation import gettext_lazy as _

from requests.kit.choices import Channel

MAIL = (
    (
        r"5\.1\.[0-36]|user unknown|unknown user|no such|does not exist|\b55[013]\b.*unknown",
        _("this address does not exist"),
    ),
    (r"[45]\.2\.2|quota|full\b|\b552\b|\b452\b", _("their mailbox is full")),
    (r"[45]\.7\.|spam|block|blacklist|policy|\b554\b", _("their mail server refuses our messages")),
    (
        r"timed out|timeout|refused|unreachable|OSError|gaierror|Disconnect",
        _("the mail server did not answer"),
    ),
    (r"^4\d\d\b|\b4\.\d\.\d", _("their mail server asks us to try later")),
    (r"^5\d\d\b|\b5\.\d\.\d", _("their mail server refused the message")),
)
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
UNKNOWN = _("no reason was given")


def explain_failure(channel: str, answer: str):
    """Return the likely cause behind ``answer``, as a lazy text.

    ``UNKNOWN`` when it says nothing.
    """
    for pattern, words in TEXT if channel == Channel.SMS else MAIL:
        if re.search(pattern, answer, re.IGNORECASE):
            return words
    return UNKNOWN
