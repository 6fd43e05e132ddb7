"""Rules for what the people of one home may read of each other's claims. Pure: no ORM.

A claim belongs to its author. It is shared with the home only when it is a technical fault of the
dwelling and a person has sorted it: the author on the portal's own pages, or staff (trust rule 2).
"""

from collections.abc import Mapping

from portal.access import DESK_ROLES, Role
from portal.actor import PROXY
from requests.claims.events import Event
from requests.kit.choices import Channel

# Desks that repair. The others (rent, arrears, social support) deal with a person, not a fault.
REPAIRERS = (
    "agency_technical",
    "contractor_direct",
    "crc",
    "emergency_then_oncall",
    "oncall_contractor",
)
# As lookups on a claim. A new category is shared only if it fits all of them.
TECHNICAL_FAULT: Mapping[str, object] = {
    "category__urgency__startswith": "U",
    "category__asset": "dwelling",
    "category__handled_by__in": REPAIRERS,
    "category__sensitive": False,
    "confidential": False,
}
# As lookups on a claim: neither its category nor a person made it its author's alone.
NOT_CONFIDENTIAL: Mapping[str, object] = {"category__sensitive": False, "confidential": False}
# What a person whose rights are narrow or not yet certain may read: a proxy, a new account.
ORDINARY: Mapping[str, object] = {**NOT_CONFIDENTIAL, "sorted_at__isnull": False}
# Channels on which the author chooses the category; mails, text messages and posts are filed
# before anybody reads them.
OWN_PAGES = (Channel.WEB, Channel.API)
STAFF = DESK_ROLES | {Role.CARETAKER}
# Steps by which staff confirm that the category is right.
SORTING = frozenset({Event.TAKE_CHARGE, Event.RECLASSIFY, Event.PLAN, Event.START})


def is_sorted_at_filing(*, channel: str, role: str, category: str, unsorted: str) -> bool:
    """Return whether a person chose the category when the claim was filed.

    ``role`` is the role that filed; ``unsorted`` is the code of the category for claims that wait
    to be sorted.
    """
    if role == PROXY:
        return True  # so that the proxy keeps access to what they filed
    if category == unsorted:
        return False
    return role in STAFF or (role == Role.TENANT and channel in OWN_PAGES)


def is_sorted_by_step(*, transition: str, role: str, category: str, unsorted: str) -> bool:
    """Return whether this step of the transition table sorts the claim."""
    return transition in SORTING and role in DESK_ROLES and category != unsorted
