"""Find a request again without its link: its number, a known contact point, and a code sent there.

Whether a number and a contact point belong together is never said: the second page is the same
for any two, and only the code that was sent opens anything.
"""

import secrets

from django import forms
from django.contrib import messages
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest
from portal import codes, phones
from portal.access import PUBLIC, audience
from portal.clock import now
from requests.claims import links
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.notifications.contact_routes import contact_routes

PURPOSE = "find_request"
FOUND = "find_request"  # key of the session: the claim's, "" where nothing matched
NOBODY = "nobody"


class FindForm(forms.Form):
    """The number of the request, and where we write to the person."""

    reference = forms.CharField(
        label=_("Number of the request"),
        max_length=20,
        help_text=_("Six letters and digits, in each of our messages."),
        widget=forms.TextInput(attrs={"class": "input--short", "autocapitalize": "characters"}),
        error_messages={"required": _("Write the number of the request.")},
    )
    contact = forms.CharField(
        label=_("Your e-mail or your phone"),
        max_length=254,
        help_text=_("The one that you gave us. We send a code there."),
        error_messages={"required": _("Write your e-mail or your phone.")},
    )

    def clean_reference(self) -> str:
        """Return six characters, as they are kept."""
        typed = "".join(c for c in self.cleaned_data["reference"] if c.isalnum()).upper()
        if len(typed) != 6:
            raise forms.ValidationError(_("The number has six letters and digits, like HGA 9ZQ."))
        return typed

    def clean_contact(self) -> str:
        """Return a lower-case address or a number in E.164."""
        typed = self.cleaned_data["contact"].strip()
        if "@" in typed:
            validate_email(typed)
            return typed.lower()
        if not (number := phones.to_e164(typed)):
            raise forms.ValidationError(
                _("Check this number: a digit may be missing. Example: 06 12 34 56 78")
            )
        return number


def known_at(reference: str, contact: str) -> Claim | None:
    """Return the claim whose author we write to at ``contact``; a shared home is no way in."""
    claim = (
        Claim.objects.system("a lost link is found by number and contact point")
        .select_related("category", "tenant", "dwelling__staircase__building__residence")
        .filter(reference=reference)
        .first()
    )
    if claim is None or claim.link_closed_at or links.is_over(claim, now()):
        return None
    ways = contact_routes(claim)
    by = {way.address for way in ways if way.channel in (Channel.EMAIL, Channel.SMS)}
    return claim if contact in by else None


@audience(PUBLIC, repeat="a new code ends the one before")
@never_cache
@require_http_methods(["GET", "POST"])
def find_request(request: PublicRequest) -> HttpResponse:
    """Ask which request and where we write; send a code there if both belong together."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data["contact"]
        claim = known_at(form.cleaned_data["reference"], contact)
        is_mail = "@" in contact
        where = {"email": contact} if is_mail else {"phone": contact}
        sent = claim and codes.send_to(request, str(claim.pk), purpose=PURPOSE, **where)
        if not sent:
            # A code that nobody knows, so that the next page is the same.
            to = contact if is_mail else f"…{contact[-4:]}"
            codes.keep(request, NOBODY, secrets.token_hex(), purpose=PURPOSE, to=to)
        request.session[FOUND] = str(claim.pk) if claim and sent else ""
        return redirect("find_code")
    page = {"form": form}
    status = 422 if form.errors else 200
    return render(request, "requests/tenant_pages/find.html", page, status=status)


@audience(PUBLIC, repeat="a code is good once")
@never_cache
@require_http_methods(["GET", "POST"])
def find_code(request: PublicRequest) -> HttpResponse:
    """Take the code, and open the request by a link that is good now."""
    if not (to := codes.sent_to(request, PURPOSE)):
        return redirect("find_request")
    found = request.session.get(FOUND, "")
    typed = request.POST if request.method == "POST" else None
    form = codes.CodeForm(typed, request=request, who=found or NOBODY, purpose=PURPOSE)
    if request.method == "POST" and form.is_valid():
        codes.forget(request, PURPOSE)
        del request.session[FOUND]
        claim = Claim.objects.system("the code opens it").get(pk=found)
        links.renew_if_stale(claim, now())
        messages.success(request, gettext("Here is your request. Keep this page’s address."))
        return redirect("follow", token=claim.token)
    page = {"form": form, "sent_to": to}
    status = 422 if form.errors else 200
    return render(request, "requests/tenant_pages/find_code.html", page, status=status)
