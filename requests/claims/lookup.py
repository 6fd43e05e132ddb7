"""Fetch the claim that a page is about, if the reader may see it."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from agencies.http_types import StaffRequest
from portal import opened
from requests.claims.models import Claim


def visible_claim(request: StaffRequest, pk: UUID | str) -> Claim:
    """Return the claim that the member may see, and note that it is read.

    Raises ``Http404`` for any other.
    """
    found = get_object_or_404(
        Claim.objects.visible_to(request.membership).select_related(
            "category__family",
            "tenant",
            "dwelling__staircase",
            "staircase",
            "building__residence",
            "residence__unit",
            "owner__unit",
        ),
        pk=pk,
    )
    opened.note(request, found)
    return found
