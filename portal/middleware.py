"""Closed by default, and the same safety headers on every answer."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from portal.access import PUBLIC

# Third-party pages that cannot carry our decorator; each has its own check inside.
OWN_CHECK = ("allauth.", "django.contrib.admin", "django.contrib.auth", "rest_framework")
OPEN = ("django.views.i18n", "django.views.static")


def checks_itself(view: Callable) -> bool:
    """Whether a view without audience is guarded elsewhere: admin, allauth, DRF's default."""
    return (
        hasattr(view, "admin_site")
        or hasattr(view, "model_admin")
        or hasattr(view, "cls")  # DRF: closed by DEFAULT_PERMISSION_CLASSES
        or getattr(view, "__module__", "").startswith(OWN_CHECK + OPEN)
    )


class SafetyHeadersMiddleware:
    """Content security policy and caching rules; no inline script anywhere."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'; "
            "worker-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class AudienceMiddleware:
    """Set ``request.membership`` once, and refuse every view that declared no audience."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        find = import_string("agencies.access.current_membership")
        request.membership = SimpleLazyObject(lambda: find(request))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        allowed = getattr(view, "audience", None)
        if allowed is None:
            if checks_itself(view):
                return None
            raise PermissionDenied(f"{request.path} declares no audience")
        if PUBLIC in allowed:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = request.membership
        if membership and membership.role in allowed:
            return None
        if "tenant" in allowed and not membership:
            return None
        raise PermissionDenied
