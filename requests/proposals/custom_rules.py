"""Propose steps by the rules that a landlord wrote, with the text that would be sent. Pure.

The first rule whose conditions hold, and whose step is possible now, proposes it; a person accepts
or changes it (docs/principles.md, P7). Nothing here acts, refuses or closes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.claims.events import Event
from requests.kit.choices import State
from requests.proposals.rules import NEWS, RULES, VISIT, Proposal, Situation
from requests.routing.conditions import RuleFailure, matches
from requests.routing.decide import Rule
from requests.routing.house_proposals import HOUSE
from requests.routing.routing_input import RoutingInput

ORDER = "order"
CONTRACTOR, THERE_BY = gettext_lazy("Contractor"), gettext_lazy("There by")
DESK = gettext_lazy("Desk")
FIRST_STATES = frozenset({State.RECEIVED, State.IN_REVIEW})


@dataclass(frozen=True)
class StepOptions:
    """What each step would be for a claim. A step whose part is missing is not possible.

    ``contractor`` is a name; ``there_by`` is aware, ``there_by_words`` is its text for the tenant;
    ``desk`` is a key, ``desk_name`` its name; ``done`` holds the steps already taken on the claim.
    """

    contractor: str = ""
    there_by: datetime | None = None
    there_by_words: str = ""
    desk: int | None = None
    desk_name: str = ""
    done: frozenset[str] = frozenset()


def matching_rules(rows: Iterable[Rule], facts: RoutingInput) -> Iterable[Rule]:
    """Yield the rows whose conditions hold, in order; skip a row that cannot be read."""
    for row in rows:
        try:
            if (not row.unit or row.unit == facts.unit) and matches(row.conditions, facts):
                yield row
        except RuleFailure:
            continue


def propose(row: Rule, f: Situation, possible: StepOptions) -> Proposal | None:
    """Return what ``row`` proposes for a claim, in the active language; None if not possible."""
    step = row.outcome.get("propose")
    if step == HOUSE:
        house = RULES.get(row.outcome.get("with", ""))
        made = house(f) if house else None
        return made and replace(made, rule=row.name, key=row.key, version=row.version)
    if f.state not in FIRST_STATES or step not in STEPS or step in possible.done:
        return None
    made = STEPS[step](row, f, possible)
    return made and replace(made, rule=row.name, key=row.key, version=row.version)


def _hello(f: Situation) -> str:
    return _("Hello, we have your request: %(what)s.") % {"what": f.what}


def _order(_row: Rule, f: Situation, possible: StepOptions) -> Proposal | None:
    return propose_order(f.what, possible)


def propose_order(what: str, possible: StepOptions) -> Proposal | None:
    """Return the order to ``possible.contractor`` about ``what``; None where there is nobody."""
    if not possible.contractor or not possible.there_by:
        return None
    text = _("Hello, we have your request: %(what)s.") % {"what": what}
    text += " " + _("We send %(contractor)s. They are there before: %(date)s.") % {
        "contractor": possible.contractor,
        "date": possible.there_by_words,
    }
    details = ((CONTRACTOR, possible.contractor), (THERE_BY, possible.there_by))
    return Proposal(ORDER, "", text, details, {"promise_at": possible.there_by})


def _visit(_row: Rule, f: Situation, _possible: StepOptions) -> Proposal | None:
    if not f.slot_at or not f.slot_until:
        return None
    if f.ordered or f.visit_set or f.danger:
        return None
    text = _("Hello, for your request “%(what)s” we come %(slot)s.") % {
        "what": f.what,
        "slot": f.slot,
    }
    values = {"visit_at": f.slot_at, "visit_until": f.slot_until}
    return Proposal(Event.PLAN, "", text, ((VISIT, (f.slot_at, f.slot_until)),), values)


def _answer(row: Rule, _f: Situation, _possible: StepOptions) -> Proposal | None:
    text = row.outcome.get("text", "")
    return Proposal(Event.ANSWER, "", text) if text else None


def _photo(row: Rule, f: Situation, _possible: StepOptions) -> Proposal | None:
    if f.asked:
        return None
    text = row.outcome.get("text") or _hello(f) + " " + _(
        "Can you send us a photo? No photo? Call %(phone)s; we will manage without."
    ) % {"phone": f.phone}
    return Proposal(Event.ASK, "", text)


def _hand_over(row: Rule, f: Situation, possible: StepOptions) -> Proposal | None:
    if possible.desk is None or not f.next_promise_at:
        return None
    values = {"desk": possible.desk, "reason": row.name, "due": f.next_promise_at}
    details = ((DESK, possible.desk_name), (NEWS, f.next_promise_at))
    return Proposal(Event.HAND_OVER, "", "", details, values)


STEPS = {
    "order": _order,
    "visit": _visit,
    "answer": _answer,
    "photo": _photo,
    "hand_over": _hand_over,
}
