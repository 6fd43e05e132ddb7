"""« It was not me »: the link, in each notice of a change, that gives an account back.

A notice goes to the address that the account had; its link makes that address the account's only
one and closes what whoever changed it may have left open.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import sign_outs
from portal.access import PUBLIC, audience
from portal.clock import now
from portal.http_types import PortalRequest
from portal.models import SignOnIdentity, User

LIFE = timedelta(days=7)
SALT = "portal.not_me"


class Taken(Exception):
    """Another account has proved the address meanwhile: a person must look."""


def token_of(user: User, email: str, at: datetime) -> str:
    """Return what the link holds: the account, the address that was told, and when."""
    return signing.dumps([str(user.pk), email.lower(), int(at.timestamp())], salt=SALT)


def read(token: str) -> tuple[User, str, datetime]:
    """Return account, address and moment of the change. Raises Http404 for a wrong or old link."""
    try:
        number, email, at = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature as error:
        raise Http404 from error
    user = User.objects.filter(pk=number, is_active=True).first()
    if user is None:
        raise Http404
    return user, email, datetime.fromtimestamp(at, UTC)


@transaction.atomic
def give_back(user: User, email: str, since: datetime) -> None:
    """Make ``email`` the only address of the account again, and end all that was open.

    Sessions and API tokens end, the number must be proved anew, and second factors and
    logins through the organisation set up ``since`` are gone. Raises Taken.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    elsewhere = EmailAddress.objects.filter(email__iexact=email, verified=True).exclude(user=user)
    if elsewhere.exists() or User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise Taken
    EmailAddress.objects.filter(user=user).exclude(email__iexact=email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    lately = since - timedelta(minutes=1)
    Authenticator.objects.filter(user=user, created_at__gte=lately).delete()
    SignOnIdentity.objects.filter(user=user, linked_at__gte=lately).delete()
    sign_outs.end_sessions(user)
    user.email, user.phone_verified = email, False
    user.set_unusable_password()
    user.save(update_fields=["email", "phone_verified", "password"])


@audience(PUBLIC, repeat="an account is given back once")
@never_cache
@require_http_methods(["GET", "POST"])
def not_me(request: PortalRequest, token: str) -> HttpResponse:
    """Say what the link does; do it on POST, since mail scanners open links."""
    user, email, since = read(token)
    page: dict[str, Any] = {"email": email}
    if request.method == "POST":
        try:
            give_back(user, email, since)
        except Taken:
            page["taken"] = True
        else:
            page["done"] = True
    status = 409 if page.get("taken") else 200
    return render(request, "account/not_me.html", page, status=status)


def address(user: User, email: str) -> str:
    """Return the path of the link that a notice to ``email`` carries."""
    return reverse("not_me", args=[token_of(user, email, now())])


def tell_of_another_address(email_address: EmailAddress) -> None:
    """Tell the account's own address that another one was added: codes go there from now on."""
    primary = EmailAddress.objects.get_primary(email_address.user)
    if primary and primary.pk != email_address.pk and primary.verified:
        get_adapter().send_notification_mail(
            "account/email/address_added",
            email_address.user,
            {"added": email_address.email},
            email=primary.email,
        )
