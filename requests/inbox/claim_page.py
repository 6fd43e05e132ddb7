"""The middle pane: the conversation, what is proposed, what else may be done."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from agencies import landlord
from portal.clock import now
from portal.templatetags.palier import clock, day
from portal.templatetags.palier import moment as spoken
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import HOLD
from requests.closing.actions import may_close_unanswered
from requests.complaints import panel as complaints
from requests.complaints import stages as complaint_stages
from requests.complaints.recourse import ANSWERS
from requests.conversation import mentions
from requests.conversation.ready_replies import filled
from requests.conversation.thread import thread
from requests.inbox import context_panel, triage
from requests.inbox.forms import (
    SEARCHED,
    ActForm,
    CalledForm,
    MessageForm,
    NotedForm,
)
from requests.inbox.listing import Listing, group_of
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, Channel, State, Urgency
from requests.letters import actions as letters
from requests.notifications.contact_routes import answer_channel
from requests.promises import deadlines
from requests.promises.working_time import calendar_of
from requests.proposals import rules as proposals
from requests.proposals import written_rules
from requests.proposals.queries import written_proposal
from requests.suggestions import actions as suggestions
from requests.work_orders.panel import work_of

# What else may be done, in this order. Without a proposal the first allowed one leads.
ORDER = (
    Event.TAKE_CHARGE,
    Event.TENANT_ANSWERED,
    Event.ANSWER,
    Event.ASK,
    Event.PLAN,
    Event.INFORM,
    Event.START,
    Event.REPORT_DONE,
    Event.REOPEN,
    Event.CLOSE_UNANSWERED,
    Event.REFUSE,
    Event.HAND_OVER,
    Event.MERGE,
    Event.RECLASSIFY,
)
# Never led with: each needs a person's own reason (docs/principles.md, P7).
NEVER_FIRST = {
    Event.REFUSE,
    Event.HAND_OVER,
    Event.MERGE,
    Event.RECLASSIFY,
    Event.CLOSE_UNANSWERED,
    Event.REPORT_DONE,
    Event.START,
}
FORMAT = "%Y-%m-%dT%H:%M"
MISSED = {"voicemail", "no_answer", "wrong"}


def proposal_for(claim: Claim, user, events: list[ClaimEvent], moment):
    """Gather the facts, say them in the tenant's language, and ask the rules."""
    if claim.state in ENDED:
        return None
    unit = claim.residence.unit if claim.residence else claim.owner.unit if claim.owner else None
    since, calls = claim.filed_at, 0
    for event in events:
        if event.before and event.before.get("state") != event.state:
            since, calls = event.at, 0
        if event.name == Event.CALLED:
            calls = calls + 1 if event.facts.get("outcome") in MISSED else 0
    calendar = calendar_of(unit, timezone.localdate(moment)) if unit else None
    urgent = claim.urgency in CALENDAR_URGENCIES
    slot = promise = None
    if calendar and calendar.hours:
        length = timedelta(hours=2)
        ahead = timedelta(hours=1) if urgent else timedelta(days=1)
        slot = deadlines.free_slot(moment + ahead, length, calendar)
        promise = deadlines.promise(moment, claim.urgency, claim.category.ack_hours, calendar)
    with translation.override(claim.language):
        facts = proposals.Facts(
            state=claim.state,
            what=str(claim.category),
            who=user.first_name or str(user),
            unit=unit.name if unit else "",
            phone=(unit.phone if unit else "") or landlord.current().phone,
            responsible=claim.category.responsible,
            administrative=claim.urgency in {Urgency.A1, Urgency.A2, Urgency.A3, Urgency.A4},
            at_home=claim.category.asset == "dwelling",
            late=bool(claim.promise_at and claim.promise_at < moment),
            asked=any(event.name == Event.ASK for event in events),
            promise=spoken(claim.promise_at),
            next_promise_at=promise,
            next_promise=spoken(promise),
            slot_at=slot,
            slot_until=slot + timedelta(hours=2) if slot else None,
            slot=slot_words(slot, slot + timedelta(hours=2)) if slot else "",
            visited=bool(claim.visit_at and (claim.visit_until or claim.visit_at) < moment),
            days=(moment - since).days,
            calls=calls,
        )
        done = {event.name for event in events}
        found = written_proposal(claim, facts, calendar=calendar, done=done, moment=moment)
        return found or proposals.propose(facts)


