"""THE table of a work order: what may happen to it, from where, by whom. Pure data, no ORM.

States live on the order; the claim follows through its own table (``FOLLOWS``).
"""

from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, Role
from requests.claims import workflow
from requests.claims.workflow import SYSTEM, Transition


class OrderState(models.TextChoices):
    """Where one order stands."""

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


S = OrderState
ENDED = frozenset({S.VERIFIED, S.REFUSED, S.CANCELLED})
# Work that still has to happen; a claim is reported done when none of these is left.
TO_DO = frozenset({S.PROPOSED, S.SENT, S.QUOTED, S.CONFIRMED, S.ON_THE_WAY, S.NO_ACCESS})
# Personal details (phone, door code) open from confirmation to the end of the visit.
VISITING = frozenset({S.CONFIRMED, S.ON_THE_WAY})

DESK = frozenset(DESK_ROLES)
# Who may spend beyond the contract's limit; on call too, because water does not wait.
APPROVERS = frozenset({Role.AGENCY_MANAGER, Role.HEAD_OFFICE, Role.ON_CALL})
C = frozenset({Role.CONTRACTOR})
TENANT = frozenset({Role.TENANT})
CHECKERS = DESK | {Role.CARETAKER}


def _row(name, sources, target, roles, *needs) -> Transition:
    return Transition(name, frozenset(sources), target, frozenset(roles), frozenset(needs))


TRANSITIONS: dict[str, Transition] = {
    row.name: row
    for row in (
        _row("approve", {S.PROPOSED}, None, APPROVERS),
        _row("send", {S.PROPOSED}, S.SENT, DESK),
        _row("book", {S.SENT, S.CONFIRMED, S.NO_ACCESS}, S.SENT, TENANT | DESK | C, "visit_at"),
        _row("unbook", {S.SENT, S.CONFIRMED}, S.SENT, TENANT | DESK | C, "reason"),
        _row("confirm", {S.SENT}, S.CONFIRMED, C | DESK, "visit_at"),
        _row("impossible", {S.SENT, S.CONFIRMED, S.NO_ACCESS}, S.REFUSED, C, "reason"),
        _row("depart", {S.CONFIRMED}, S.ON_THE_WAY, C),
        _row("late", {S.CONFIRMED, S.ON_THE_WAY}, None, C | DESK, "until"),
        _row("no_access", {S.CONFIRMED, S.ON_THE_WAY}, S.NO_ACCESS, C, "text"),
        _row("report_done", {S.SENT, S.CONFIRMED, S.ON_THE_WAY}, S.DONE, C | DESK, "text"),
        _row("quote", {S.SENT, S.CONFIRMED, S.ON_THE_WAY}, S.QUOTED, C, "amount", "text"),
        _row("accept_quote", {S.QUOTED}, S.SENT, DESK),
        _row("decline_quote", {S.QUOTED}, S.CANCELLED, DESK, "reason"),
        _row("vary", {S.CONFIRMED, S.ON_THE_WAY}, None, C, "amount", "text"),
        _row("accept_variation", VISITING | {S.SENT, S.NO_ACCESS, S.DONE}, None, DESK),
        _row("decline_variation", VISITING | {S.SENT, S.NO_ACCESS, S.DONE}, None, DESK, "reason"),
        _row("verify", {S.DONE}, S.VERIFIED, CHECKERS),
        _row("send_back", {S.DONE, S.VERIFIED}, S.SENT, CHECKERS, "reason"),
        _row("cancel", (TO_DO - {S.ON_THE_WAY}) | {S.REFUSED}, S.CANCELLED, DESK, "reason"),
    )
}

# What the claim does when its order does this; always as "system", with the order in the facts.
FOLLOWS = {
    "book": "plan",
    "confirm": "plan",
    "unbook": "unplan",
    "no_access": "unplan",
    "impossible": "unplan",
    "cancel": "unplan",
    "depart": "start",
    "report_done": "report_done",
}


find = partial(workflow.find, table=TRANSITIONS)
allowed = partial(workflow.allowed, table=TRANSITIONS)

__all__ = ["ENDED", "FOLLOWS", "SYSTEM", "TO_DO", "TRANSITIONS", "VISITING", "OrderState"]
