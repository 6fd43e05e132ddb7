"""Health for machines, and the door that sends a signed-in person to their own screen."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from portal import health
from portal.access import DESK_ROLES, PUBLIC, Role, audience


@audience(PUBLIC)
def enter(request: HttpRequest) -> HttpResponse:
    """After sign-in: staff to their inbox, head office to its figures, tenants home."""
    role = request.membership.role if request.membership else None
    if role == Role.HEAD_OFFICE:
        return redirect("head_office:overview")
    if role == Role.ADMIN:
        return redirect("operations:health")
    if role in DESK_ROLES:
        return redirect("agency:inbox")
    return redirect("home")


@audience(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@audience(PUBLIC)
def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that work needs, with the ages; 503 naming the culprits otherwise."""
    found = health.checks()
    culprits = [check.name for check in found if not check.ok]
    body = {
        "ready": not culprits,
        "culprits": culprits,
        "checks": {check.name: check.as_dict() for check in found},
    }
    return JsonResponse(body, status=503 if culprits else 200)
