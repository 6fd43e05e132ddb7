"""What staff write on the page of a claim: a reply, a note, a call, what the tenant said."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.attachments.staff_drafts import session_of
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.conversation import actions as conversation
from requests.conversation import mentions
from requests.conversation.forms import MessageForm, RecordAnswerForm, RecordCallForm
from requests.conversation.panel import COMPOSER, HEARD, steps_of_reply
from requests.inbox import done_words
from requests.inbox.call_panel import CALL
from requests.inbox.claim_page import barred_steps, page
from requests.inbox.list_page import confirm_done
from requests.inbox.reply_files import keep_files
from requests.inbox.steps import take_step
from requests.inbox.views import redirect_back
from requests.notifications.sms_frames import as_json, sms_frame
from requests.routing.expected_date import outlook_of


@audience(*DESK_ROLES)
@require_GET
def sms_frames(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Return what stands around a reply sent by text message, for the page to count it."""
    found = visible_claim(request, pk)
    outlook = outlook_of(found, now())
    steps = {"out": str(Event.MESSAGE_OUT)}
    steps |= steps_of_reply(found, request.membership.role, ())
    frames = {
        name: sms_frame(
            found, step, by=request.user, promise=outlook.after(step) if outlook else None
        )
        for name, step in steps.items()
    }
    return JsonResponse(as_json(frames), headers={"Cache-Control": "no-store"})


@audience(*DESK_ROLES)
@require_POST
def message(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send a reply, with a step if its button says so, or write an internal note.

    What arrived meanwhile is shown first; the text is kept.
    """
    found = visible_claim(request, pk)
    barred = barred_steps(found, request.user)
    steps = steps_of_reply(found, request.membership.role, barred)
    form = MessageForm(request.POST, request.FILES, claim=found, steps=steps)
    keep_files(request, found, form)
    if form.errors:
        return page(request, found, panel=COMPOSER, form=form, status=422)
    try:
        event = _write(request, found, form)
    except (Conflict, workflow.NotAllowed):
        found = visible_claim(request, pk)
        again = form.data.copy()
        again["version"] = found.version
        again.pop("then", None)
        said = _("Something arrived while you were writing. Read it, then send your text again.")
        reply = MessageForm(again, claim=found)
        return page(request, found, panel=COMPOSER, form=reply, conflict=said, status=409)
    if event is None:
        told = [user for user in form.mentioned if user.pk != request.user.pk]
        confirm_done(request, done_words.note_kept(told), sent=found)
        for warning in done_words.away(told, now()):
            messages.warning(request, warning)
    else:
        confirm_done(request, done_words.reply_sent(found, event), event, sent=found)
    return redirect_back(request, found)


def _write(request: StaffRequest, claim: Claim, form: MessageForm) -> ClaimEvent | None:
    """Write what the form says; return the event of a reply or of its step, None for a note."""
    data, moment = form.cleaned_data, now()
    drafts = session_of(request.user, claim)
    if data["kind"] == "out" and data.get("then"):
        facts = {name: data[name] for name in ("text", "promise_at") if data.get(name)}
        return take_step(
            request,
            claim,
            form.steps[data["then"]],
            facts,
            version=data["version"],
            files_of=drafts,
            channel=data["channel"],
        )
    kept = conversation.write(
        claim=claim,
        text=data["text"],
        direction=data["kind"],
        channel=data["channel"],
        actor=Actor.member(request.membership),
        now=moment,
        version=data["version"],
        mentioned=form.mentioned,
        files_of=drafts,
        promise_at=data.get("promise_at"),
    )
    if data["kind"] == "note":
        return None
    return claim.events.filter(name=Event.MESSAGE_OUT, facts__message=str(kept.pk)).get()


@audience(*DESK_ROLES)
@require_POST
def record_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record what the tenant said by letter, phone or at the counter, at its place in time."""
    found = visible_claim(request, pk)
    form = RecordAnswerForm(request.POST, claim=found)
    if not form.is_valid():
        return page(request, found, panel=HEARD, form=form, status=422)
    data = form.cleaned_data
    fixed = {"yes": True, "no": False}.get(data.get("fixed", ""))
    try:
        conversation.record_answer(
            claim=found,
            text=data["text"],
            channel=data["channel"],
            fixed=fixed,
            actor=Actor.member(request.membership),
            version=data["version"],
            now=now(),
        )
    except Conflict:
        found = visible_claim(request, pk)
        again = form.data.copy()
        again["version"] = found.version
        said = _("This claim changed while you were writing. Nothing was sent.")
        heard = RecordAnswerForm(again, claim=found)
        return page(request, found, panel=HEARD, form=heard, conflict=said, status=409)
    confirm_done(request, _("Noted in the conversation."))
    return redirect_back(request, found)


@audience(*DESK_ROLES)
@require_POST
def mark_mentions_seen(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Mark the notes that name the member on this claim as read."""
    found = visible_claim(request, pk)
    mentions.mark_mentions_seen(claim=found, user=request.user, now=now())
    return redirect_back(request, found)


@audience(*DESK_ROLES)
@require_POST
def record_call(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record a call to the tenant and its result."""
    found = visible_claim(request, pk)
    form = RecordCallForm(request.POST)
    if not form.is_valid():
        return page(request, found, panel=CALL, form=form, status=422)
    conversation.record_call(
        claim=found,
        outcome=form.cleaned_data["outcome"],
        text=form.cleaned_data["note"],
        actor=Actor.member(request.membership),
        now=now(),
    )
    confirm_done(request, _("Call noted."))
    return redirect_back(request, found)
