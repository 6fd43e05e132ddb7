"""How much waits behind entries of the menu: one statement for all of them, on every page."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery

from agencies.models import ImportRun, Membership, Unit
from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.database.readers import system
from portal.database.statement_cache import compiled
from requests.calls import missed_call_views
from requests.claims.models import Claim
from requests.complaints.models import ComplaintStage
from requests.inbound import tray_listing

LEADS = frozenset({Role.HEAD_OFFICE, Role.AGENCY_MANAGER})
MOST = 99  # above, the number is only "99+"


class Counted(Subquery):
    """``(SELECT count(*) FROM …)`` of a queryset."""

    template = "(SELECT count(*) FROM (%(subquery)s LIMIT 100) _counted)"
    output_field = IntegerField()


def _complaints(member: Membership) -> QuerySet:
    return ComplaintStage.objects.filter(
        answered_at=None, complaint__claim__in=Claim.objects.visible_to(member)
    )


def _roles(member: Membership) -> QuerySet:
    """Return the roles that this member may confirm: neither given by them nor theirs."""
    mine = Q(asked_by=member.user_id) | Q(user=member.user_id)
    return Membership.everything.filter(pending=True).exclude(mine)


def _imports(member: Membership) -> QuerySet:
    """Return the files that wait for somebody else than who sent them."""
    return ImportRun.objects.filter(state=ImportRun.State.HELD).exclude(by=member.user_id)


# Name of an entry's address → the roles for which it counts, and what.
COUNTS: Mapping[str, tuple[frozenset[str], Callable[[Membership], QuerySet]]] = {
    "channels:tray": (
        frozenset(DESK_ROLES),
        lambda member: tray_listing.visible_to(member).filter(tray_listing.VIEWS["failed"][1]),
    ),
    "calls:desk": (frozenset(DESK_ROLES), missed_call_views.waiting_calls),
    "complaints": (LEADS, _complaints),
    "teams:pending": (frozenset({Role.ADMIN, Role.HEAD_OFFICE}), _roles),
    "stock:imports": (frozenset({Role.ADMIN, Role.HEAD_OFFICE}), _imports),
}


def waiting(member: Membership) -> dict[str, int]:
    """Return how many wait behind each entry that counts for the member, by name; one statement."""
    if not (counted := _counted(member.role)):
        return {}
    rows = _numbers(member, now())
    return {name: rows[0].get(key, 0) if rows else 0 for name, key in counted.items()}


def _counted(role: str) -> dict[str, str]:
    """Return what counts for a role: the name of the entry, and that of its column."""
    return {
        name: name.replace(":", "_") for name, (roles, _rows) in COUNTS.items() if role in roles
    }


@compiled
def _numbers(member: Membership, moment: datetime) -> QuerySet:
    wanted: dict[str, Any] = {
        key: Counted(COUNTS[name][1](member).order_by().values("pk"))
        for name, key in _counted(member.role).items()
    }
    # Each count is narrowed to what the member sees. Asked as the reader, planning the policies of
    # five tables once more took longer, on every page, than all else that the page asks.
    asked = Unit.objects.using(system()).filter(pk=member.unit_id).order_by()
    return asked.annotate(**wanted).values(*wanted)


def shown(number: int) -> str:
    """Return a count for the menu; "" for nothing."""
    return "" if not number else str(number) if number <= MOST else f"{MOST}+"
