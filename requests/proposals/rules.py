"""Propose the next step of a claim, with the exact text that would be sent. Pure.

A person accepts or changes it (docs/principles.md, P7): no rule refuses a claim or closes one
before the tenant was called. Each of these is a row of the rules' page, which can be switched off,
narrowed and rehearsed like those that a landlord writes (requests/proposals/custom_rules.py).
Texts are in the active language, which the caller sets to the tenant's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from agencies import unit_names
from agencies.unit_names import Article
from requests.claims.events import Event
from requests.kit.choices import Responsible, State
from requests.routing.house_proposals import HOUSE_RULES

CALL = "call"
REMIND_AFTER = 3  # days without an answer from the tenant
ASK_BY_PHONE_AFTER = 2  # days after the work was reported finished
CALLS_BEFORE_CLOSING = 2


Detail = str | datetime | tuple[datetime, datetime]


@dataclass(frozen=True)
class Situation:
    """All that a rule may read. Moments come twice: as instants, and as text for the tenant."""

    state: str
    what: str
    who: str
    unit: str
    phone: str
    responsible: str = Responsible.LANDLORD
    administrative: bool = False
    at_home: bool = True  # somebody must open a door
    danger: bool = False
    spoken: bool = False  # somebody was called since the claim came into its state
    ordered: bool = False  # a contractor has an order to do
    visit_set: bool = False  # a visit is noted for a time to come, and was not cancelled
    incident: bool = False  # one of several claims about a fault that is dealt with as a whole
    late: bool = False
    asked: bool = False
    promise_at: datetime | None = None  # what will be promised once the claim is taken in charge
    promise: str = ""
    next_promise_at: datetime | None = None
    next_promise: str = ""
    slot_at: datetime | None = None
    slot_until: datetime | None = None
    slot: str = ""
    visited: bool = False
    days: int = 0  # since the claim came into its state
    calls: int = 0  # since then, without reaching anybody
    article: str = Article.AUTOMATIC  # of ``unit``, in French


@dataclass(frozen=True)
class Proposal:
    """``transition`` of the workflow, or ``CALL``; ``values`` fill its form beside ``text``.

    ``details`` are for the person who decides, whose language need not be the tenant's: dates are
    instants there, a visit its two ends.
    """

    transition: str
    rule: str | Promise
    text: str = ""
    details: tuple[tuple[str | Promise, Detail], ...] = ()
    values: dict = field(default_factory=dict)
    key: str = ""  # of the landlord's rule; "" for a built-in one
    version: int = 0

    @property
    def label(self) -> str:
        """Return the label of the step's button; "" when it is not a step of the claim."""
        return str(Event(self.transition).label) if self.transition in Event.values else ""


NEWS = gettext_lazy("Next news")
VISIT = gettext_lazy("Visit")


def _late(f: Situation) -> str:
    return _("We are late. Sorry. New date: %(date)s.") % {"date": f.next_promise}


def _new(f: Situation) -> Proposal | None:
    if f.state != State.RECEIVED:
        return None
    text = _("Hello, we have your request: %(what)s. %(who)s, at %(unit)s, is looking into it.") % {
        "what": f.what,
        "who": f.who,
        "unit": unit_names.of(f.unit, f.article),
    }
    name = HOUSE_RULES["new"]
    if f.late and f.next_promise_at:
        values, details = {"promise_at": f.next_promise_at}, ((NEWS, f.next_promise_at),)
        return Proposal(Event.TAKE_CHARGE, name, f"{text} {_late(f)}", details, values)
    if f.promise:
        text += " " + _("You will hear from us: %(date)s.") % {"date": f.promise}
    return Proposal(Event.TAKE_CHARGE, name, text, ((NEWS, f.promise_at),) if f.promise_at else ())


def _own_upkeep(f: Situation) -> Proposal | None:
    if f.state != State.IN_REVIEW or f.responsible != Responsible.TENANT or f.asked:
        return None
    text = _(
        "Hello, this upkeep is normally the tenant’s: %(what)s. Is it worn out or dangerous? "
        "Tell us, and we look at it. You can also call %(phone)s."
    ) % {"what": f.what, "phone": f.phone}
    return Proposal(Event.ASK, HOUSE_RULES["own_upkeep"], text)


