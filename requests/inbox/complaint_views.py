"""Staff log a complaint or a formal notice that reached them on a claim."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.complaints import actions as complaints
from requests.complaints.forms import FormalNoticeForm, StaffComplainForm
from requests.complaints.models import Complaint
from requests.complaints.panel import COMPLAINT_FORMS
from requests.inbox.claim_page import page


@audience(*DESK_ROLES)
@require_POST
def file_complaint(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """File a complaint that reached staff by letter, by phone or at the counter."""
    claim = visible_claim(request, pk)
    form = StaffComplainForm(request.POST, auto_id="complain_%s")
    if Complaint.objects.filter(claim=claim).exists():
        raise Http404
    if not form.is_valid():
        return page(request, claim, panel=COMPLAINT_FORMS, form=form, status=422)
    made = complaints.file(
        about=claim,
        words=form.cleaned_data["words"],
        channel=form.cleaned_data["channel"],
        actor=Actor.member(request.membership),
        now=now(),
    )
    messages.success(request, _("Complaint kept. Somebody who did not handle it answers."))
    seen = Claim.objects.visible_to(request.membership).filter(pk=made.pk).exists()
    return redirect("agency:claim", made.pk if seen else claim.pk)


@audience(*DESK_ROLES)
@require_POST
def file_formal_notice(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Log a formal notice, with its dates."""
    claim = visible_claim(request, pk)
    form = FormalNoticeForm(request.POST, auto_id="notice_%s")
    if not form.is_valid():
        return page(request, claim, panel=COMPLAINT_FORMS, form=form, status=422)
    complaints.record_formal_notice(
        claim=claim,
        actor=Actor.member(request.membership),
        now=now(),
        **form.cleaned_data,
    )
    messages.success(request, _("Logged, with its date. The tenant is told."))
    return redirect("agency:claim", claim.pk)
