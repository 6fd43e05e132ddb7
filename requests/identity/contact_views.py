"""How a person is reached and what they need: their own page, the link, and what staff confirm."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http_types import PublicRequest, StaffRequest, TenantRequest
from portal import opened, windows
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.clock import now
from requests.identity import contact_changes, contact_checks
from requests.identity.contact_forms import FORMS, PointCodeForm
from tenants.actions import contact_check, contact_points, household_changes, person_changes
from tenants.actions.contact_points import By
from tenants.models import AccountLink, ContactPoint, Need, Tenant

PER_PAGE = 30


@audience(Role.TENANT)
@never_cache
@require_GET
def mine(request: TenantRequest) -> HttpResponse:
    """Show how we reach the person, what they need, and who lives there; to change it."""
    return _mine(request)


def _mine(
    request: TenantRequest, failed: tuple[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    tenant = _own(request)
    linked = getattr(request.user, "tenant", None) is not None
    page: dict = {"linked": linked, "waits": linked and not tenant}
    if tenant:
        page |= contact_changes.context(
            tenant,
            now(),
            point_url=lambda pk, way: reverse("my:answer_point", args=[pk, way]),
            edit_url=lambda what: reverse("my:edit_contacts", args=[what]),
            own=True,
            failed=failed,
        )
    return render(request, "requests/identity/contacts.html", page, status=status)


def _own(request: TenantRequest) -> Tenant | None:
    """Return the person's record once the account may see what is confidential."""
    tenant = getattr(request.user, "tenant", None)
    if tenant is None or AccountLink.objects.waiting(request.user, now()).exists():
        return None
    return tenant.current


def _own_or_404(request: TenantRequest) -> Tenant:
    tenant = _own(request)
    if tenant is None:
        raise Http404
    return tenant


def _form(request: HttpRequest, what: str) -> Form:
    if what not in FORMS:
        raise Http404
    return FORMS[what](request.POST, auto_id=f"{what}_%s")


def _save(
    request: TenantRequest | StaffRequest, what: str, form: Form, tenant: Tenant, side: str
) -> str | None:
    """Make the change that was posted; None with its errors in the form."""
    if not form.is_valid():
        return None
    return contact_changes.save(what, form, tenant, side=side, by=request.user, now=now())


@audience(Role.TENANT)
@never_cache
@require_POST
def edit_mine(request: TenantRequest, what: str) -> HttpResponse:
    """Add a way to be reached, a need or somebody of the home, or choose the language."""
    tenant, form = _own_or_404(request), _form(request, what)
    said = _save(request, what, form, tenant, By.PERSON)
    if said is None:
        return _mine(request, (what, form), 422)
    messages.success(request, said)
    return redirect("my:contacts")