def _danger(f: Situation) -> Proposal | None:
    if f.state != State.IN_REVIEW or not f.danger or f.ordered or f.incident or f.spoken:
        return None
    return Proposal(CALL, HOUSE_RULES["danger"])


def _visit(f: Situation) -> Proposal | None:
    ours = f.responsible not in {Responsible.TENANT, Responsible.THIRD_PARTY}
    if f.state != State.IN_REVIEW or f.administrative or not ours:
        return None
    if not f.slot_at or not f.slot_until:
        return None
    # Who has the order, or deals with the incident, says when they come; a danger cannot wait.
    if f.ordered or f.visit_set or f.incident or f.danger:
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
        HOUSE_RULES["visit"],
        text,
        ((VISIT, (f.slot_at, f.slot_until)),),
        {"visit_at": f.slot_at, "visit_until": f.slot_until},
    )


def _remind(f: Situation) -> Proposal | None:
    if f.state != State.WAITING_TENANT or f.days < REMIND_AFTER:
        return None
    text = _(
        "Hello, we are waiting for your answer: %(what)s. No photo? Call %(phone)s; "
        "we will manage without."
    ) % {"what": f.what, "phone": f.phone}
    return Proposal(Event.ASK, HOUSE_RULES["remind"], text)


def _ask_after_visit(f: Situation) -> Proposal | None:
    if f.state not in {State.PLANNED, State.IN_PROGRESS} or not f.visited or f.ordered:
        return None
    text = _(
        "Hello, our visit for “%(what)s” is over. Is it fixed? Tell us, or call %(phone)s."
    ) % {
        "what": f.what,
        "phone": f.phone,
    }
    return Proposal(Event.REPORT_DONE, HOUSE_RULES["visit_over"], text)


def _admit_lateness(f: Situation) -> Proposal | None:
    working = {State.IN_REVIEW, State.PLANNED, State.IN_PROGRESS}
    if f.state not in working or not f.late or not f.next_promise_at:
        return None
    text = _("Hello, we write about your request “%(what)s”.") % {"what": f.what} + " " + _late(f)
    return Proposal(
        Event.INFORM,
        HOUSE_RULES["late"],
        text,
        ((NEWS, f.next_promise_at),),
        {"promise_at": f.next_promise_at},
    )


def _close(f: Situation) -> Proposal | None:
    if f.state != State.DONE or f.calls < CALLS_BEFORE_CLOSING:
        return None
    text = _(
        "Hello, we called %(calls)s times about “%(what)s” without reaching you. "
        "We close your request. It is not fixed? Tell us, and we open it again."
    ) % {"calls": f.calls, "what": f.what}
    return Proposal(Event.CLOSE_UNANSWERED, HOUSE_RULES["close"], text)


def _call(f: Situation) -> Proposal | None:
    if f.state != State.DONE or f.days < ASK_BY_PHONE_AFTER:
        return None
    return Proposal(CALL, HOUSE_RULES["call"])


# By key, in the order in which they are asked; the key is that of the row.
RULES: Mapping[str, Callable[[Situation], Proposal | None]] = {
    "new": _new,
    "own_upkeep": _own_upkeep,
    "danger": _danger,
    "visit": _visit,
    "remind": _remind,
    "visit_over": _ask_after_visit,
    "late": _admit_lateness,
    "close": _close,
    "call": _call,
}

# The first sentence of a call, by state; other states share a general one.
SCRIPTS: dict[str, str] = {
    State.WAITING_TENANT: gettext_noop(
        "Hello, I call about your request: we need an answer from you."
    ),
    State.PLANNED: gettext_noop(
        "Hello, I call about the visit we planned. Does it still suit you?"
    ),
    State.DONE: gettext_noop("Hello, the company says that the work is done. Is it fixed?"),
}


def propose(situation: Situation) -> Proposal | None:
    """Return the proposal of the first rule that has one; None leaves the choice to the person."""
    for rule in RULES.values():
        found = rule(situation)
        if found:
            return found
    return None


def script(state: str) -> str:
    """Return what to say first on the phone, in the active language."""
    return _(SCRIPTS.get(state, gettext_noop("Hello, I call about your request.")))
