"""Give the next claim; show managers how each desk shares its work."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies import absences
from agencies.http_types import StaffRequest
from agencies.models import Desk
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now
from requests.catalogue.models import Family
from requests.teamwork import workload as share
from requests.teamwork.forms import SeatForm, SharingForm
from requests.teamwork.models import Seat, Sharing

ARRANGERS = (Role.AGENCY_MANAGER, Role.HEAD_OFFICE)


@audience(*DESK_ROLES)
@require_POST
def next_one(request: StaffRequest) -> HttpResponse:
    """Open the claim one is given."""
    claim = share.pull_next_claim(membership=request.membership, now=now())
    if claim is None:
        messages.info(
            request,
            _("Nothing waits that is for you, or you already have your fair share in hand."),
        )
        return redirect("agency:inbox")
    messages.success(request, _("This one is in your hands now."))
    return redirect("agency:claim", claim.pk)


def _desks(membership):
    return Desk.objects.filter(unit=membership.unit_id).select_related("unit").order_by("name")


@audience(*ARRANGERS)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Show the unit's desks."""
    desks = list(_desks(request.membership).select_related("sharing").prefetch_related("seats"))
    return render(request, "requests/teamwork/sharing.html", {"desks": desks})


@audience(*ARRANGERS)
@require_http_methods(["GET", "POST"])
def desk(request: StaffRequest, desk: int) -> HttpResponse:
    """Show one desk: who serves it, what they know, how the next claim is chosen."""
    found = get_object_or_404(_desks(request.membership), pk=desk)
    posted = request.POST if request.method == "POST" else None
    kept = Sharing.objects.filter(desk=found).first() or Sharing(desk=found)
    form = SharingForm(posted, instance=kept)
    members = (
        absences.memberships_on(timezone.localdate())
        .filter(unit=found.unit_id, role__in=DESK_ROLES)
        .order_by("user__first_name", "user__last_name", "pk")
    )
    seats = {
        s.membership_id: s for s in Seat.objects.filter(desk=found).prefetch_related("families")
    }
    families = Family.objects.all()
    forms = [
        SeatForm(
            posted,
            member=member,
            families=families,
            initial={
                "serves": member.pk in seats,
                "families": seats[member.pk].families.all() if member.pk in seats else (),
            },
        )
        for member in members
    ]
    context = {"desk": found, "form": form, "seats": forms}
    if posted is None:
        return render(request, "requests/teamwork/sharing_desk.html", context)
    # Each form is asked, so that every error is shown at once.
    if not all([form.is_valid(), *(seat.is_valid() for seat in forms)]):
        return render(request, "requests/teamwork/sharing_desk.html", context, status=422)
    share.save_sharing(
        desk=found,
        terms=form.cleaned_data,
        seats={s.member: s.cleaned_data["families"] for s in forms if s.cleaned_data["serves"]},
    )
    messages.success(request, _("Kept. It holds from the next claim on."))
    return redirect("sharing:index")
