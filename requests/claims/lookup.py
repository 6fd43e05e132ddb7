"""Fetch the claim that a page is about, if the reader may see it."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal import opened
from portal.clock import now
from portal.database.statement_cache import compiled
from requests.claims.models import Claim

# What every page about one claim reads with it.
JOINED = (
    "category__family",
    "tenant",
    "dwelling__staircase",
    "staircase",
    "building__residence",
    "residence__unit",
    "owner__unit",
)


def visible_claim(request: StaffRequest, pk: UUID | str) -> Claim:
    """Return the claim that the member may see, and note that it is read.

    Raises ``Http404`` for any other.
    """
    member = request.membership
    rows = _visible(member, now(), claim=UUID(str(pk))) if member else []
    if not rows:
        raise Http404
    opened.note(request, rows[0])
    return rows[0]


@compiled
def _visible(member: Membership, moment: datetime, *, claim: UUID) -> QuerySet:
    return Claim.objects.visible_to(member).filter(pk=claim).select_related(*JOINED)
