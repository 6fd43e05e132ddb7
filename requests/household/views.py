"""The agency's list of homes whose leases contradict each other."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal import opened, windows
from portal.access import DESK_ROLES, audience
from portal.clock import now
from requests.household import leases
from requests.household.forms import EndLeaseForm
from tenants.actions import access_end
from tenants.models import AccessEnd, Lease

PER_PAGE = 20


@audience(*DESK_ROLES)
@never_cache
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """List homes with two open leases, leases that the import lost, and what was ended here."""
    return _page(request)


def _page(
    request: StaffRequest, *, bound: EndLeaseForm | None = None, lease: int = 0, status: int = 200
) -> HttpResponse:
    member, today = request.membership, timezone.localdate()
    homes = windows.page(request, leases.dwellings_in_conflict(member, today), PER_PAGE)
    opened.note_list(request, homes)
    conflicts = leases.leases_of(list(homes.object_list), member, today)
    missing = list(leases.missing(member, today)[:PER_PAGE])
    for row in [row for home in conflicts for row in home] + missing:
        first = EndLeaseForm(
            initial={"ends": getattr(row, "suggested", row.missing_since)},
            auto_id=f"lease{row.pk}_%s",
        )
        row.form = bound if bound and row.pk == lease else first
    ended = AccessEnd.objects.visible_to(member).filter(lease__isnull=False).standing()
    page = {
        "page_obj": homes,
        "conflicts": conflicts,
        "missing": missing,
        "ended": ended.select_related("lease__dwelling", "by")[:10],
        "form": bound,
    }
    return render(request, "requests/household/leases.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def end_lease(request: StaffRequest, pk: int) -> HttpResponse:
    """End one lease and the stays under it, on the day given."""
    lease = get_object_or_404(Lease.objects.visible_to(request.membership), pk=pk)
    form = EndLeaseForm(request.POST, auto_id=f"lease{pk}_%s")
    if not form.is_valid():
        return _page(request, bound=form, lease=pk, status=422)
    access_end.end_lease(
        lease=lease,
        ends=form.cleaned_data["ends"],
        reason=_("Ended by hand in the list of open leases"),
        by=request.user,
        now=now(),
    )
    messages.success(request, _("The lease is ended. You can undo it below."))
    return redirect("household:leases")


@audience(*DESK_ROLES)
@require_POST
def undo(request: StaffRequest, pk) -> HttpResponse:
    """Give a lease its former end back."""
    rows = AccessEnd.objects.visible_to(request.membership).filter(lease__isnull=False)
    end = get_object_or_404(rows, pk=pk)
    try:
        access_end.undo(end=end, by=request.user, now=now())
    except access_end.Conflict:
        messages.warning(request, _("This was undone meanwhile."))
    else:
        messages.success(request, _("Undone: the lease is as it was."))
    return redirect("household:leases")
