"""Tokens with which another tool of the landlord calls the API in the name of one account.

Only a digest is kept; the token is shown once, to the person whose account it speaks for, who
proved who they are a moment before. It ends, reads only unless it may write, and can be revoked.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import Role, audience
from portal.clock import now
from portal.http_types import SignedInRequest
from portal.models import ApiToken, User

MOST = 10
SHOWN = 6  # characters by which a person recognises a token
USED_EVERY = timedelta(hours=1)


def digest_of(token: str) -> str:
    """Return what is stored: a token is random enough to need no salt."""
    return sha256(token.encode()).hexdigest()


def make(user: User, *, name: str, writes: bool, days: int, now: datetime) -> str:
    """Make a token of ``user``'s own; return it, for the one time that it is shown."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(token),
        start=token[:SHOWN],
        writes=writes,
        made_at=now,
        ends_at=now + timedelta(days=days),
    )
    return token


def find(token: str, now: datetime) -> ApiToken | None:
    """Return a token that works, of an open account; note its use once an hour."""
    rows = ApiToken.objects.in_force(now).select_related("user")
    found = rows.filter(digest=digest_of(token)).first()
    if found and (found.used_at is None or now - found.used_at > USED_EVERY):
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


class TokenForm(forms.Form):
    """What a new token is for, what it may do, until when."""

    name = forms.CharField(label=gettext_lazy("Which tool will use it?"), max_length=60)
    days = forms.TypedChoiceField(
        label=gettext_lazy("It works for"),
        coerce=int,
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("a year")),
        ],
    )
    writes = forms.BooleanField(
        label=gettext_lazy("It may also send requests and comments"), required=False
    )


@audience(*Role, repeat="the token is shown on the page, once")
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    """List one's own tokens; on POST, make one and show it."""
    moment = now()
    mine = ApiToken.objects.in_force(moment).filter(user=request.user)
    form, made = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        if mine.count() >= MOST:
            form.add_error(None, _("Ten tokens are enough: revoke one first."))
        else:
            made = make(request.user, now=moment, **form.cleaned_data)
            form = TokenForm()
    page = {"form": form, "made": made, "tokens": mine.order_by("-made_at")}
    status = 422 if form.errors else 200
    return render(request, "account/tokens.html", page, status=status)


@audience(*Role)
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one's own token now."""
    if not ApiToken.objects.filter(pk=pk, user=request.user).update(revoked_at=now()):
        raise Http404
    messages.success(request, _("Revoked: it no longer works."))
    return redirect("api_tokens")
