"""Show the page behind the QR code of a hall; filing there starts with the building filled in."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from agencies.models import Staircase
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.filing import drafts
from requests.incidents import known_faults


@audience(PUBLIC, repeat="begins a draft")
@never_cache
@require_http_methods(["GET", "POST"])
def hall(request: PublicRequest, code: str) -> HttpResponse:
    """Show what neighbours already reported here, and the button that starts a claim.

    The address goes into the draft on POST only: opening the link changes nothing.
    """
    stairs = get_object_or_404(
        Staircase.objects.select_related("building__residence"), hall_code=code.upper()
    )
    residence = stairs.building.residence
    address = f"{stairs.street}, {residence.postcode} {residence.commune}"
    if request.method == "POST":
        drafts.keep(request, address=address, home="")
        return redirect("file_what")
    page = {
        "stairs": stairs,
        "address": address,
        "place_of_talk": residence,
        "incidents": known_faults.open_incidents(stairs.building_id, stairs.pk, now=now()),
    }
    return render(request, "requests/tenant_pages/hall.html", page)
