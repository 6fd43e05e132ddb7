"""The transition table of a work order: each step, its source states, its roles. Pure data, no ORM.

A step of the order may move the claim through the claim's own table (``FOLLOWS``).
"""

from collections.abc import Iterable, Mapping
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, Role
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.workflow import Transition


class OrderState(models.TextChoices):
    """The states of an order."""

    PROPOSED = "proposed", _("To be sent")
    SENT = "sent", _("Sent")
    QUOTED = "quoted", _("Quote to decide")
    CONFIRMED = "confirmed", _("Visit confirmed")
    ON_THE_WAY = "on_the_way", _("On the way")
    NO_ACCESS = "no_access", _("No access")
    DONE = "done", _("Reported done")
    VERIFIED = "verified", _("Checked")
    REFUSED = "refused", _("Impossible for the contractor")
    CANCELLED = "cancelled", _("Cancelled")


class OrderStep(models.TextChoices):
    """The events of an order; the label is shown in its history."""

    # Steps: the rows of the table below.
    APPROVE = "approve", _("Approve the amount")
    SEND = "send", _("Order sent")
    BOOK = "book", _("Date agreed")
    UNBOOK = "unbook", _("Visit cancelled")
    CONFIRM = "confirm", _("Visit confirmed")
    IMPOSSIBLE = "impossible", _("Impossible for the contractor")
    DEPART = "depart", _("On the way")
    LATE = "late", _("Running late")
    NO_ACCESS = "no_access", _("No access")
    REPORT_DONE = "report_done", _("Reported done")
    QUOTE = "quote", _("Quote received")
    ACCEPT_QUOTE = "accept_quote", _("Accept the quote")
    DECLINE_QUOTE = "decline_quote", _("Decline the quote")
    VARY = "vary", _("Additional work asked for")
    ACCEPT_VARIATION = "accept_variation", _("Accept the additional work")
    DECLINE_VARIATION = "decline_variation", _("Decline the additional work")
    VERIFY = "verify", _("Checked on the spot")
    SEND_BACK = "send_back", _("Sent back: not finished")
    CANCEL = "cancel", _("Order cancelled")

    # Events that are no step of the table.
    CREATED = "created", _("Order written")
    NEW_LINK = "new_link", _("New link sent to the contractor")
    MAIL_FAILED = "mail_failed", _("The mail did not reach the contractor")


S = OrderState
ENDED = frozenset({S.VERIFIED, S.REFUSED, S.CANCELLED})
# Work still to do; a claim is reported done when no order is in one of these states.
TO_DO = frozenset({S.PROPOSED, S.SENT, S.QUOTED, S.CONFIRMED, S.ON_THE_WAY, S.NO_ACCESS})
# Personal details (phone, door code) open from the eve of the visit to two hours after it.
VISITING = frozenset({S.CONFIRMED, S.ON_THE_WAY})

DESK = frozenset(DESK_ROLES)
# Who may approve an amount above the contract's limit; on call too, for emergencies.
APPROVERS = frozenset({Role.AGENCY_MANAGER, Role.HEAD_OFFICE, Role.ON_CALL})
C = frozenset({Role.CONTRACTOR})
TENANT = frozenset({Role.TENANT})
CHECKERS = DESK | {Role.CARETAKER}


def _row(
    name: str,
    sources: Iterable[str],
    target: str | None,
    roles: Iterable[str],
    *needs: str,
) -> Transition:
    """Return one row of the table."""
    return Transition(name, frozenset(sources), target, frozenset(roles), frozenset(needs))


TRANSITIONS: dict[str, Transition] = {
    row.name: row
    for row in (
        _row(OrderStep.APPROVE, {S.PROPOSED}, None, APPROVERS),
        _row(OrderStep.SEND, {S.PROPOSED}, S.SENT, DESK),
        _row(
            OrderStep.BOOK,
            {S.SENT, S.CONFIRMED, S.NO_ACCESS},
            S.SENT,
            TENANT | DESK | C,
            "visit_at",
        ),
        _row(OrderStep.UNBOOK, {S.SENT, S.CONFIRMED}, S.SENT, TENANT | DESK | C, "reason"),
        _row(OrderStep.CONFIRM, {S.SENT}, S.CONFIRMED, C | DESK, "visit_at"),
        _row(OrderStep.IMPOSSIBLE, {S.SENT, S.CONFIRMED, S.NO_ACCESS}, S.REFUSED, C, "reason"),
        _row(OrderStep.DEPART, {S.CONFIRMED}, S.ON_THE_WAY, C),
        _row(OrderStep.LATE, {S.CONFIRMED, S.ON_THE_WAY}, None, C | DESK, "until"),
        _row(OrderStep.NO_ACCESS, {S.CONFIRMED, S.ON_THE_WAY}, S.NO_ACCESS, C, "text"),
        _row(OrderStep.REPORT_DONE, {S.SENT, S.CONFIRMED, S.ON_THE_WAY}, S.DONE, C | DESK, "text"),
        _row(OrderStep.QUOTE, {S.SENT, S.CONFIRMED, S.ON_THE_WAY}, S.QUOTED, C, "amount", "text"),
        _row(OrderStep.ACCEPT_QUOTE, {S.QUOTED}, S.SENT, DESK),
        _row(OrderStep.DECLINE_QUOTE, {S.QUOTED}, S.CANCELLED, DESK, "reason"),
        _row(OrderStep.VARY, {S.CONFIRMED, S.ON_THE_WAY}, None, C, "amount", "text"),
        _row(OrderStep.ACCEPT_VARIATION, VISITING | {S.SENT, S.NO_ACCESS, S.DONE}, None, DESK),
        _row(
            OrderStep.DECLINE_VARIATION,
            VISITING | {S.SENT, S.NO_ACCESS, S.DONE},
            None,
            DESK,
            "reason",
        ),
        _row(OrderStep.VERIFY, {S.DONE}, S.VERIFIED, CHECKERS),
        _row(OrderStep.SEND_BACK, {S.DONE, S.VERIFIED}, S.SENT, CHECKERS, "reason"),
        _row(OrderStep.CANCEL, (TO_DO - {S.ON_THE_WAY}) | {S.REFUSED}, S.CANCELLED, DESK, "reason"),
    )
}

# The claim's step that follows the order's step, always as "system", with the order in the facts.
FOLLOWS: Mapping[str, Event] = {
    OrderStep.BOOK: Event.PLAN,
    OrderStep.CONFIRM: Event.PLAN,
    OrderStep.UNBOOK: Event.UNPLAN,
    OrderStep.NO_ACCESS: Event.UNPLAN,
    OrderStep.IMPOSSIBLE: Event.UNPLAN,
    OrderStep.CANCEL: Event.UNPLAN,
    OrderStep.DEPART: Event.ON_THE_WAY,
    OrderStep.REPORT_DONE: Event.REPORT_DONE,
}


find = partial(workflow.find, table=TRANSITIONS)
allowed = partial(workflow.allowed, table=TRANSITIONS)

__all__ = [
    "ENDED",
    "FOLLOWS",
    "TO_DO",
    "TRANSITIONS",
    "VISITING",
    "OrderState",
    "OrderStep",
]
