"""What the machine proposes next for a claim, with the exact words that would go out. Pure.

A person accepts or changes it (docs/principles.md, P7): no rule here refuses, none closes a claim
before the tenant was called. The rules that people write come before these
(requests/proposals/written_rules.py).
The words are in the active language, which the caller sets to the tenant's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from requests.claims.events import Event
from requests.kit.choices import Responsible, State

CALL = "call"
REMIND_AFTER = 3  # days without an answer of the tenant
ASK_BY_PHONE_AFTER = 2  # days after the work was reported finished
CALLS_BEFORE_CLOSING = 2


@dataclass(frozen=True)
class Facts:
    """All a rule may look at. Moments come twice: as instants, and in the tenant's words."""

    state: str
    what: str
    who: str
    unit: str
    phone: str
    responsible: str = Responsible.LANDLORD
    administrative: bool = False
    at_home: bool = True
    late: bool = False
    asked: bool = False
    promise: str = ""
    next_promise_at: datetime | None = None
    next_promise: str = ""
    slot_at: datetime | None = None
    slot_until: datetime | None = None
    slot: str = ""
    visited: bool = False
    days: int = 0  # since the claim came into its state
    calls: int = 0  # since then, without reaching anybody


@dataclass(frozen=True)
class Proposal:
    """``transition`` of the table, or ``CALL``; ``values`` fill its form beside ``text``."""

    transition: str
    rule: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    values: dict = field(default_factory=dict)
    key: str = ""  # of the rule people wrote; "" for one of the house's own
    version: int = 0

    @property
    def label(self) -> str:
        """Return the words of the step's button; "" for what is no step of the claim."""
        return Event(self.transition).label if self.transition in Event.values else ""


NEWS = gettext_lazy("Next news")
VISIT = gettext_lazy("Visit")


def _late(f: Facts) -> str:
    return _("We are late. Sorry. New date: %(date)s.") % {"date": f.next_promise}


def _new(f: Facts) -> Proposal | None:
    if f.state != State.RECEIVED:
        return None
    text = _("Hello, we have your request: %(what)s. %(who)s, at %(unit)s, is looking into it.") % {
        "what": f.what,
        "who": f.who,
        "unit": f.unit,
    }
    name = gettext_lazy("New request: say who looks into it")
    if f.late and f.next_promise_at:
        values = {"promise_at": f.next_promise_at}
        return Proposal(
            Event.TAKE_CHARGE, name, f"{text} {_late(f)}", ((NEWS, f.next_promise),), values
        )
    if f.promise:
        text += " " + _("You will hear from us: %(date)s.") % {"date": f.promise}
    return Proposal(Event.TAKE_CHARGE, name, text, ((NEWS, f.promise),) if f.promise else ())


def _own_upkeep(f: Facts) -> Proposal | None:
    if f.state != State.IN_REVIEW or f.responsible != Responsible.TENANT or f.asked:
        return None
    text = _(
        "Hello, this upkeep is normally the tenant's: %(what)s. Is it worn out or dangerous? "
        "Tell us, and we look at it. You can also call %(phone)s."
    ) % {"what": f.what, "phone": f.phone}
    return Proposal(Event.ASK, gettext_lazy("Normally the tenant's: ask before answering"), text)


def _visit(f: Facts) -> Proposal | None:
    ours = f.responsible not in {Responsible.TENANT, Responsible.THIRD_PARTY}
    if f.state != State.IN_REVIEW or f.administrative or not ours or not f.slot_at:
        return None
    text = _("Hello, for your request “%(what)s” we come %(slot)s.") % {
        "what": f.what,
        "slot": f.slot,
    }
    text += " " + (
        _("Someone must be home. It does not suit you? Call %(phone)s.") % {"phone": f.phone}
        if f.at_home
        else _("You need not be there.")
    )
    return Proposal(
        Event.PLAN,
        gettext_lazy("A repair of ours: go and see"),
        text,
        ((VISIT, f.slot),),
        {"visit_at": f.slot_at, "visit_until": f.slot_until},
    )


def _remind(f: Facts) -> Proposal | None:
    if f.state != State.WAITING_TENANT or f.days < REMIND_AFTER:
        return None
    text = _(
        "Hello, we are waiting for your answer: %(what)s. No photo? Call %(phone)s; "
        "we will manage without."
    ) % {"what": f.what, "phone": f.phone}
    return Proposal(Event.ASK, gettext_lazy("No answer for three days: remind"), text)


def _visited(f: Facts) -> Proposal | None:
    if f.state not in {State.PLANNED, State.IN_PROGRESS} or not f.visited:
        return None
    text = _(
        "Hello, our visit for “%(what)s” is over. Is it fixed? Tell us, or call %(phone)s."
    ) % {
        "what": f.what,
        "phone": f.phone,
    }
    return Proposal(Event.REPORT_DONE, gettext_lazy("The visit is over: ask if it is fixed"), text)


def _admit(f: Facts) -> Proposal | None:
    working = {State.IN_REVIEW, State.PLANNED, State.IN_PROGRESS}
    if f.state not in working or not f.late or not f.next_promise_at:
        return None
    text = _("Hello, we write about your request “%(what)s”.") % {"what": f.what} + " " + _late(f)
    return Proposal(
        Event.INFORM,
        gettext_lazy("Late: admit it and give a new date"),
        text,
        ((NEWS, f.next_promise),),
        {"promise_at": f.next_promise_at},
    )


def _close(f: Facts) -> Proposal | None:
    if f.state != State.DONE or f.calls < CALLS_BEFORE_CLOSING:
        return None
    text = _(
        "Hello, we called %(calls)s times about “%(what)s” without reaching you. "
        "We close your request. It is not fixed? Tell us, and we open it again."
    ) % {"calls": f.calls, "what": f.what}
    return Proposal(
        Event.CLOSE_UNANSWERED, gettext_lazy("Two calls without an answer: close"), text
    )


def _ring(f: Facts) -> Proposal | None:
    if f.state != State.DONE or f.days < ASK_BY_PHONE_AFTER:
        return None
    return Proposal(CALL, gettext_lazy("Nobody said if it is fixed: call"))


RULES: tuple[Callable[[Facts], Proposal | None], ...] = (
    _new,
    _own_upkeep,
    _visit,
    _remind,
    _visited,
    _admit,
    _close,
    _ring,
)

# The sentence to say when ringing, by state; the others have none of their own.
SCRIPTS = {
    State.WAITING_TENANT: gettext_noop(
        "Hello, I call about your request: we need an answer from you."
    ),
    State.PLANNED: gettext_noop(
        "Hello, I call about the visit we planned. Does it still suit you?"
    ),
    State.DONE: gettext_noop("Hello, we were told that the work is finished. Is it fixed?"),
}


def propose(facts: Facts) -> Proposal | None:
    """The first rule that has something to propose; None leaves the choice to the person."""
    for rule in RULES:
        found = rule(facts)
        if found:
            return found
    return None


def script(state: str) -> str:
    """What to say first on the phone, in the active language."""
    return _(SCRIPTS.get(state, gettext_noop("Hello, I call about your request.")))
