"""What a session filed: read back at once, before routing makes it visible."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from agencies.http_types import StaffRequest
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim

KEPT = 20


def remember(request: StaffRequest, claim: Claim) -> None:
    """Keep in the session that this colleague filed the claim just now."""
    request.session["calls"] = [*request.session.get("calls", [])[-KEPT + 1 :], str(claim.pk)]


def just_filed(request: StaffRequest, pk: UUID) -> Claim:
    """Return a claim filed in this session, until its desk is known; then only a visible one."""
    if str(pk) in request.session.get("calls", []):
        own = Claim.objects.system("read back what was just filed")
        return get_object_or_404(
            own.select_related("category", "tenant", "residence__unit", "dwelling", "owner__unit"),
            pk=pk,
        )
    return visible_claim(request, pk)
