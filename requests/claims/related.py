"""Read all that hangs on one claim by one statement; ``requests/claim_rows.py`` names it.

Afterwards ``claim.orders.all()``, ``claim.tenant.contact_points.all()`` and the like are there
already. Whoever reads them filters in Python what ``all()`` gives, so that the same code serves
a claim that comes alone and one that comes whole (docs/adr/0063-one-claim-whole.md).
"""

from collections.abc import Collection
from typing import Any

from portal.database.related_rows import Related
from requests.claims.models import Claim

_installed: Related | None = None
# What a conversation shows (requests/conversation/thread.py) and adds from the orders.
CONVERSATION = (
    "events__actor",
    "messages__author",
    "messages__attachments",
    "messages__intake",
    "deliveries",
    "named_desks__unit",
    "orders__contractor",
    "orders__events__actor",
    "orders__photos__attachment",
)
# What the tenant's page shows of a claim beside its columns.
FOR_TENANT = (
    *CONVERSATION,
    "complaint__about__category",
    "complaint__stages__reviewer__user",
    "complaints__claim",
    "dwelling__leases__occupancies__tenant",
    "dwelling__staircase__building__residence",
    "feedback",
    "formal_notices",
    "landlord",
    "lendings__help__helper",
    "orders__appointments",
    "orders__contract",
    "orders__offers__options__slot",
    "orders__variations",
    "tenant__contact_points",
    "tenant__mandates__proxy",
)


def install(related: Related) -> None:
    """Set what is read; replaces what was installed before."""
    global _installed
    _installed = related


def read_whole(claim: Claim, lookups: Collection[str] | None = None, **given: Any) -> Claim:
    """Read what hangs on a claim that the reader may see, or only ``lookups`` of it; return it.

    ``given``: the ``unit`` and the ``session`` of staff, whose ready replies and drafts come too.

    As it stands now: a claim that a step changes afterwards must be fetched anew.
    """
    if _installed is not None:
        _installed.fetch(claim, lookups, **given)
    return claim
