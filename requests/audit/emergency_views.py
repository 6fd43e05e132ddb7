"""Pages of emergency openings: ask, read for a while, and what managers answer for."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http_types import StaffRequest
from portal import opened
from portal.access import audience
from portal.clock import now
from requests.audit import emergency
from requests.audit.forms import EmergencyForm
from requests.audit.models import RecordView
from requests.audit.views import role_of
from requests.claims.event_models import Message
from requests.claims.models import Claim


@audience(*emergency.ASKERS, *emergency.ANSWERABLE)
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: StaffRequest) -> HttpResponse:
    """Ask to open a request with a reason; list what is open and what one answers for."""
    asks = request.membership.role in emergency.ASKERS
    form = EmergencyForm(request.POST or None)
    status = 200
    if request.method == "POST" and asks:
        status = 422
        if form.is_valid() and (answer := _ask(request, form)):
            return answer
    told = list(emergency.told_to(request.membership)[:50])
    for row in told:
        row.role_label = role_of(row)
    page = {
        "form": form,
        "asks": asks,
        "mine": emergency.opens(request.membership, now()).select_related("claim__category"),
        "told": told,
        "answers": request.membership.role in emergency.ANSWERABLE,
        "minutes": settings.PALIER_EMERGENCY_MINUTES,
    }
    return render(request, "requests/audit/emergency.html", page, status=status)


def _ask(request: StaffRequest, form: EmergencyForm) -> HttpResponse | None:
    """Send to the page to read on; None when the form must say what is wrong."""
    member, given = request.membership, form.cleaned_data
    compact = "".join(given["reference"].split())
    seen = Claim.objects.visible_to(member).filter(reference__iexact=compact).first()
    if seen:
        return redirect("agency:claim", pk=seen.pk)
    try:
        made = emergency.ask(
            member=member, reference=given["reference"], reason=given["reason"], now=now()
        )
    except emergency.NotOpened:
        form.add_error("reference", _("No request of this reference can be opened this way."))
    except emergency.TooMany:
        form.add_error("reference", _("Too many tries. Call the unit or the on-call number."))
    else:
        return redirect("emergency:claim", pk=made.claim_id)
    return None


@audience(*emergency.ASKERS)
@never_cache
@require_GET
def claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the request to whoever opened it, until the time is over; nothing can be done here."""
    opening = (
        emergency.opens(request.membership, now())
        .filter(claim=pk)
        .select_related(
            "claim__category",
            "claim__tenant",
            "claim__staircase__building__residence",
            "claim__dwelling",
            "claim__owner__unit",
            "claim__residence__unit",
        )
        .order_by("-until")
        .first()
    )
    if opening is None:
        raise Http404
    found = opening.claim
    opened.note(request, found, means=RecordView.Means.EMERGENCY)
    page = {
        "opening": opening,
        "claim": found,
        "thread": found.messages.exclude(direction=Message.Direction.NOTE),
    }
    return render(request, "requests/audit/emergency_claim.html", page)
