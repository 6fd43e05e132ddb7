"""The page of a claim and what its buttons do. Every claim is fetched as visible."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from portal.identifiers import uuid_of
from portal.numbers import number_of
from requests.attachments.staff_drafts import session_of
from requests.catalogue.models import Category
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, TooLate, undo
from requests.closing import actions as closing
from requests.conversation.forms import MessageForm
from requests.conversation.panel import COMPOSER
from requests.conversation.ready_replies import fill_placeholders
from requests.inbox import actions as inbox
from requests.inbox import done_words, triage
from requests.inbox.claim_page import page
from requests.inbox.decision_panel import DECISION
from requests.inbox.forms import SEARCHED, ActForm
from requests.inbox.list_page import confirm_done
from requests.inbox.reply_files import keep_files
from requests.inbox.steps import take_step
from requests.inspections import actions as inspections
from requests.kit.choices import Urgency
from requests.routing.expected_date import outlook_of
from requests.suggestions import actions as suggestions
from requests.suggestions.panel import advice_for
from requests.teamwork import charges, watches


@audience(*DESK_ROLES)
@require_GET
def claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the three panes; ``again`` fills the form with the words of one's own undone step.

    ``step`` opens the form of a step, for a script that asks in its panel alone.
    """
    found = visible_claim(request, pk)
    again = None
    if number := number_of(request.GET.get("again")):
        again = ClaimEvent.everything.filter(
            pk=number, claim=found, actor=request.user, undone_at__isnull=False
        ).first()
    reply = None
    if ready := number_of(request.GET.get("canned")):
        replies = fill_placeholders(found, request.membership, outlook_of(found, now()))
        words = [r["text"] for r in replies if r["pk"] == ready]
        reply = MessageForm(claim=found, initial={"text": words[0]}) if words else None
    panel = DECISION if "step" in request.GET else COMPOSER
    return page(request, found, again=again, panel=panel, form=reply)


def redirect_back(request: StaffRequest, claim: Claim) -> HttpResponse:
    """Redirect to the next claim when asked, else to this one while the member may still see it."""
    query = request.GET.urlencode()
    target = uuid_of(request.POST["next"]) if "next" in request.POST else claim.pk
    if target and Claim.objects.visible_to(request.membership).filter(pk=target).exists():
        url = reverse("agency:claim", args=[target])
    else:
        url = reverse("agency:inbox")
    return redirect(f"{url}?{query}" if query else url)


@audience(*DESK_ROLES)
@require_POST
def act(request: StaffRequest, pk: UUID, transition: str) -> HttpResponse:
    """Make one transition of the table; a change made meanwhile answers 409 and keeps the text."""
    found = visible_claim(request, pk)
    row = workflow.TRANSITIONS.get(transition)
    if row is None or transition in SEARCHED:
        raise Http404
    if request.membership.role not in row.roles:
        raise PermissionDenied
    among = triage.same_person(found, request.membership) if transition == Event.MERGE else ()
    form = ActForm(request.POST, request.FILES, transition=transition, claim=found, among=among)
    keep_files(request, found, form)
    if form.errors:
        if transition not in workflow.allowed(found.state, request.membership.role):
            return _conflict(request, found, form)
        return page(request, found, panel=DECISION, form=form, status=422)
    try:
        event = _do(request, found, form)
    except (Conflict, workflow.NotAllowed):
        return _conflict(request, found, form)
    confirm_done(request, done_words.step_done(found, event), event)
    return redirect_back(request, found)


@database.atomic
def _do(request: StaffRequest, claim: Claim, form: ActForm) -> ClaimEvent:
    facts, moment = form.event_facts(), now()
    common = {
        "claim": claim,
        "actor": Actor.member(request.membership),
        "version": form.cleaned_data["version"],
        "now": moment,
    }
    if form.transition == Event.RECLASSIFY:
        category = Category.objects.get(code=facts["category"])
        urgency = facts.get("urgency") or category.urgency
        if advice := advice_for(claim):
            suggestions.record_choice(
                text=claim.words, advice=advice, chosen=category.code, now=moment, claim=claim
            )
        return triage.reclassify(
            **common, category=category, urgency=Urgency(urgency), reason=facts["reason"]
        )
    if form.transition == Event.MERGE:
        return triage.merge(**common, into=form.among[facts["into"]])
    if form.transition == Event.CLOSE_UNANSWERED:
        if inspections.may_file_report(claim):
            return inspections.file_report(**common, text=facts["text"])
        # Only after the documented attempts, whatever button was shown (docs/principles.md, P7).
        return closing.close_after_attempts(**common, text=facts["text"])
    files = session_of(request.user, claim) if "attached" in form.fields else ""
    version = form.cleaned_data["version"]
    return take_step(request, claim, form.transition, facts, version=version, files_of=files)


def _conflict(request: StaffRequest, claim: Claim, form: ActForm) -> HttpResponse:
    """Show the claim as it is now, with the typed text: in its form if that fits, else as text."""
    claim = visible_claim(request, claim.pk)
    said = _("This claim changed while you were writing. Nothing was sent.")
    if form.transition in workflow.allowed(claim.state, request.membership.role):
        data = form.data.copy()
        data["version"] = claim.version
        again = ActForm(data, transition=form.transition, claim=claim, among=form.among.values())
        return page(request, claim, panel=DECISION, form=again, conflict=said, status=409)
    kept = [
        (str(form[name].label), form.data[name])
        for name in ("text", "reason")
        if name in form.fields and form.data.get(name)
    ]
    return page(request, claim, panel=DECISION, conflict=said, kept=kept, status=409)


@audience(*DESK_ROLES)
@require_POST
def undo_steps(request: StaffRequest) -> HttpResponse:
    """Undo one's own steps of the last half minute; the words come back into their form."""
    numbers = request.POST.get("events", "").split(",")[:100]
    numbers = [n for n in numbers if n.isascii() and n.isdecimal() and len(n) < 18]
    events = list(ClaimEvent.everything.filter(pk__in=numbers, actor=request.user))
    if not events:
        raise Http404
    events.sort(key=lambda event: numbers.index(str(event.pk)))
    undone, actor = [], Actor.member(request.membership)
    for event in events:
        try:
            undone.append((undo(event=event, actor=actor, now=now()), event))
        except TooLate:
            continue
    if len(undone) < len(events):
        messages.warning(request, _("Too late: it has been sent, or another step followed."))
    if undone:
        messages.success(request, _("Undone. Nothing was sent."))
    claim, step = undone[0] if undone else (events[0].claim, None)
    if len({event.claim_id for event in events}) > 1:  # of a list: back to it
        of_list = request.GET.urlencode()
        return redirect(f"{reverse('agency:inbox')}?{of_list}" if of_list else "agency:inbox")
    if not Claim.objects.visible_to(request.membership).filter(pk=claim.pk).exists():
        return redirect("agency:inbox")
    query = request.GET.copy()
    query.pop("again", None)
    if step is not None:
        query["again"] = str(step.pk)
    url = reverse("agency:claim", args=[claim.pk])
    return redirect(f"{url}?{query.urlencode()}" if query else url)


@audience(*DESK_ROLES)
@require_POST
def presence(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record that somebody has the claim open, and return who else has.

    Sent by the page after a few seconds: what was given to them, or is news to them, is then seen.
    """
    found = visible_claim(request, pk)
    charges.mark_seen(membership=request.membership, now=now(), claim=found)
    watches.mark_seen(membership=request.membership, now=now(), claim=found)
    others = inbox.record_presence(claim=found, user=request.user, now=now())
    return render(request, "requests/inbox/_presence.html", {"others": others})
