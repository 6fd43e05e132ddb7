"""The page that an invitation leads to: its person chooses a password, and is in."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal.access import PUBLIC, audience
from portal.clock import now
from portal.models import User
from portal.sessions import MFA_ROLES
from requests.console import invitations


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("12 characters or more: a few words of your own do well."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )
    again = forms.CharField(
        label=gettext_lazy("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Write the password again.")},
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ."))
        return data


@audience(PUBLIC, repeat="an invitation is used once")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: PublicRequest, token: str) -> HttpResponse:
    """Show what the invitation offers; open the account on POST, since scanners open links."""
    try:
        found = invitations.open_invitation(token, now())
    except invitations.WrongLink:
        return render(request, "requests/console/invitation_ended.html", status=410)
    member = found.membership
    if settings.PALIER_SIGNON_ONLY:  # only the organisation recognises its people here
        return render(request, "requests/console/invitation.html", {"member": member})
    form = PasswordForm(request.POST if request.method == "POST" else None, user=member.user)
    if form.is_bound and form.is_valid():
        try:
            user = invitations.accept(token, password=form.cleaned_data["password"], now=now())
        except invitations.WrongLink:
            return render(request, "requests/console/invitation_ended.html", status=410)
        # Who has just chosen the password need not type it once more for the second factor.
        record_authentication(
            request, user, method="password", email=user.email, reauthenticated=True
        )
        asks = settings.PALIER_STAFF_MFA and member.role in MFA_ROLES
        target = reverse("mfa_activate_totp" if asks else "enter")
        return perform_login(
            request, Login(user=user, email_verification="none", redirect_url=target)
        )
    context = {"form": form, "member": member, "until": found.expires_at}
    return render(
        request, "requests/console/invitation.html", context, status=422 if form.errors else 200
    )