def advice_for(claim: Claim) -> suggestions.Advice | None:
    """What the words of a claim that nobody has sorted yet may be about; None for the others."""
    if claim.category.code != settings.PALIER_UNSORTED_CATEGORY:
        return None
    return suggestions.suggest(claim.words)


def offer(claim: Claim, user, moment):
    """What the page of ``claim`` proposes now, as ``proposal_for`` finds it."""
    return proposal_for(claim, user, list(claim.events.all()), moment)


def _merged(claim: Claim, membership) -> list[dict]:
    """The request that this one was merged into, and those that were merged into it."""
    seen = Claim.objects.visible_to(membership)
    rows = []
    event = claim.events.filter(name=Event.MERGE).last() if claim.state == State.MERGED else None
    if event:
        rows += [{"claim": c, "goes_on": True} for c in seen.filter(pk=event.facts["into"])]
    here = ClaimEvent.objects.filter(name=Event.MERGE, facts__into=str(claim.pk)).values("claim")
    rows += [{"claim": c, "goes_on": False} for c in seen.filter(pk__in=here, state=State.MERGED)]
    return rows


def slot_words(start, end) -> str:
    """« jeudi 27 novembre, entre 8 h et 10 h »."""
    return translation.gettext("%(day)s, between %(start)s and %(end)s") % {
        "day": day(start),
        "start": clock(start),
        "end": clock(end),
    }


