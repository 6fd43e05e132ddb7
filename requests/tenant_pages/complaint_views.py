"""Receive a tenant's complaint about how a claim was handled, by login or by link."""

import uuid
from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.http_types import PublicRequest, TenantRequest
from portal.access import PUBLIC, Role, audience
from portal.actor import Actor
from portal.clock import now
from portal.http_types import PortalRequest
from requests.complaints import actions as complaints
from requests.complaints.forms import ComplainForm
from requests.complaints.models import Complaint
from requests.complaints.recourse import ACK_DAYS, ANSWER_DAYS
from requests.kit.choices import Channel
from requests.tenant_pages import claim_views
from requests.tenant_pages.views import access_of_author


def _complain(request: PortalRequest, access: claim_views.ClaimAccess) -> HttpResponse:
    claim = access.claim
    if Complaint.objects.filter(claim=claim).exists():
        raise Http404  # The second stage of a complaint is asked on its own page.
    known = complaints.open_complaint_about(claim)
    if known:
        return redirect(replace(access, claim=known.claim).url("claim"))
    form = ComplainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = complaints.file(
            about=claim,
            words=form.cleaned_data["words"],
            channel=Channel.WEB,
            actor=Actor.tenant(request.user if access.by_login else None),
            now=now(),
        )
        request.session["sent"] = made.token
        return redirect(replace(access, claim=made).url("claim"))
    context = {
        "form": form,
        "claim": claim,
        "access": access,
        "back": access.url("claim"),
        "ack": ACK_DAYS,
        "first": ANSWER_DAYS[1],
        "second": ANSWER_DAYS[2],
        "place_of_talk": claim.residence,
    }
    status = 422 if form.errors else 200
    return render(request, "requests/complaints/complain.html", context, status=status)


@audience(Role.TENANT)
@never_cache
@require_http_methods(["GET", "POST"])
def complain(request: TenantRequest, claim: uuid.UUID) -> HttpResponse:
    """File a complaint, in the name of the claim's author. Only the author may."""
    return _complain(request, access_of_author(request, claim))


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "POST"])
def follow_complain(request: PublicRequest, token: str) -> HttpResponse:
    return _complain(request, claim_views.by_link(token))
