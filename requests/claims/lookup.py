"""Fetch the claim that a page is about, within what the reader may see."""

from django.shortcuts import get_object_or_404

from agencies.http_types import StaffRequest
from requests.claims.models import Claim


def visible(request: StaffRequest, pk) -> Claim:
    """Fetching is authorising: what is not visible is a 404."""
    return get_object_or_404(
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
