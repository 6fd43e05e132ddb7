"""The variables of the landlord's own message texts: which exist, what fills them.

A text is filled by plain replacement, never by ``str.format``: a brace reaches no attribute.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

EVENTS = [
    ("routed", _("the request is received")),
    ("take_charge", _("a person takes charge")),
    ("ask", _("we ask the tenant something")),
    ("plan", _("a visit is planned")),
    ("report_done", _("the work is reported finished")),
    ("answer", _("we answer")),
    ("refuse", _("we refuse")),
    ("message_out", _("we write")),
    ("reopen", _("the request is open again")),
    ("late", _("we are late")),
    ("close_unanswered", _("we close without an answer")),
]
VARIABLES = {
    "reference": _("the reference to read aloud"),
    "category": _("what the request is about"),
    "date": _("the promised news, or the visit"),
    "who": _("the first name of who acts"),
    "unit": _("the agency that follows the request"),
    "text": _("the words written by the person who acts"),
    "link": _("the link to follow the request"),
    "phone": _("the landlord's phone number"),
    "landlord": _("the landlord's name"),
}
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def faults(body: str) -> list[str]:
    """Why ``body`` cannot be sent, in words; empty when it can."""
    found = []
    for name in dict.fromkeys(_VARIABLE.findall(body)):
        if name not in VARIABLES:
            known = ", ".join(f"{{{variable}}}" for variable in VARIABLES)
            found.append(
                gettext("{%(name)s} is not a variable. These are: %(known)s.")
                % {"name": name, "known": known}
            )
    if re.search(r"[{}]", _VARIABLE.sub("", body)):
        found.append(gettext("A brace is open or closed alone."))
    return found


def fill(body: str, values: Mapping[str, object]) -> str:
    """``body`` with each variable replaced; one without a value becomes empty."""
    return _VARIABLE.sub(lambda match: str(values.get(match[1], "")), body)


def body_for(event: str, channel: str, language: str) -> str | None:
    """The landlord's text for this event, to be filled; None: use the product's own words.
    ``language`` is a code such as "fr" or "en-gb"; another one than ours has no text."""
    from requests.models import MessageText  # the model's choices are those of this module

    found = MessageText.objects.filter(
        event=event, channel=channel, language=language[:2], active=True
    )
    return found.values_list("body", flat=True).first()


def known_variables() -> str:
    """A sentence for the form: every variable with its meaning."""
    return "; ".join(f"{{{name}}} {meaning}" for name, meaning in VARIABLES.items())
