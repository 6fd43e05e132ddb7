"""An open incident in the reading pane: what is known, and the claims that are gathered in it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from agencies.http_types import StaffRequest
from portal import opened
from portal.access import DESK_ROLES, audience
from requests.claims.models import Claim
from requests.inbox.list_page import list_context, toasts
from requests.inbox.listing import Listing
from requests.inbox.panes import CLAIM, pane_of, render_panes
from requests.incidents.models import Incident


@audience(*DESK_ROLES)
@require_GET
def incident(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the incident beside the list; what is done with it is done on its own page."""
    visible = Incident.objects.visible_to(request.membership)
    found = get_object_or_404(
        visible.select_related("family", "building__residence", "staircase", "opened_by"), pk=pk
    )
    claims = Claim.objects.visible_to(request.membership).filter(in_incident__incident=found)
    shown = list(claims.select_related("category", "dwelling", "staircase").order_by("filed_at"))
    opened.note_list(request, shown)
    context: dict = {"incident": found, "claims": shown}
    if pane_of(request) == CLAIM:
        context["here"] = request.GET.urlencode()
    else:
        context |= list_context(Listing(request))
    context["toasts"] = toasts(request)
    return render_panes(request, "requests/inbox/incident.html", context)
