"""How a person is reached and what they need: their own page, the link, and what staff confirm."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest, StaffRequest, TenantRequest
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from requests.identity import contact_checks
from tenants.actions import contact_check
from tenants.models import AccountLink, ContactPoint, Need, Tenant


@audience(Role.TENANT)
@never_cache
@require_GET
def mine(request: TenantRequest) -> HttpResponse:
    """Show how we reach the person, since when we know it, and what they need until when."""
    tenant = _own(request)
    points = list(tenant.contact_points.order_by("-preferred", "kind", "pk")) if tenant else []
    for point in points:
        point.sure = contact_check.may_hear_confidences(point, now())
    today = timezone.localdate(now())
    needs = tenant.needs.filter(expires__gte=today).order_by("expires") if tenant else []
    linked = getattr(request.user, "tenant", None) is not None
    page = {"points": points, "needs": needs, "linked": linked, "waits": linked and not tenant}
    return render(request, "requests/identity/contacts.html", page)


def _own(request: TenantRequest) -> Tenant | None:
    """Return the person's record once the account may see what is confidential."""
    tenant = getattr(request.user, "tenant", None)
    if tenant is None or AccountLink.objects.waiting(request.user, now()).exists():
        return None
    return tenant.current


@audience(Role.TENANT)
@require_POST
def answer_point(request: TenantRequest, pk: int, way: str) -> HttpResponse:
    """Confirm one's own contact point, or say that it is not one's own."""
    tenant = _own(request)
    if tenant is None:
        raise Http404
    point = get_object_or_404(tenant.contact_points, pk=pk)
    if way == "yes":
        contact_check.confirm(point, now())
        messages.success(request, _("Thank you: we go on writing there."))
    else:
        contact_check.disown(point, now())
        messages.success(request, _("We send nothing there any more."))
    return redirect("my:contacts")


@audience(Role.TENANT)
@require_POST
def answer_need(request: TenantRequest, pk: int, way: str) -> HttpResponse:
    """Keep one's own need for a year, or end it."""
    tenant = _own(request)
    if tenant is None:
        raise Http404
    need = get_object_or_404(tenant.needs, pk=pk)
    if way == "yes":
        contact_check.keep_need(need, timezone.localdate(now()))
        messages.success(request, _("Kept for a year."))
    else:
        contact_check.end_need(need)
        messages.success(request, _("We have forgotten it."))
    return redirect("my:contacts")


@audience(PUBLIC, repeat="the same answer twice is one answer")
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: PublicRequest, token: str) -> HttpResponse:
    """Ask before anything is written: mail scanners open links. Names nobody."""
    point = contact_checks.find(token)
    if point is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("way") == "no":
            contact_check.disown(point, now())
        else:
            contact_check.confirm(point, now())
        return redirect("contact_check", token=token)
    page = {
        "token": token,
        "mail": point.kind == ContactPoint.Kind.EMAIL,
        "answered": "no" if point.failing else ("yes" if point.asked_at is None else ""),
    }
    return render(request, "requests/identity/contact_check.html", page)


@audience(*DESK_ROLES)
@require_POST
def staff_point(request: StaffRequest, pk: int) -> HttpResponse:
    """Write that the person confirmed the point to a colleague, on the phone for instance."""
    here = Tenant.objects.at_home_with(request.membership)
    point = get_object_or_404(ContactPoint.objects.of(tenant__in=here), pk=pk)
    contact_check.confirm(point, now())
    messages.success(request, _("Noted as confirmed today."))
    return redirect("agency:tenant", point.tenant_id)


@audience(*DESK_ROLES)
@require_POST
def staff_need(request: StaffRequest, pk: int) -> HttpResponse:
    """Write that the person still has the need: it runs a year from today."""
    here = Tenant.objects.at_home_with(request.membership)
    need = get_object_or_404(Need.objects.of(tenant__in=here), pk=pk)
    contact_check.keep_need(need, timezone.localdate(now()))
    messages.success(request, _("Kept for a year."))
    return redirect("agency:tenant", need.tenant_id)