@audience(Role.TENANT)
@never_cache
@require_POST
def answer_point(request: TenantRequest, pk: int, way: str) -> HttpResponse:
    """Confirm, prefer, prove or give up one's own contact point."""
    point = get_object_or_404(_own_or_404(request).contact_points, pk=pk)
    if way == "check":
        form = PointCodeForm(request.POST, auto_id=f"code{pk}_%s")
        moment = now()
        said = None
        if form.is_valid():
            said = contact_changes.check(point, form, by=request.user, now=moment)
        if said is None:
            return _mine(request, (f"code-{pk}", form), 422)
    else:
        if way not in contact_changes.WAYS:
            raise Http404
        said = contact_changes.step(point, way, side=By.PERSON, by=request.user, now=now())
    messages.success(request, said)
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
        household_changes.end_need(need=need, side=By.PERSON, by=request.user, now=now())
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
            contact_points.remove(point, side=By.PERSON, by=None, now=now())
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
@never_cache
@require_GET
def person(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show staff how somebody of their stock is reached, to change it as the person asks."""
    return _person(request, _at_home(request, pk))


def _at_home(request: StaffRequest, pk: UUID) -> Tenant:
    found = get_object_or_404(Tenant.objects.at_home_with(request.membership), pk=pk)
    opened.note(request, found)
    return found


def _person(
    request: StaffRequest,
    tenant: Tenant,
    failed: tuple[str, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = contact_changes.context(
        tenant,
        now(),
        point_url=lambda pk, way: reverse("identity:point", args=[pk, way]),
        edit_url=lambda what: reverse("identity:edit_contacts", args=[tenant.pk, what]),
        failed=failed,
    )
    for point in page["points"]:
        if point.waiting_code and not point.waiting_code.sent_at:
            point.code_to_read = contact_points.digits(point.waiting_code)
    page["tenant"] = tenant
    return render(request, "requests/identity/person_contacts.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def edit_person(request: StaffRequest, pk: UUID, what: str) -> HttpResponse:
    """Write what the person asks: another way to reach them, a need, their language."""
    tenant, form = _at_home(request, pk), _form(request, what)
    if what == "occupant":
        raise Http404
    said = _save(request, what, form, tenant, By.STAFF)
    if said is None:
        return _person(request, tenant, (what, form), 422)
    messages.success(request, said)
    return redirect("identity:contacts", pk)


@audience(*DESK_ROLES)
@require_POST
def staff_point(request: StaffRequest, pk: int, way: str) -> HttpResponse:
    """Do with a point what the person asks, on the phone for instance; or type their code."""
    here = Tenant.objects.at_home_with(request.membership)
    rows = ContactPoint.objects.of(tenant__in=here).select_related("tenant")
    point = get_object_or_404(rows, pk=pk)
    if way == "check":
        form = PointCodeForm(request.POST, auto_id=f"code{pk}_%s")
        said = None
        if form.is_valid():
            said = contact_changes.check(point, form, by=request.user, now=now())
        if said is None:
            return _person(request, point.tenant, (f"code-{pk}", form), 422)
    elif way == "yes":
        contact_check.confirm(point, now())
        said = _("Noted as confirmed today.")
    elif way in contact_changes.WAYS:
        said = contact_changes.step(point, way, side=By.STAFF, by=request.user, now=now())
    else:
        raise Http404
    messages.success(request, said)
    return redirect("identity:contacts", point.tenant_id)


@audience(*DESK_ROLES)
@never_cache
@require_GET
def changes(request: StaffRequest) -> HttpResponse:
    """List what waits for a person: numbers that two homes proved, people of a home, proposals."""
    page = windows.page(request, person_changes.waiting(request.membership), PER_PAGE)
    opened.note_list(request, [change.tenant for change in page])
    return render(request, "requests/identity/changes.html", {"page_obj": page})


@audience(*DESK_ROLES)
@require_POST
def decide_change(request: StaffRequest, pk: int, way: str) -> HttpResponse:
    """Accept or refuse a change that waits."""
    change = get_object_or_404(person_changes.waiting(request.membership), pk=pk)
    if way not in ("accept", "refuse"):
        raise Http404
    try:
        done = person_changes.decide(
            change=change, accept=way == "accept", by=request.user, now=now()
        )
    except person_changes.AlreadyDecided:
        done = False
    if not done:
        messages.warning(request, _("Somebody has decided it meanwhile, or it is gone."))
    else:
        messages.success(request, _("Done.") if way == "accept" else _("Refused."))
    return redirect("identity:changes")


@audience(*DESK_ROLES)
@require_POST
def staff_need(request: StaffRequest, pk: int) -> HttpResponse:
    """Write that the person still has the need: it runs a year from today."""
    here = Tenant.objects.at_home_with(request.membership)
    need = get_object_or_404(Need.objects.of(tenant__in=here), pk=pk)
    contact_check.keep_need(need, timezone.localdate(now()))
    messages.success(request, _("Kept for a year."))
    return redirect("agency:tenant", need.tenant_id)
