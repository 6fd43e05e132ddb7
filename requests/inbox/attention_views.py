"""Give a claim to a colleague, put it aside until a date, follow it."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.numbers import number_of
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.conversation import actions as conversation
from requests.inbox.attention_forms import AsideForm, GiveForm, name_of
from requests.inbox.attention_panel import ATTENTION
from requests.inbox.claim_page import page
from requests.inbox.list_page import confirm_done
from requests.inbox.views import redirect_back
from requests.teamwork import charges, snoozes, watches


def _conflict(request: StaffRequest, pk: UUID) -> HttpResponse:
    said = _("This claim changed while you were reading. Nothing was done.")
    return page(request, visible_claim(request, pk), panel=ATTENTION, conflict=said, status=409)


@audience(*DESK_ROLES)
@require_POST
def give(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Put the claim into a colleague's hands: it stands in their list with one's name."""
    claim = visible_claim(request, pk)
    form = GiveForm(request.POST, membership=request.membership, auto_id="give_%s")
    if not form.is_valid():
        return page(request, claim, panel=ATTENTION, form=form, status=422)
    to = form.cleaned_data["to"]
    try:
        event = charges.give(
            claim=claim,
            to=to,
            actor=Actor.member(request.membership),
            version=number_of(request.POST.get("version")),
            now=now(),
        )
    except (Conflict, workflow.NotAllowed):
        return _conflict(request, pk)
    confirm_done(request, _("Given to %(name)s.") % {"name": name_of(to)}, event)
    return redirect_back(request, claim)


@audience(*DESK_ROLES)
@require_POST
def put_aside(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Put the claim aside until a date; beyond the promise the tenant is told a new one first."""
    claim = visible_claim(request, pk)
    form = AsideForm(request.POST, claim=claim)
    if not form.is_valid():
        return page(request, claim, panel=ATTENTION, form=form, status=422)
    try:
        events = _put_aside(request, claim, form)
    except (Conflict, workflow.NotAllowed, snoozes.BeyondPromise):
        return _conflict(request, pk)
    confirm_done(request, _("Put aside. It comes back by itself."), *events)
    return redirect_back(request, claim)


@transaction.atomic
def _put_aside(request: StaffRequest, claim: Claim, form: AsideForm) -> list[ClaimEvent]:
    data, moment = form.cleaned_data, now()
    actor, version = Actor.member(request.membership), data["version"]
    events = []
    if form.beyond:
        sent = conversation.write_step_message(
            claim=claim, text=data["text"], actor=actor, now=moment
        )
        told = advance(
            claim=claim,
            transition=Event.INFORM,
            actor=actor,
            version=version,
            now=moment,
            text=data["text"],
            promise_at=data["promise_at"],
            message=str(sent.pk),
        )
        events, version = [told], claim.version
    put = snoozes.put_aside(
        claim=claim,
        until=data["until"],
        why=data["why"],
        actor=actor,
        version=version,
        now=moment,
    )
    return [*events, put]


@audience(*DESK_ROLES)
@require_POST
def bring_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Bring back what was put aside, before its date."""
    claim = visible_claim(request, pk)
    if snoozes.bring_back(claim, now=now()):
        messages.success(request, _("It is back in the list."))
    return redirect_back(request, claim)


@audience(*DESK_ROLES)
@require_POST
def follow(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Follow the claim, or no more: ``on`` says which."""
    claim = visible_claim(request, pk)
    if request.POST.get("on") == "1":
        watches.follow(claim=claim, membership=request.membership, now=now())
        messages.success(request, _("Followed: what others do on it is shown to you as news."))
    else:
        watches.unfollow(claim=claim, membership=request.membership)
        messages.success(request, _("No longer followed."))
    return redirect_back(request, claim)
