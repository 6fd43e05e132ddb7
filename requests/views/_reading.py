"""The middle pane: the conversation, what is proposed, what else may be done."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from agencies import landlord
from portal.clock import now
from portal.templatetags.palier import clock, day
from portal.templatetags.palier import moment as spoken
from requests import deadlines, proposals, workflow
from requests.actions import reviewing
from requests.actions._advance import HOLD
from requests.actions.calendars import calendar_of
from requests.actions.closing import may_close_unanswered
from requests.choices import CALENDAR_URGENCIES, ENDED, Urgency
from requests.forms.agency import LABELS, SEARCHED, ActForm, CalledForm, MessageForm
from requests.models import Claim, ClaimEvent
from requests.recourse import ANSWERS
from requests.views import _complaints, _context
from requests.views._listing import Listing, group_of
from requests.views._work import work_of

# What else may be done, in this order. Without a proposal the first allowed one leads.
ORDER = (
    "take_charge",
    "tenant_answered",
    "answer",
    "ask",
    "plan",
    "inform",
    "start",
    "report_done",
    "reopen",
    "close_unanswered",
    "refuse",
    "hand_over",
    "reclassify",
)
# Never led with: each needs a person's own reason (principle 7).
NEVER_FIRST = {"refuse", "hand_over", "reclassify", "close_unanswered", "report_done", "start"}
EVENTS = {
    "filed": _("Filed"),
    "routed": _("Given to a desk"),
    "message_in": _("The tenant wrote"),
    "message_out": _("We wrote"),
    "called": _("We called"),
    "me_too": _("Reported by someone else too"),
    "visit_offered": _("Dates offered"),
    "visit_reminder": _("Reminder of the visit"),
    "visit_late": _("Contractor late"),
    "unplan": _("Visit cancelled"),
    "call_wanted": _("The tenant asks to be called"),
    "closing_reminder": _("Asked again if it is fixed"),
    "joined_incident": _("Grouped under an incident"),
    "verified": _("The caretaker checked: it is done"),
    "not_verified": _("The caretaker checked: it is not finished"),
    "send_back": _("Reopened after the caretaker's check"),
    "kept_done": _("Kept as finished after the caretaker's check"),
    "late": _("Late: the tenant was given a new date"),
    "escalated": _("Late: passed up"),
    "formal_notice": _("Formal notice received"),
    "complained": _("Complaint about how this was dealt with"),
    "second_stage": _("Complaint: second stage asked"),
    "lent": _("Lent to another unit"),
    "lent_back": _("Back from the other unit"),
    "identity_merged": _("Moved: the records of one person were merged"),
    "identity_unmerged": _("Moved back: the merge was undone"),
    "proxy_used": _("The tenant's proxy acted"),
    "say_fixed": _("The tenant says it is fixed"),
    "say_not_fixed": _("The tenant says it is not fixed"),
    "withdraw": _("Withdrawn by the tenant"),
    **LABELS,
}
FORMAT = "%Y-%m-%dT%H:%M"
MISSED = {"voicemail", "no_answer", "wrong"}


def visible(request: HttpRequest, pk) -> Claim:
    """Fetching is authorising: what is not visible is a 404."""
    return get_object_or_404(
        Claim.objects.visible_to(request.membership).select_related(
            "category__family",
            "tenant",
            "dwelling__staircase",
            "staircase",
            "building__residence",
            "residence__unit",
            "owner__unit",
        ),
        pk=pk,
    )


def proposal_for(claim: Claim, user, events: list[ClaimEvent], moment):
    """Gather the facts, say them in the tenant's language, and ask the rules."""
    if claim.state in ENDED:
        return None
    unit = claim.residence.unit if claim.residence else claim.owner.unit if claim.owner else None
    since, calls = claim.filed_at, 0
    for event in events:
        if event.before and event.before.get("state") != event.state:
            since, calls = event.at, 0
        if event.name == "called":
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
            asked=any(event.name == "ask" for event in events),
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
        return proposals.propose(facts)


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
    for name in ("visit_at", "promise_at"):
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
    complain=None,
    notice=None,
    conflict: str = "",
    kept=(),
    again: ClaimEvent | None = None,
    status: int = 200,
) -> HttpResponse:
    """The three panes with ``claim`` open.

    ``bound``, ``reply`` or ``call`` is the form that came back; ``again`` an undone event whose
    words are taken up again; ``conflict`` says what happened meanwhile.
    """
    moment = now()
    listing = Listing(request).context()
    events = list(claim.events.select_related("actor"))
    for event in events:
        event.label = EVENTS.get(event.name, event.name)
    proposal = proposal_for(claim, request.user, events, moment)
    allowed = workflow.allowed(claim.state, request.membership.role)
    if "close_unanswered" in allowed and not may_close_unanswered(claim):
        allowed -= {"close_unanswered"}
    if not reviewing.may_answer(claim, request.user):
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
            else ActForm(transition=name, claim=claim, initial=values)
        )
    lead = None
    if proposal is None and forms and forms[0].transition not in NEVER_FIRST:
        lead = forms[0]
    if again and again.name == "message_out" and reply is None:
        reply = MessageForm(claim=claim, initial={"text": again.facts.get("text", "")})
    phone = claim.contact_phone
    right = _context.context(request, claim)
    if not phone:
        phone = next((c.value for c in right["contacts"] if c.kind == "phone"), "")
    return render(
        request,
        "requests/agency/claim.html",
        {
            **listing,
            **right,
            **work_of(claim, request.membership),
            **_complaints.for_staff(claim, request, complain, notice),
            "claim": claim,
            "urgent": claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED,
            "late": group_of(claim, moment) == "late",
            "proposal": proposal,
            "proposal_values": _values(proposal, claim) if proposal else {},
            "proposal_label": LABELS.get(proposal.transition, "") if proposal else "",
            "lead": lead,
            "others": [f for f in forms if f is not lead],
            "corrections": [(name, LABELS[name]) for name in sorted(SEARCHED) if name in allowed],
            "bound": bound,
            "open_form": bound.transition if bound else again.name if again else "",
            "reply": reply or MessageForm(claim=claim),
            "call": call or CalledForm(),
            "call_open": call is not None,
            "phone": phone,
            "script": proposals.script(claim.state),
            "form": reply
            if reply is not None and reply.is_bound
            else call or complain or notice or bound,
            "thread": list(claim.messages.select_related("author").prefetch_related("attachments")),
            "loose": list(claim.attachments.filter(message__isnull=True)),
            "events": events,
            "conflict": conflict,
            "kept": kept,
            "last": events[-1] if events else None,
            "toasts": toasts(request),
            "hold": int(HOLD.total_seconds()),
            "next": following(listing, claim),
        },
        status=status,
    )
