"""Health for machines, and the door that sends a signed-in person to their own screen."""

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal import kept
from portal.access import DESK_ROLES, PUBLIC, Role, audience


@audience(PUBLIC)
def enter(request: HttpRequest) -> HttpResponse:
    """After sign-in: staff to inbox, figures or round, tenants home."""
    role = request.membership.role if request.membership else None
    if role == Role.HEAD_OFFICE:
        return redirect("head_office:overview")
    if role in DESK_ROLES:
        return redirect("agency:inbox")
    if role == Role.CARETAKER:
        return redirect("round:home")
    return redirect("home")


@audience(*Role)
@require_GET
def kept_text(request: HttpRequest) -> HttpResponse:
    """After signing in again: what was typed meanwhile, ready to be sent."""
    store = kept.waiting(request)
    if store is None:
        return redirect("enter")
    page = {**store, "again": True, "readable": kept.readable(store["fields"])}
    return render(request, "kept.html", page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale form of ours (signed in meanwhile in another tab): read it again and send it."""
    return kept.page(request, "kept.html", status=403, stale=True)


@audience(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@audience(PUBLIC)
def readyz(request: HttpRequest) -> JsonResponse:
    """Database and broker answer; 503 with the culprit's name otherwise."""
    checks = {"database": _try(_database), "broker": _try(_broker)}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _try(probe) -> bool:
    try:
        probe()
    except Exception:  # noqa: BLE001 - whatever fails means "not ready"
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1).ping()
