"""Write a rule as a sentence for its readers. Pure: labels are given."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from requests.routing.conditions import FIELDS

HEADS = {
    "family": gettext_lazy("the family is %s"),
    "category": gettext_lazy("the subject is %s"),
    "urgency": gettext_lazy("the urgency is %s"),
    "channel": gettext_lazy("it came by %s"),
    "asset": gettext_lazy("it concerns %s"),
    "sector": gettext_lazy("the sector is %s"),
    "residence": gettext_lazy("the residence is %s"),
    "needs": gettext_lazy("the tenant has the need: %s"),
    "unit_open": gettext_lazy("the agency is %s"),
}


def sentence(
    conditions: Mapping[str, list[Any]],
    outcome: Mapping[str, Any],
    labels: Mapping[str, Mapping[Any, Any]],
) -> str:
    """Return the rule as one sentence in the current language.

    In French for example: « Quand la famille est Plomberie ou Chauffage, la demande va à : bureau
    technique. » ``labels[field][value]`` is the label of a value; an unknown value stays as it is.
    """
    parts = []
    for name in FIELDS:
        if values := conditions.get(name):
            words = [str(labels.get(name, {}).get(value, value)) for value in values]
            parts.append(str(HEADS[name]) % _any_of(words))
    goal = str(labels.get("outcome", {}).get(outcome_key(outcome), outcome_key(outcome)))
    when = (" " + pgettext("joins conditions", "and") + " ").join(parts)
    if "propose" in outcome:
        return _proposal(when, goal, outcome)
    if not parts:
        return _("Every request goes to: %(goal)s.") % {"goal": goal}
    return _("When %(when)s, the request goes to: %(goal)s.") % {"when": when, "goal": goal}


def _proposal(when: str, goal: str, outcome: Mapping[str, Any]) -> str:
    """Return the sentence of a rule that proposes a step."""
    if outcome.get("within"):
        goal = _("%(goal)s within %(hours)s h") % {"goal": goal, "hours": outcome["within"]}
    if outcome["propose"] == "order":
        goal = _("%(goal)s and tell the tenant by their channel") % {"goal": goal}
    if not when:
        return _("For every request, propose %(goal)s.") % {"goal": goal}
    return _("When %(when)s, propose %(goal)s.") % {"when": when, "goal": goal}


def outcome_key(outcome: Mapping[str, str]) -> str:
    """Return the form's value of an outcome: "agency:technical" or "propose:order:plumbing"."""
    if "propose" in outcome:
        return ":".join(filter(None, ("propose", outcome["propose"], outcome.get("with", ""))))
    return f"{outcome.get('unit', '')}:{outcome.get('desk', '')}"


def _any_of(words: list[str]) -> str:
    """Return the words joined by commas and "or"."""
    joiner = " " + pgettext("joins values", "or") + " "
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + joiner + words[-1]