def _values(proposal, claim: Claim) -> dict:
    """The proposal as the fields of its form."""
    values = {"version": claim.version, "text": proposal.text}
    if proposal.key:
        values["accepted"] = proposal.key
    for name in ("desk", "reason"):
        if name in proposal.values:
            values[name] = proposal.values[name]
    for name in ("visit_at", "promise_at", "due"):
        if name in proposal.values:
            # Up to the full minute after: a form knows no seconds.
            at = timezone.localtime(proposal.values[name])
            if at.second or at.microsecond:
                at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
            values[name] = at.strftime(FORMAT)
    if "visit_until" in proposal.values:
        length = proposal.values["visit_until"] - proposal.values["visit_at"]
        values["hours"] = str(int(length.total_seconds() // 3600))
    return values


def toasts(request: HttpRequest) -> list[dict]:
    """What was just done, with the events that can still be undone."""
    found = []
    for message in messages.get_messages(request):
        tags = (message.extra_tags or "").split()
        undo = next((t.removeprefix("undo-") for t in tags if t.startswith("undo-")), "")
        found.append({"text": message.message, "level": message.level_tag, "undo": undo})
    return found


def done(request: HttpRequest, text: str, *events: ClaimEvent) -> None:
    """Say what was done, and offer to undo ``events`` for half a minute."""
    numbers = ",".join(str(event.pk) for event in events)
    messages.success(request, text, extra_tags=f"undo-{numbers}" if numbers else "")


def following(listing: dict, claim: Claim):
    """The claim after this one in the list as shown; None at its end."""
    order = listing["order"]
    if claim.pk in order:
        place = order.index(claim.pk) + 1
        return order[place] if place < len(order) else None
    return order[0] if order else None


def page(
    request: HttpRequest,
    claim: Claim,
    *,
    bound=None,
    reply=None,
    call=None,
    heard=None,
    complain=None,
    notice=None,
    conflict: str = "",
    kept=(),
    again: ClaimEvent | None = None,
    status: int = 200,
) -> HttpResponse:
    """The three panes with ``claim`` open.

    ``bound``, ``reply``, ``call`` or ``heard`` is the form that came back; ``again`` an undone
    event whose words are taken up again; ``conflict`` says what happened meanwhile.
    """
    moment = now()
    listing = Listing(request).context()
    events = list(claim.events.select_related("actor"))
    proposal = proposal_for(claim, request.user, events, moment)
    allowed = workflow.allowed(claim.state, request.membership.role)
    if Event.CLOSE_UNANSWERED in allowed and not may_close_unanswered(claim):
        allowed -= {Event.CLOSE_UNANSWERED}
    among = triage.same_person(claim, request.membership) if Event.MERGE in allowed else []
    if not among:
        allowed -= {Event.MERGE}
    if not complaint_stages.may_answer(claim, request.user):
        allowed -= ANSWERS
        if proposal and proposal.transition in ANSWERS:
            proposal = None
    forms = []
    for name in (name for name in ORDER if name in allowed):
        values = {"version": claim.version}
        if proposal and proposal.transition == name:
            values = _values(proposal, claim)
        if again and again.name == name:
            values |= {k: v for k, v in again.facts.items() if k in {"text", "reason", "due"}}
        forms.append(
            bound
            if bound and bound.transition == name
            else ActForm(transition=name, claim=claim, among=among, initial=values)
        )
    lead = None
    if proposal is None and forms and forms[0].transition not in NEVER_FIRST:
        lead = forms[0]
    if again and again.name == Event.MESSAGE_OUT and reply is None:
        reply = MessageForm(claim=claim, initial={"text": again.facts.get("text", "")})
    answer_by = answer_channel(claim)
    people = [user for user in mentions.colleagues(claim) if user.pk != request.user.pk]
    phone = claim.contact_phone
    right = context_panel.context(request, claim)
    if not phone:
        phone = next((c.value for c in right["contacts"] if c.kind == "phone"), "")
    return render(
        request,
        "requests/inbox/claim.html",
        {
            **listing,
            **right,
            **work_of(claim, request.membership),
            **complaints.for_staff(claim, request, complain, notice),
            "claim": claim,
            "urgent": claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED,
            "late": group_of(claim, moment) == "late",
            "proposal": proposal,
            "proposal_values": _values(proposal, claim) if proposal else {},
            "proposal_label": proposal.label if proposal else "",
            "proposes_order": bool(proposal and proposal.transition == written_rules.ORDER),
            "lead": lead,
            "others": [f for f in forms if f is not lead],
            "advice": advice_for(claim) if Event.RECLASSIFY in allowed else None,
            "corrections": [
                (name, Event(name).label) for name in sorted(SEARCHED) if name in allowed
            ],
            "bound": bound,
            "open_form": bound.transition if bound else again.name if again else "",
            "reply": reply or MessageForm(claim=claim),
            "call": call or CalledForm(),
            "call_open": call is not None,
            "heard": heard or NotedForm(claim=claim),
            "heard_open": heard is not None,
            "canned": filled(claim, request.membership),
            "mentioned": claim.mentions.filter(user=request.user, seen_at=None).exists(),
            "handles": [mentions.handle(user, people) for user in people][:12],
            "phone": phone,
            "script": proposals.script(claim.state),
            "form": reply
            if reply is not None and reply.is_bound
            else call or heard or complain or notice or bound,
            "thread": thread(claim, events, moment, notes=True),
            "files": list(claim.attachments.order_by("at", "id")),
            "answer_by_channel": answer_by,
            "answer_by": Channel(answer_by).label,
            "events": events,
            "letters": letters.of_claim(claim),
            "merged": _merged(claim, request.membership),
            "conflict": conflict,
            "kept": kept,
            "last": events[-1] if events else None,
            "toasts": toasts(request),
            "hold": int(HOLD.total_seconds()),
            "next": following(listing, claim),
        },
        status=status,
    )
