"""The transition table of a claim: each step, its source states, its roles. Pure data, no ORM.

Buttons, actions and documentation all read this table, so they cannot disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.access import DESK_ROLES, Role
from portal.actor import SYSTEM
from requests.claims.events import Event
from requests.kit.choices import OPEN, State

TENANT = frozenset({Role.TENANT})
DESK = frozenset(DESK_ROLES)


class NotAllowed(Exception):
    """The transition is not in the table for this state or this role."""


@dataclass(frozen=True)
class Transition:
    """One row: ``target`` None keeps the state; ``needs`` names the facts that must be given."""

    name: str
    sources: frozenset[str]
    target: str | None
    roles: frozenset[str]
    needs: frozenset[str] = frozenset()


def _row(
    name: str,
    sources: Iterable[str],
    target: str | None,
    roles: Iterable[str],
    *needs: str,
) -> Transition:
    """Return one row of the table."""
    return Transition(name, frozenset(sources), target, frozenset(roles), frozenset(needs))


# Where a reply may lead a claim besides nowhere: "reply and wait", "reply and finish".
REPLIED_TO = (State.WAITING_TENANT, State.DONE)
WORKING = {State.RECEIVED, State.IN_REVIEW, State.WAITING_TENANT, State.PLANNED, State.IN_PROGRESS}

TRANSITIONS: dict[str, Transition] = {
    row.name: row
    for row in (
        _row(Event.TAKE_CHARGE, {State.RECEIVED}, State.IN_REVIEW, DESK),
        _row(Event.ASK, WORKING, State.WAITING_TENANT, DESK, "text"),
        _row(Event.TENANT_ANSWERED, {State.WAITING_TENANT}, State.IN_REVIEW, DESK | TENANT),
        # The system: a claim that follows its work order, whose own event names who acted.
        _row(Event.PLAN, WORKING, State.PLANNED, DESK | {SYSTEM}, "visit_at"),
        # A visit that does not take place: the page must no longer show its date.
        _row(Event.UNPLAN, {State.PLANNED, State.IN_PROGRESS}, State.IN_REVIEW, {SYSTEM}),
        # Somebody left for the visit: nobody is there yet, and nothing has begun.
        _row(Event.ON_THE_WAY, {State.PLANNED, State.IN_REVIEW}, None, {SYSTEM}),
        _row(Event.START, {State.PLANNED, State.IN_REVIEW}, State.IN_PROGRESS, DESK | {SYSTEM}),
        _row(Event.REPORT_DONE, WORKING, State.DONE, DESK | {SYSTEM}),
        _row(Event.ANSWER, WORKING, State.DONE, DESK, "text"),
        _row(Event.REFUSE, WORKING, State.REFUSED, DESK, "reason", "text"),
        _row(Event.SAY_FIXED, {State.DONE}, State.CLOSED, TENANT),
        _row(Event.SAY_NOT_FIXED, {State.DONE}, State.IN_REVIEW, TENANT),
        # The caretaker saw on site that the work is not finished, and a person at the desk agreed.
        _row(Event.SEND_BACK, {State.DONE}, State.IN_REVIEW, DESK),
        # Only after the documented attempts to reach the tenant (docs/principles.md, P7).
        _row(Event.CLOSE_UNANSWERED, {State.DONE}, State.CLOSED, DESK, "text"),
        _row(Event.REOPEN, {State.CLOSED, State.REFUSED}, State.IN_REVIEW, DESK | TENANT, "text"),
        _row(Event.WITHDRAW, OPEN, State.WITHDRAWN, TENANT),
        _row(Event.HAND_OVER, OPEN, None, DESK, "desk", "reason", "due"),
        # A new dated promise, made before the tenant has to ask (docs/principles.md, P8).
        _row(Event.INFORM, WORKING, None, DESK, "text", "promise_at"),
        # Reported twice by one person: one conversation goes on, and mail to the other joins it.
        _row(
            Event.MERGE,
            {State.RECEIVED, State.IN_REVIEW, State.WAITING_TENANT},
            State.MERGED,
            DESK,
            "into",
        ),
        # Corrections; the first two route the claim again.
        _row(Event.RECLASSIFY, OPEN, None, DESK, "category", "reason"),
        _row(Event.RELOCATE, OPEN, None, DESK, "place"),
        # The system: the sender proved it by their bill and the register's own number.
        _row(Event.IDENTIFY, OPEN, None, DESK | {SYSTEM}, "tenant"),
    )
}


def find(
    name: str, state: str, role: str, table: Mapping[str, Transition] = TRANSITIONS
) -> Transition:
    """Return the row for ``name``. Raises NotAllowed unless the state and the role fit."""
    row = table.get(name)
    if row is None or state not in row.sources or role not in row.roles:
        raise NotAllowed(f"{name} from {state} by {role}")
    return row


def allowed(
    state: str, role: str | None, table: Mapping[str, Transition] = TRANSITIONS
) -> frozenset[str]:
    """Return the names of the transitions that ``role`` may make from ``state``."""
    return frozenset(n for n, t in table.items() if state in t.sources and role in t.roles)


def reply_steps(
    state: str, role: str | None, table: Mapping[str, Transition] = TRANSITIONS
) -> dict[str, str]:
    """Return the steps that a reply alone can take, by the state that each leads to.

    Of ``REPLIED_TO``, those that ``role`` may take from ``state`` and that need a text, no more.
    """
    names = allowed(state, role, table)
    rows = {
        row.target: row.name
        for row in table.values()
        if row.name in names and row.target and row.needs == {"text"}
    }
    return {target: rows[target] for target in REPLIED_TO if target in rows}
