"""What staff change of who reads: a claim's confidentiality and link, a person's access."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.claims import links
from requests.claims.lookup import visible_claim
from requests.household import access, confidential
from requests.household.forms import CloseLinkForm, EndAccessForm
from requests.household.panel import ACCESS
from requests.inbox.claim_page import page
from requests.inbox.list_page import confirm_done
from requests.inbox.record_views import person_page
from requests.inbox.views import redirect_back
from tenants.models import AccessEnd, Tenant


@audience(*DESK_ROLES)
@require_POST
def make_confidential(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make a claim its author's alone in the home, or share it again."""
    claim = visible_claim(request, pk)
    wanted = request.POST.get("confidential") == "yes"
    actor = Actor.member(request.membership)
    confidential.mark(claim=claim, confidential=wanted, actor=actor, now=now())
    confirm_done(
        request, _("Only the author reads it now.") if wanted else _("No longer confidential.")
    )
    return redirect_back(request, claim)


@audience(*DESK_ROLES)
@require_POST
def close_link(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Close the private link of a claim, with the reason."""
    claim = visible_claim(request, pk)
    form = CloseLinkForm(request.POST, auto_id="link_%s")
    if not form.is_valid():
        return page(request, claim, panel=ACCESS, form=form, status=422)
    actor = Actor.member(request.membership)
    links.close(claim=claim, actor=actor, now=now(), reason=form.cleaned_data["why"])
    confirm_done(request, _("The private link is closed."))
    return redirect_back(request, claim)


@audience(*DESK_ROLES)
@require_POST
def renew_link(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make a new private link; the author gets it with the next message, staff never see it."""
    claim = visible_claim(request, pk)
    if links.is_over(claim, now()):
        raise Http404
    actor = Actor.member(request.membership)
    links.renew(claim=claim, actor=actor, now=now(), reason=_("asked by staff"))
    confirm_done(
        request, _("A new private link goes out with the next message. The former one is closed.")
    )
    return redirect_back(request, claim)


@audience(*DESK_ROLES)
@require_POST
def end_access(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End a person's access now: stays, account, mandates, sessions and links."""
    found = get_object_or_404(Tenant.objects.visible_to(request.membership), pk=pk)
    if not access.may_end(found, request.membership):
        raise Http404
    form = EndAccessForm(request.POST, auto_id="end_%s")
    if not form.is_valid():
        return person_page(request, found, form=form, status=422)
    access.end_access(
        tenant=found, member=request.membership, reason=form.cleaned_data["reason"], now=now()
    )
    messages.success(request, _("The access is ended, everywhere and at once."))
    return redirect("agency:tenant", pk=found.pk)


@audience(*DESK_ROLES)
@require_POST
def undo_end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give the person back what an end of access took; the claims get new links."""
    ends = AccessEnd.objects.visible_to(request.membership).filter(tenant__isnull=False)
    end = get_object_or_404(ends.select_related("tenant"), pk=pk)
    try:
        access.undo(end=end, member=request.membership, now=now())
    except access.Conflict:
        messages.warning(request, _("This was undone meanwhile, or the account is another’s now."))
    else:
        messages.success(
            request, _("Undone. The person signs in again; their requests have new links.")
        )
    return redirect("agency:tenant", pk=end.tenant_id)
