"""The built-in rules that propose a step, by key: their names and what they propose. Pure.

They are rows like those that people write (``requests/routing/house_rows.py``); when each
proposes, and with which text, is written in ``requests/proposals/rules.py``.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from requests.claims.events import Event

HOUSE = "house"
# In the order in which they are asked. The name says when it proposes what.
HOUSE_RULES: Mapping[str, Any] = {
    "new": _("New request: say who looks into it"),
    "own_upkeep": _("Normally the tenant’s: ask before answering"),
    "danger": _("A danger: call at once"),
    "visit": _("A repair of ours: go and see"),
    "remind": _("No answer for three days: remind"),
    "visit_over": _("The visit is over: ask if it is fixed"),
    "late": _("Late: admit it and give a new date"),
    "close": _("Two calls without an answer: close"),
    "call": _("Nobody said if it is fixed: call"),
}
# What the rule proposes, after "propose" in its sentence.
HOUSE_STEPS: Mapping[str, Any] = {
    "new": _("to take a new request in charge and say who looks into it"),
    "own_upkeep": _("to ask before answering that upkeep is the tenant’s"),
    "danger": _("to call at once when it is a danger and nobody is ordered"),
    "visit": _("to go and see a repair of ours that nobody is ordered for"),
    "remind": _("to remind who has not answered for three days"),
    "visit_over": _("to ask if it is fixed once our visit is over"),
    "late": _("to admit lateness and give a new date"),
    "close": _("to close after two calls without an answer"),
    "call": _("to call who has not said if it is fixed"),
}
# The event by which people take the step themselves.
TAKEN: Mapping[str, str] = {
    "new": Event.TAKE_CHARGE,
    "own_upkeep": Event.ASK,
    "danger": Event.CALLED,
    "visit": Event.PLAN,
    "remind": Event.ASK,
    "visit_over": Event.REPORT_DONE,
    "late": Event.INFORM,
    "close": Event.CLOSE_UNANSWERED,
    "call": Event.CALLED,
}
