"""Days away: everybody enters their own, the manager those of the unit."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from agencies import absences
from agencies.http_types import StaffRequest
from agencies.models import Absence
from portal.access import DESK_ROLES, Role, audience
from portal.clock import now
from requests.claims.models import Claim
from requests.teamwork import absences as record
from requests.teamwork import assignment
from requests.teamwork.absence_forms import AbsenceForm

AHEAD = timedelta(weeks=12)


def _entered_for(membership):
    """Return whose days the member may enter: their own.

    The unit's for its manager or head office.
    """
    today = timezone.localdate()
    members = absences.memberships_on(today).filter(unit=membership.unit_id, role__in=DESK_ROLES)
    if membership.role not in {Role.AGENCY_MANAGER, Role.HEAD_OFFICE}:
        members = members.filter(pk=membership.pk)
    return members.order_by("user__first_name", "user__last_name", "pk")


def _colleagues(membership):
    """Return who may stand in: everybody who works at a desk of the same unit."""
    return (
        absences.memberships_on(timezone.localdate())
        .filter(unit=membership.unit_id, role__in=DESK_ROLES)
        .order_by("user__first_name", "user__last_name", "pk")
    )


def _page(request: StaffRequest, form: AbsenceForm, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    mine = _entered_for(request.membership)
    rows = (
        Absence.objects.filter(
            cancelled_at__isnull=True,
            last_day__gte=today,
            first_day__lte=today + AHEAD,
            membership__in=_colleagues(request.membership),
        )
        .select_related("membership__user", "replacement__user")
        .order_by("first_day", "membership__user__first_name", "pk")
    )
    allowed = set(mine.values_list("pk", flat=True))
    weeks: dict = {}
    for row in rows:
        start = max(row.first_day, today)
        row.may_cancel = row.membership_id in allowed
        row.now = row.first_day <= today
        weeks.setdefault(start - timedelta(days=start.weekday()), []).append(row)
    context = {"form": form, "weeks": list(weeks.items()), "several": len(allowed) > 1}
    return render(request, "requests/teamwork/absences.html", context, status=status)


@audience(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def index(request: StaffRequest) -> HttpResponse:
    """Show the unit's days away, week by week, and the form to enter some."""
    form = AbsenceForm(
        request.POST or None,
        members=_entered_for(request.membership),
        colleagues=_colleagues(request.membership),
        today=timezone.localdate(),
        initial={"member": request.membership.pk},
    )
    if request.method == "GET":
        return _page(request, form)
    if form.is_valid():
        data = form.cleaned_data
        try:
            record.enter(
                member=data["member"],
                first_day=data["first_day"],
                last_day=data["last_day"],
                replacement=data["replacement"],
                by=request.user,
                now=now(),
            )
        except record.OverlappingAbsence:
            form.add_error("first_day", _("Some of these days are entered already."))
        else:
            messages.success(request, _("Noted. The claims follow by themselves on these days."))
            return redirect("absences:index")
    return _page(request, form, 422)


@audience(*DESK_ROLES)
@require_POST
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an absence back."""
    rows = Absence.objects.filter(Q(membership__in=_entered_for(request.membership)))
    if not record.cancel(get_object_or_404(rows, pk=pk), now=now()):
        raise Http404
    messages.success(request, _("Cancelled."))
    return redirect("absences:index")


@audience(*DESK_ROLES)
@require_POST
def give_back(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a claim back to its desk."""
    claim = get_object_or_404(Claim.objects.visible_to(request.membership), pk=pk)
    if not assignment.unassign(claim, membership=request.membership, now=now()):
        raise Http404
    messages.success(request, _("It is the desk’s again."))
    return redirect("agency:claim", pk)
