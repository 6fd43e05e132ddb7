"""End sessions with inactivity, and ask staff for a second factor."""

from collections.abc import Callable

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal import saved_text
from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.http_types import PortalRequest
from portal.models import User

# Caretakers sign in on their own phone, one-handed and often offline: no second factor.
MFA_ROLES = DESK_ROLES | {Role.ADMIN, Role.DPO, Role.CONTRACTOR}
SEEN, SIGNED_AT = "seen", "signed_at"
MFA_DONE = "mfa_done"
ENDS_FACTOR = frozenset({"mfa_deactivate_totp", "mfa_remove_webauthn"})


def idle_limit(role: str | None, settings_access: bool) -> int:
    """Return the seconds of inactivity after which a session ends; role None is a tenant."""
    if role == Role.CARETAKER:
        return settings.PALIER_IDLE_CARETAKER
    if role or settings_access:
        return settings.PALIER_IDLE_STAFF
    return settings.PALIER_IDLE_TENANT


def longest(role: str | None, settings_access: bool) -> int:
    """Return the seconds after which a session ends however busy it is."""
    staff = (role and role != Role.CARETAKER) or settings_access
    return settings.PALIER_LONGEST_STAFF if staff else settings.PALIER_LONGEST


def count_factors(user: User) -> int:
    """Return how many second factors an account has, without its recovery codes."""
    codes = Authenticator.Type.RECOVERY_CODES
    return Authenticator.objects.filter(user=user).exclude(type=codes).count()


def proved_two_factors(request: HttpRequest, user: User) -> bool:
    """Return whether a sign-on provider asked two factors in this session (portal/signon/)."""
    return any(record.get("two_factors") for record in get_authentication_records(request, user))


class IdleMiddleware:
    """Sign out whoever was away, or signed in, too long; portal.saved_text keeps the typed text.

    The time last seen is written at most once in a thirtieth of the limit, to spare the database.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            role = request.membership.role if request.membership else None
            limit = idle_limit(role, user.is_staff)
            moment = now().timestamp()
            signed_in = user.last_login.timestamp() if user.last_login else moment
            idle = moment - request.session.get(SEEN, signed_in)
            lasts = moment - request.session.get(SIGNED_AT, signed_in)
            if idle > limit or lasts > longest(role, user.is_staff):
                request.expired_user = str(user.pk)
                logout(request)
                request.membership = None
                messages.info(request, _("You were away for a while. Log in again to continue."))
            elif idle > limit / 30:
                request.session[SEEN] = moment
                UserSession.objects.filter(session_key=request.session.session_key).update(
                    last_seen_at=now()
                )
        if request.method == "POST" and request.user.is_authenticated:
            store = request.session.get(saved_text.SESSION_KEY)
            if store and store["path"] == request.get_full_path():
                saved_text.drop(request)
        return self.get_response(request)


class StaffMfaMiddleware:
    """Show staff without a second factor the page that sets one up, and nothing else.

    Switched by ``PALIER_STAFF_MFA``: on in production, off in the demo.
    """

    # Signing out, choosing the language and reading health need no second factor. Nor does the
    # style sheet of the page that sets one up: sent there, it would draw another secret.
    FREE = ("allauth.", "django.views.i18n")
    OPEN = frozenset({"healthz", "readyz", "look"})

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        if not settings.PALIER_STAFF_MFA or not self.needs_second_factor(request):
            return None
        name = request.resolver_match.url_name
        if name in ENDS_FACTOR and count_factors(request.user) < 2:
            messages.warning(request, _("Staff accounts keep one second factor."))
            return redirect("mfa_index")
        if getattr(view, "__module__", "").startswith(self.FREE) or name in self.OPEN:
            return None
        if request.session.get(MFA_DONE):
            return None
        if is_mfa_enabled(request.user) or proved_two_factors(request, request.user):
            request.session[MFA_DONE] = True
            return None
        if not request.accepts("text/html"):
            return saved_text.refusal(_("Set up your second factor first."), 403)
        messages.info(request, _("Set up your second factor first."))
        return redirect("mfa_activate_totp")

    @staticmethod
    def needs_second_factor(request: PortalRequest) -> bool:
        """Return whether the person is staff, or may open the settings."""
        if not request.user.is_authenticated:
            return False
        role = request.membership.role if request.membership else None
        return role in MFA_ROLES or request.user.is_staff
