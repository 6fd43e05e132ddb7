"""Steps that rules written by people propose, in the words that would go out. Pure.

The first rule whose conditions hold, and whose step is possible now, proposes; a person accepts
or changes it (docs/principles.md, P7). Nothing here acts, refuses or closes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.claims.events import Event
from requests.kit.choices import State
from requests.proposals.rules import NEWS, VISIT, Facts, Proposal
from requests.routing.conditions import RuleFailure, matches
from requests.routing.decide import Rule
from requests.routing.facts import Facts as RoutingFacts

ORDER = "order"
CONTRACTOR, THERE_BY = gettext_lazy("Contractor"), gettext_lazy("There by")
DESK = gettext_lazy("Desk")
AT_FIRST = frozenset({State.RECEIVED, State.IN_REVIEW})


@dataclass(frozen=True)
class Possible:
    """What each step would be for a claim; a missing part makes its step impossible.

    ``contractor`` is a name; ``there_by`` aware, with ``there_by_words`` in the tenant's words;
    ``desk`` a key and ``desk_name``; ``done`` holds the steps already taken on the claim.
    """

    contractor: str = ""
    there_by: datetime | None = None
    there_by_words: str = ""
    desk: int | None = None
    desk_name: str = ""
    done: frozenset[str] = frozenset()


def fitting(rows: Iterable[Rule], facts: RoutingFacts) -> Iterable[Rule]:
    """The rows whose conditions hold, in order; one that cannot be read is passed over."""
    for row in rows:
        try:
            if (not row.unit or row.unit == facts.unit) and matches(row.conditions, facts):
                yield row
        except RuleFailure:
            continue


def word(row: Rule, f: Facts, possible: Possible) -> Proposal | None:
    """What ``row`` proposes for a claim in the active language; None when it is not possible."""
    step = row.outcome.get("propose")
    if f.state not in AT_FIRST or step not in STEPS or step in possible.done:
        return None
    made = STEPS[step](row, f, possible)
    return made and replace(made, rule=row.name, key=row.key, version=row.version)


def _hello(f: Facts) -> str:
    return _("Hello, we have your request: %(what)s.") % {"what": f.what}


def _order(_row: Rule, f: Facts, possible: Possible) -> Proposal | None:
    if not possible.contractor or not possible.there_by:
        return None
    text = (
        _hello(f)
        + " "
        + _("We send %(contractor)s. They are there before: %(date)s.")
        % {
            "contractor": possible.contractor,
            "date": possible.there_by_words,
        }
    )
    facts = ((CONTRACTOR, possible.contractor), (THERE_BY, possible.there_by_words))
    return Proposal(ORDER, "", text, facts, {"promise_at": possible.there_by})


def _visit(_row: Rule, f: Facts, _possible: Possible) -> Proposal | None:
    if not f.slot_at:
        return None
    text = _("Hello, for your request “%(what)s” we come %(slot)s.") % {
        "what": f.what,
        "slot": f.slot,
    }
    values = {"visit_at": f.slot_at, "visit_until": f.slot_until}
    return Proposal(Event.PLAN, "", text, ((VISIT, f.slot),), values)


def _answer(row: Rule, _f: Facts, _possible: Possible) -> Proposal | None:
    text = row.outcome.get("text", "")
    return Proposal(Event.ANSWER, "", text) if text else None


def _photo(row: Rule, f: Facts, _possible: Possible) -> Proposal | None:
    if f.asked:
        return None
    text = row.outcome.get("text") or _hello(f) + " " + _(
        "Can you send us a photo? No photo? Call %(phone)s; we will manage without."
    ) % {"phone": f.phone}
    return Proposal(Event.ASK, "", text)


def _hand_over(row: Rule, f: Facts, possible: Possible) -> Proposal | None:
    if possible.desk is None or not f.next_promise_at:
        return None
    values = {"desk": possible.desk, "reason": row.name, "due": f.next_promise_at}
    facts = ((DESK, possible.desk_name), (NEWS, f.next_promise))
    return Proposal(Event.HAND_OVER, "", "", facts, values)


STEPS = {
    "order": _order,
    "visit": _visit,
    "answer": _answer,
    "photo": _photo,
    "hand_over": _hand_over,
}
