"""Pages of the sign-on: to the provider, back from it, linking once, and out again."""

import logging
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from portal import codes
from portal.access import PUBLIC, Role, audience
from portal.clock import now
from portal.http_types import PortalRequest, SignedInRequest
from portal.models import User
from portal.reauthentication import is_recent
from portal.signon import accounts, flow
from portal.signon.errors import Reason, SignOnError
from portal.signon.flow import Person
from portal.signon.provider import Provider, current

PENDING, HINT, ENDED = "signon_pending", "signon_hint", "signon_ended"
PURPOSE = "signon"
log = logging.getLogger(__name__)


def with_provider(view):
    """Send to the usual login where the installation has no provider; show its errors as a page."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        provider = current()
        if provider is None:
            return redirect("account_login")
        try:
            return view(request, provider)
        except SignOnError as error:
            return failed(request, error)

    return wrapped


def failed(request: HttpRequest, error: SignOnError) -> HttpResponse:
    """Say why the sign-on ended, and what to do."""
    log.warning("sign-on: %s", error)
    page = {"reason": error.reason, "again": error.reason != Reason.NO_ACCOUNT}
    return render(request, "account/signon_error.html", page, status=error.status)


@audience(PUBLIC)
@never_cache
@require_GET
@with_provider
def start(request: PortalRequest, provider: Provider) -> HttpResponse:
    """Send the browser to the provider: to log in, or to confirm whose open session this is.

    A GET, since a form of ours may send nobody to another host (its policy, ``form-action``).
    """
    purpose = "confirm" if request.user.is_authenticated else "login"
    target = _target(request, request.GET.get("next", ""))
    return redirect(flow.begin(request, provider, purpose=purpose, target=target, now=now()))


@audience(*Role)
@never_cache
@require_GET
@with_provider
def connect(request: SignedInRequest, provider: Provider) -> HttpResponse:
    """Send staff to the provider to link their account; who they are was asked just before."""
    if not accounts.is_staff(request.user):
        raise SignOnError(Reason.NO_ACCOUNT, f"{request.user.pk} is no staff")
    if accounts.identity_of(request.user):
        messages.info(request, _("This account is linked already."))
        return redirect("account")
    target = reverse("account")
    return redirect(flow.begin(request, provider, purpose="link", target=target, now=now()))


@audience(PUBLIC)
@never_cache
@require_GET
@with_provider
def callback(request: PortalRequest, provider: Provider) -> HttpResponse:
    """Take the provider's answer: log in, confirm, or link."""
    begun = flow.take_up(request, now())
    person = flow.finish(request, provider, begun, now())
    user = accounts.account_of(person)
    if begun.purpose == "confirm":
        return _confirm(request, person, user, begun.target)
    if begun.purpose == "link":
        return _link_own(request, person, user)
    if user:
        return _log_in(request, user, person.id_token, person.two_factors, begun.target)
    user = accounts.account_to_link(person)
    request.session[PENDING] = {
        "user": str(user.pk),
        "issuer": person.issuer,
        "subject": person.subject,
        "id_token": person.id_token,
        "two_factors": person.two_factors,
        "target": begun.target,
        "at": now().timestamp(),
    }
    codes.forget(request, PURPOSE)
    return redirect("signon_link")


def _confirm(request, person: Person, user: User | None, target: str) -> HttpResponse:
    """Take it that whoever has the session is there, once the provider has asked them anew."""
    if user is None or user != request.user:
        raise SignOnError(Reason.OTHER, "confirmation by somebody else")
    if not person.asked:
        raise SignOnError(Reason.WRONG, "the provider did not ask again")
    accounts.record(request, user, person.two_factors, reauthenticated=True)
    return redirect(target)


def _link_own(request, person: Person, user: User | None) -> HttpResponse:
    """Link the person to the account of the session, whose holder was asked lately."""
    if user is not None:
        raise SignOnError(Reason.OTHER, "the subject is linked")
    if not request.user.is_authenticated or not is_recent(request):
        raise SignOnError(Reason.EXPIRED, "nobody confirmed")
    accounts.link(request.user, issuer=person.issuer, subject=person.subject)
    messages.success(request, _("From now on you can log in through your organisation."))
    return redirect("account")


def _log_in(request, user: User, id_token: str, two_factors: bool, target: str) -> HttpResponse:
    request.session[HINT] = id_token
    accounts.record(request, user, two_factors)
    login = Login(user=user, email_verification="none", redirect_url=target or None)
    return perform_login(request, login)


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
@with_provider
def link(request: PortalRequest, provider: Provider) -> HttpResponse:
    """Link a person whom the provider recognised to the account with their address, by a code."""
    pending = request.session.get(PENDING)
    if not pending or now().timestamp() - pending["at"] > flow.LASTS:
        return redirect("account_login")
    user = User.objects.get(pk=pending["user"])
    if request.method == "POST" and "send" in request.POST:
        if not codes.send(request, user, purpose=PURPOSE, by_text=False):
            messages.warning(request, _("Too many codes. Try again in an hour."))
        return redirect("signon_link")
    typed = request.POST if request.method == "POST" else None
    form = codes.CodeForm(typed, request=request, who=str(user.pk), purpose=PURPOSE)
    if request.method == "POST" and form.is_valid():
        codes.forget(request, PURPOSE)
        del request.session[PENDING]
        accounts.link(user, issuer=pending["issuer"], subject=pending["subject"])
        hint, two = pending["id_token"], pending["two_factors"]
        return _log_in(request, user, hint, two, pending["target"])
    page: dict[str, Any] = {"form": form, "provider": provider.name, "email": user.email}
    page["sent_to"] = codes.sent_to(request, PURPOSE)
    return render(request, "account/signon_link.html", page, status=422 if form.errors else 200)


@audience(PUBLIC)
@never_cache
@require_GET
@with_provider
def ended(request: PortalRequest, provider: Provider) -> HttpResponse:
    """Say that the session here is over, and offer to end the one at the provider."""
    hint = request.session.get(ENDED)
    if not hint:
        return redirect("account_login")
    try:
        address = flow.end_address(request, provider, hint)
    except SignOnError:
        address = ""
    page = {"provider": provider.name, "address": address}
    return render(request, "account/signon_ended.html", page)


def _target(request: HttpRequest, wished: str) -> str:
    """Return a page of ours to go on to."""
    ours = url_has_allowed_host_and_scheme(wished, {request.get_host()}, request.is_secure())
    return wished if ours else settings.LOGIN_REDIRECT_URL
