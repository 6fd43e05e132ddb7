"""Receive photos for one claim through a link in a text message.

Needs no account and shows nothing else.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http_types import PublicRequest, StaffRequest
from portal.access import DESK_ROLES, PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from portal.gone import Gone
from requests.channels import photo_links
from requests.claims import links
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.conversation import photo_requests
from requests.kit.fields import FilesField


class PhotosForm(forms.Form):
    """Choose photos to send."""

    photos = FilesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].required = True  # Photos are all that this form sends.


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def photos(request: PublicRequest, token: str) -> HttpResponse:
    """Show the form and receive the photos.

    An expired or invented link is a 404, counted as a guess.
    """
    reference = photo_links.read(token, now())
    claim = Claim.objects.system("photo link").filter(reference=reference).first()
    if claim is None:
        raise Http404
    links.check(claim, now())
    # A token knows its second only.
    if claim.link_made_at and photo_links.made_at(token) < claim.link_made_at.replace(
        microsecond=0
    ):
        raise Gone  # asked for before the household changed
    form = PhotosForm()
    if request.method == "POST":
        form = PhotosForm(request.POST, request.FILES)
        if form.is_valid():
            found = form.cleaned_data["photos"]
            if not found:
                form.add_error("photos", _("Choose a photo first."))
            kept, refusals = photo_requests.add(claim=claim, files=found, now=now())
            for refusal in refusals:
                form.add_error("photos", refusal)
            if kept:
                said = ngettext(
                    "Thank you, %(n)s photo has arrived.",
                    "Thank you, %(n)s photos have arrived.",
                    kept,
                )
                messages.success(request, said % {"n": kept})
        if not form.errors:
            return redirect("photos:photo_link", token=token)
    page = {"claim": claim, "form": form}
    status = 422 if form.errors else 200
    return render(request, "requests/tenant_pages/photos.html", page, status=status)


@audience(*DESK_ROLES)
@require_POST
def ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask for photos: send the link through the tenant's own channel after 30 seconds."""
    claim = visible_claim(request, pk)
    photo_requests.ask(claim=claim, actor=Actor.member(request.membership), now=now())
    messages.success(request, _("We ask the tenant for photos, with a link that needs no account."))
    return redirect("agency:claim", pk=claim.pk)
