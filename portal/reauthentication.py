"""Ask again who is there before what would give an account, or a home, to somebody else.

A phone left on a table is an open session. What stays once it is closed (an address, a number, a
second factor, a mandate) asks for the password, the second factor, or a code sent to an address
of the account; allauth asks nothing of who has neither password nor second factor.
"""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import codes, saved_text
from portal.access import Role, audience
from portal.http_types import SignedInRequest
from portal.models import User
from portal.sessions import SIGNED_AT

# Asked on sight: these pages are for nothing else.
ON_SIGHT = frozenset(
    {
        "account_email",
        "account_change_phone",
        "account_set_password",
        "signon_connect",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PURPOSE = "confirm"


def is_recent(request: SignedInRequest) -> bool:
    """Return whether the person proved who they are within ``PALIER_REAUTHENTICATION`` seconds.

    By signing in, or since.
    """
    moments = [r["at"] for r in get_authentication_records(request, request.user)]
    last = request.user.last_login
    moments.append(request.session.get(SIGNED_AT) or (last.timestamp() if last else 0))
    return time.time() - max(moments) < settings.PALIER_REAUTHENTICATION


def by_code(user: User) -> bool:
    """Return whether a code may confirm: never beside a second factor, which is stronger."""
    return not any(flow["id"].startswith("mfa") for flow in get_reauthentication_flows(user))


class ReauthenticationMiddleware:
    """Send to the confirmation, with what was typed kept, when the proof is not recent.

    ``PALIER_REAUTHENTICATE`` names the forms of ours that ask; a page of ``ON_SIGHT`` asks at once.
    """

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        name = request.resolver_match.view_name
        asks = name in ON_SIGHT or (
            name in settings.PALIER_REAUTHENTICATE and request.method not in SAFE_METHODS
        )
        if not asks or not request.user.is_authenticated or is_recent(request):
            return None
        if not request.accepts("text/html"):
            return saved_text.refusal(_("Confirm that it is you first."), 403)
        target = request.get_full_path()
        if request.method not in SAFE_METHODS:
            target = saved_text.keep(request, confirmed=True)
        first = get_adapter(request).get_reauthentication_methods(request.user)[0]
        return redirect(f"{first['url']}?{urlencode({'next': target})}")


@audience(*Role, repeat="a code is good once")
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_code(request: SignedInRequest) -> HttpResponse:
    """Send a code to an address that the account has proved, and take it."""
    if not by_code(request.user):
        return redirect(reverse("account_reauthenticate") + "?" + request.GET.urlencode())
    if request.method == "POST" and "send" in request.POST:
        if not codes.send(request, request.user, purpose=PURPOSE):
            messages.warning(request, _("Too many codes. Try again in an hour."))
        return redirect(request.get_full_path())
    typed = request.POST if request.method == "POST" else None
    form = codes.CodeForm(typed, request=request, who=str(request.user.pk), purpose=PURPOSE)
    if request.method == "POST" and form.is_valid():
        codes.forget(request, PURPOSE)
        record_authentication(request, request.user, method="code", reauthenticated=True)
        return redirect(_next(request))
    page = {
        "form": form,
        "sent_to": codes.sent_to(request, PURPOSE),
        "next": request.GET.get("next", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "account/confirm_code.html", page, status=status)


def _next(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours else reverse("enter")
