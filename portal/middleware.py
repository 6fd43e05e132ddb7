"""Close every view by default, and put the same safety headers on every answer."""

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from portal import saved_text
from portal.access import PUBLIC, AudiencePermission, audience_of, may_open
from portal.http_types import PortalRequest
from portal.policies import ADMIN_POLICY, PERMISSIONS_POLICY

# Third-party pages that cannot carry our decorator; each has its own check inside, and
# tests/portal/test_url_matrix.py lists every one of them with its reason.
OWN_CHECK = ("allauth.", "django.contrib.admin")
OPEN = ("django.views.i18n",)


def checks_itself(view: Callable) -> bool:
    """Return whether a view without audience is guarded elsewhere: the admin site and allauth."""
    return (
        hasattr(view, "admin_site")
        or hasattr(view, "model_admin")
        or getattr(view, "__module__", "").startswith(OWN_CHECK + OPEN)
    )


class PolicyMiddleware(CSPMiddleware):
    """Content security policy with a nonce per answer; the admin site has its own policy."""

    def get_policy_parts(self, request, response, report_only=False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        match = getattr(request, "resolver_match", None)
        if match and match.app_name == "admin" and not report_only:
            parts.config = ADMIN_POLICY
            parts.nonce = None
        return parts


class CleanTextMiddleware:
    """Answer 400 to NUL anywhere in what was sent: PostgreSQL stores none and raises.

    Machines' bodies are their views' to check, and the API names the parameter that is wrong.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        if hasattr(view, "cls"):
            return None
        texts = [request.path_info, *self.texts(request.GET)]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            texts += self.texts(request.POST)
        if any("\0" in text for text in texts):
            raise BadRequest("NUL in what was sent")
        return None

    @staticmethod
    def texts(sent: QueryDict) -> list[str]:
        """Return the names and the values of a query or a form."""
        return [text for name, values in sent.lists() for text in (name, *values)]


class SafetyHeadersMiddleware:
    """Set what a page may use and who may embed it, and forbid the storage of personal pages."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if self.personal(request):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    @staticmethod
    def personal(request: PortalRequest) -> bool:
        """Return whether the person signed in, used a secret link, or has data in the session."""
        match = getattr(request, "resolver_match", None)
        if match and "token" in match.kwargs:
            return True
        if request.user.is_authenticated:
            return True
        return request.session.accessed and not request.session.is_empty()


class FormErrorsMiddleware:
    """Answer 422 to a form with mistakes, as on every other page, where allauth answers 200."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request, response) -> HttpResponse:
        context = response.context_data or {}
        forms = (context.get("form"), context.get("verify_form"))
        if response.status_code == 200 and any(form and form.errors for form in forms):
            response.status_code = 422
        return response


class AudienceMiddleware:
    """Set ``request.membership`` once, and refuse every view that declared no audience."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        find = import_string("agencies.access.current_membership")
        request.membership = SimpleLazyObject(lambda: find(request))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        allowed = audience_of(view)
        if allowed is None:
            if checks_itself(view):
                return None
            raise PermissionDenied(f"{request.path} declares no audience")
        if hasattr(view, "cls"):
            # An API class: its own permission decides, since a token may sign a person in later.
            if AudiencePermission in view.cls.permission_classes:
                return None
            raise PermissionDenied(f"{request.path} does not check its audience")
        if PUBLIC in allowed:
            return None
        if not request.user.is_authenticated:
            return saved_text.to_sign_in(request)
        if may_open(allowed, request.user, request.membership):
            return None
        raise PermissionDenied
