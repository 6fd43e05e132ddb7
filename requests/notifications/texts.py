"""The one syntax of every text with variables, ``{{ name }}``: its lint and its filling.

The product's files, the landlord's own texts and ready-made replies all pass here. A text is
filled by plain replacement, never by ``str.format`` or a template: a brace reaches no attribute.
"""

import re
from collections.abc import Mapping, Set

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from requests.claims.events import Event

EVENTS = [
    (Event.ROUTED, _("the request is received")),
    (Event.TAKE_CHARGE, _("a person takes charge")),
    (Event.ASK, _("we ask the tenant something")),
    (Event.PLAN, _("a visit is planned")),
    (Event.REPORT_DONE, _("the work is reported finished")),
    (Event.ANSWER, _("we answer")),
    (Event.REFUSE, _("we refuse")),
    (Event.MESSAGE_OUT, _("we write")),
    (Event.REOPEN, _("the request is open again")),
    (Event.LATE, _("we are late")),
    (Event.CLOSE_UNANSWERED, _("we close without an answer")),
    ("public_post", _("somebody writes on our public page")),
    ("public_danger", _("a post on our public page speaks of a danger")),
]
# Said to somebody whose request does not exist yet, by messaging: short texts with few names.
PUBLIC = frozenset({"public_post", "public_danger"})
VARIABLES = {
    "reference": _("the reference to read aloud"),
    "category": _("what the request is about"),
    "date": _("the promised news, or the visit"),
    "who": _("the first name of who acts"),
    "unit": _("the agency that follows the request"),
    "text": _("the words written by the person who acts"),
    "link": _("the link to follow the request"),
    "phone": _("the landlord’s phone number"),
    "landlord": _("the landlord’s name"),
}
NAME = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BRACES = re.compile(r"\{+([^{}]*)\}+")


def unavailable_names(event: str) -> Set[str]:
    """Return the names that a text of ``event`` cannot use."""
    return VARIABLES.keys() - {"link", "phone", "landlord"} if event in PUBLIC else frozenset()


def text_faults(body: str, *, without: Set[str] = frozenset()) -> list[str]:
    """Return why ``body`` cannot be sent, in words; empty when it can.

    ``without``: names not offered.
    """
    offered = [name for name in VARIABLES if name not in without]
    known = ", ".join(f"{{{{ {name} }}}}" for name in offered)
    found = []
    for name in dict.fromkeys(NAME.findall(body)):
        if name not in offered:
            found.append(
                gettext("{{ %(name)s }} is not a variable. These are: %(known)s.")
                % {"name": name, "known": known}
            )
    left = NAME.sub("", body)
    for name in dict.fromkeys(_BRACES.findall(left)):
        found.append(
            gettext("{%(name)s} is not a variable. These are: %(known)s.")
            % {"name": name, "known": known}
        )
    if re.search(r"[{}]", _BRACES.sub("", left)):
        found.append(gettext("A brace is open or closed alone."))
    return found


def fill(source: str, values: Mapping[str, object]) -> str:
    """Put ``values`` into ``source``, dropping the lines that name an empty one.

    Raises KeyError for a name that does not exist.
    """
    lines = []
    for line in source.replace("\r\n", "\n").split("\n"):
        if all(str(values[name]) for name in NAME.findall(line)):
            lines.append(NAME.sub(lambda found: str(values[found[1]]), line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def in_words(source: str) -> str:
    """Return ``source`` as it is shown to who does not write it: names as their meaning, in [ ]."""
    return NAME.sub(lambda found: f"[{VARIABLES.get(found[1], found[1])}]", source)


def known_variables(without: Set[str] = frozenset()) -> str:
    """Return a sentence for the form: every variable with its meaning."""
    offered = ((name, meaning) for name, meaning in VARIABLES.items() if name not in without)
    return "; ".join(f"{{{{ {name} }}}} {meaning}" for name, meaning in offered)
