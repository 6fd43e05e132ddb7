"""Roles that wait for a second person."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies import roles
from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.access import audience
from portal.clock import now


@audience(*roles.CONFIRMERS)
@require_GET
def pending(request: StaffRequest) -> HttpResponse:
    """List the roles to confirm, and those given lately."""
    rows = Membership.everything.select_related("user", "unit", "asked_by", "confirmed_by")
    waiting = list(rows.filter(pending=True).order_by("asked_at"))
    for row in waiting:
        row.mine = roles.may_confirm(row, request.membership)
    page = {
        "waiting": waiting,
        "given": rows.filter(pending=False, asked_at__isnull=False).order_by("-asked_at")[:20],
    }
    return render(request, "agencies/roles.html", page)


@audience(*roles.CONFIRMERS)
@require_POST
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        given = roles.confirm(pk=pk, by=request.membership, now=now())
    except Membership.DoesNotExist as error:
        raise Http404 from error
    except roles.NotAllowed:
        messages.error(request, _("Somebody else must confirm this role."))
    else:
        messages.success(request, _("%(who)s has this role now.") % {"who": given.user})
    return redirect("teams:pending")


@audience(*roles.CONFIRMERS)
@require_POST
def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        roles.refuse(pk=pk, by=request.membership, now=now())
    except Membership.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("Refused."))
    return redirect("teams:pending")
