"""Health for machines, and the redirect of a signed-in person to their own screen."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal import health, passkeys, saved_text
from portal.access import DESK_ROLES, PUBLIC, Role, audience
from portal.http_types import PortalRequest, SignedInRequest
from portal.signon import accounts as signon
from portal.signon.provider import current as signon_provider


@audience(PUBLIC)
def enter(request: PortalRequest) -> HttpResponse:
    """Redirect after sign-in.

    Staff go to their inbox, call-takers to the calls, who is on call to what is open for them,
    head office to its figures, administrators to the console, the data-protection officer to
    persons' requests, contractors to their orders, representatives to their residences, tenants
    home.
    """
    role = request.membership.role if request.membership else None
    if role == Role.ADMIN:
        return redirect("console:home")
    if role == Role.HEAD_OFFICE:
        return redirect("head_office:overview")
    if role == Role.CALL_TAKER:
        return redirect("calls:desk")
    if role == Role.ON_CALL:
        return redirect("on_call:home")
    if role in DESK_ROLES:
        return redirect("agency:inbox")
    if role == Role.DPO:
        return redirect("privacy:index")
    if request.user.is_authenticated and request.user.is_staff:
        return redirect("admin:index")
    if role == Role.CARETAKER:
        return redirect("round:home")
    if role == Role.CONTRACTOR:
        return redirect("jobs:list")
    if role == Role.TENANT_REPRESENTATIVE:
        return redirect("residents")
    return redirect("home")


@audience(*Role)
@require_GET
def account(request: SignedInRequest) -> HttpResponse:
    """List what a person may change of their own account."""
    page = {
        "passkeys": passkeys.number_of(request.user),
        "by_phone": "phone" in settings.ACCOUNT_LOGIN_METHODS,
        "signon_link": bool(
            signon_provider()
            and signon.is_staff(request.user)
            and not signon.identity_of(request.user)
        ),
    }
    return render(request, "account/account.html", page)


@audience(*Role)
@require_GET
def saved_text_page(request: PortalRequest) -> HttpResponse:
    """Show, after a new sign-in, the text that was typed before, ready to be sent."""
    store = saved_text.read_saved_text(request)
    if store is None:
        return redirect("enter")
    page = {**store, "again": True, "readable": saved_text.readable(store["fields"])}
    return render(request, "saved_text.html", page)


def csrf_failure(request: PortalRequest, reason: str = "") -> HttpResponse:
    """Show a stale form of ours (signed in meanwhile in another tab), to be read and sent again."""
    return saved_text.page(request, "saved_text.html", status=403, stale=True)


@audience(PUBLIC)
def healthz(request: PortalRequest) -> HttpResponse:
    """Answer that the process runs."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@audience(PUBLIC)
def readyz(request: PortalRequest) -> JsonResponse:
    """Answer with every check and its age; 503 with the names of those that fail."""
    found = health.checks()
    culprits = [check.name for check in found if not check.ok]
    body = {
        "ready": not culprits,
        "culprits": culprits,
        "checks": {check.name: check.as_dict() for check in found},
    }
    return JsonResponse(body, status=503 if culprits else 200)
