"""What is proposed for a claim, and what else may be done: one form for each step."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from portal.dates import moment as moment_text
from requests.catalogue.kinds import Kind
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.closing.actions import may_close_unanswered
from requests.conversation.panel import channels_of_page, outlook_of_page
from requests.inbox import triage
from requests.inbox.forms import SEARCHED, ActForm
from requests.inspections.actions import may_file_report
from requests.kit.choices import ENDED, Channel, State
from requests.notifications import sms_frames
from requests.notifications.events import date_words, visit_words
from requests.promises.deadlines import full_minute
from requests.proposals import custom_rules
from requests.proposals.queries import owned_by, proposal_for, work_of
from requests.proposals.rules import Detail, Proposal

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
# Led with where nothing is proposed: a step that begins something, and needs no choice of words.
# What is answered or asked is written in the composer; the others need a person's own reason
# (docs/principles.md, P7).
FIRST = {Event.TAKE_CHARGE, Event.TENANT_ANSWERED, Event.REOPEN}
# What an inspection has no use for: nobody asked for it, and nobody lives there.
TO_TENANTS = {
    *(Event.TENANT_ANSWERED, Event.ANSWER, Event.ASK, Event.PLAN, Event.INFORM),
    *(Event.REFUSE, Event.REOPEN, Event.MERGE, Event.RECLASSIFY, Event.RELOCATE, Event.IDENTIFY),
}
USUAL = 3  # steps that stand in the row; the others in its menu
FORMAT = "%Y-%m-%dT%H:%M"
# Steps that need a date of the next news: one is filled in.
GIVES_DATE = {Event.HAND_OVER: "due", Event.INFORM: "promise_at"}
# Steps whose form says which date is promised after them, when the person gives none.
PREVIEWED = {Event.TAKE_CHARGE, Event.TENANT_ANSWERED, Event.START, Event.REOPEN}
AGAIN = {"text", "reason", "due"}  # what an undone step gives back to its form


def local_minute(at: datetime) -> str:
    """Return an instant as its field shows it."""
    return f"{timezone.localtime(full_minute(at)):{FORMAT}}"


def values_of(proposal: Proposal, claim: Claim) -> dict:
    """Return the proposal as the fields of its form."""
    values = {"version": claim.version, "text": proposal.text}
    if proposal.key:
        values["accepted"] = proposal.key
    for name in ("desk", "reason"):
        if name in proposal.values:
            values[name] = proposal.values[name]
    for name in ("visit_at", "promise_at", "due"):
        if name in proposal.values:
            values[name] = local_minute(proposal.values[name])
    if "visit_until" in proposal.values:
        length = proposal.values["visit_until"] - proposal.values["visit_at"]
        values["hours"] = str(int(length.total_seconds() // 3600))
    return values


def _allowed(page: ClaimPage) -> tuple[set[str], list[Claim]]:
    """Return the steps that the role may take now, and the claims to merge this one into."""
    claim = page.claim
    allowed = set(workflow.allowed(claim.state, page.membership.role))
    if Event.CLOSE_UNANSWERED in allowed and not (
        may_file_report(claim) or may_close_unanswered(claim)
    ):
        allowed.discard(Event.CLOSE_UNANSWERED)
    if claim.category.kind == Kind.INSPECTION:
        allowed -= TO_TENANTS
    among = triage.same_person(claim, page.membership) if Event.MERGE in allowed else []
    if not among:
        allowed.discard(Event.MERGE)
    return allowed, among


def _label(step: str, claim: Claim) -> str:
    """Return what a step is called; the end of an inspection has its own name."""
    if step == Event.CLOSE_UNANSWERED and claim.category.kind == Kind.INSPECTION:
        return gettext("File the report")
    return str(Event(step).label)


@dataclass(frozen=True)
class OtherStep:
    """A step that may be taken instead: its form is drawn once somebody asks for it."""

    transition: str
    label: str


def _form(
    page: ClaimPage, name: str, proposal: Proposal | None, among: Collection[Claim]
) -> ActForm:
    """Return the form of a step: the one that came back, or a new one with what is known."""
    claim, bound, again = page.claim, page.form_of(ActForm), page.again
    outlook = outlook_of_page(page)
    values: dict[str, Any] = {"version": claim.version}
    if outlook and name in GIVES_DATE:
        values[GIVES_DATE[Event(name)]] = local_minute(outlook.later())
    if proposal and proposal.transition == name:
        values = values_of(proposal, claim)
    if again and again.name == name:
        values |= {key: value for key, value in again.facts.items() if key in AGAIN}
    if bound and bound.transition == name:
        form = bound
    else:
        form = ActForm(transition=name, claim=claim, among=among, initial=values)
    if outlook and name in PREVIEWED:
        form.promise_after = outlook.after(name)
    return form


def _chosen(page: ClaimPage, allowed: Collection[str]) -> str:
    """Return the step whose form is open: it came back, was undone, or was asked for."""
    bound = page.form_of(ActForm)
    asked = bound.transition if bound else page.again.name if page.again else page.step
    return asked if asked in ORDER and (asked in allowed or bound) else ""


def _waits(page: ClaimPage) -> str:
    """Return for whom the claim waits when nothing is to be decided here; empty: for the reader."""
    claim = page.claim
    if claim.state in ENDED:
        return ""
    if claim.owner and not owned_by(claim, page.membership):
        return gettext("%(unit)s has this request now.") % {"unit": claim.owner.unit.begins}
    if claim.state not in custom_rules.FIRST_STATES:
        return ""
    work = work_of(claim)
    if work.choosing:
        return gettext("The tenant is choosing a date.")
    if work.contractor and work.limit and work.limit > page.moment:
        return gettext("%(contractor)s has the order. Expected by %(date)s.") % {
            "contractor": work.contractor,
            "date": moment_text(work.limit),
        }
    return ""


def proposal_of_page(page: ClaimPage) -> Proposal | None:
    """Return what is proposed to the reader; asked once a page."""
    outlook = outlook_of_page(page)
    return page.compute_once(
        "proposal",
        lambda: proposal_for(
            page.claim, page.membership, page.events, page.moment, outlook=outlook
        ),
    )


def _sms(page: ClaimPage, proposal: Proposal) -> dict:
    """Return the text message that the proposal sends, word for word, and its length."""
    claim, name = page.claim, proposal.transition
    if proposal.transition == custom_rules.ORDER:
        name = Event.TAKE_CHARGE if claim.state == State.RECEIVED else Event.INFORM
    outlook = outlook_of_page(page)
    given = {key: proposal.values.get(key) for key in ("visit_at", "visit_until")}
    said = proposal.values.get("promise_at")
    promise = outlook.after(name, given=said, **given) if outlook else said
    dates = {"promise": promise, "visit": given["visit_at"], "visit_until": given["visit_until"]}
    text, length = sms_frames.whole_message(claim, name, proposal.text, by=page.user, dates=dates)
    return {"sms_text": text, "sms_length": length}


def _said(detail: Detail) -> str:
    """Return a detail of a proposal in the reader's language."""
    if isinstance(detail, str):
        return detail
    return date_words(detail) if isinstance(detail, datetime) else visit_words(*detail)


def decision(page: ClaimPage) -> dict:
    """Return the proposal or the form of one step, and the names of the other steps.

    ``chosen`` is the form of a step that somebody asked for; ``lead`` that of the first possible
    step where nothing is proposed.
    """
    claim, proposal = page.claim, proposal_of_page(page)
    allowed, among = _allowed(page)
    allowed -= set(page.barred())
    if proposal and proposal.transition in page.barred():
        proposal = None
    steps = [name for name in ORDER if name in allowed]
    name = _chosen(page, allowed)
    chosen = _form(page, name, proposal, among) if name else None
    waits = "" if proposal else _waits(page)
    lead = None
    if not (proposal or waits or chosen) and steps and steps[0] in FIRST:
        lead = _form(page, steps[0], None, among)
    answer_by = channels_of_page(page)[0]
    by_sms = proposal and proposal.text and answer_by == Channel.SMS
    shown = {form.transition for form in (chosen, lead) if form}
    shown |= {proposal.transition} if proposal and not chosen else set()  # "Change" opens it
    return {
        "proposal": proposal,
        "proposal_values": values_of(proposal, claim) if proposal else {},
        "details": [(name, _said(value)) for name, value in proposal.details] if proposal else [],
        "proposal_label": proposal.label if proposal else "",
        "proposal_steps": bool(proposal and proposal.transition in allowed),
        "proposes_order": bool(proposal and proposal.transition == custom_rules.ORDER),
        **(_sms(page, proposal) if proposal and by_sms else {}),
        "chosen": chosen,
        "lead": lead,
        "waits": waits,
        "others": [OtherStep(step, _label(step, claim)) for step in steps if step not in shown],
        "usual": f":{USUAL}",
        "usual_rest": f"{USUAL}:",
        "at_once": gettext("leaves in half a minute"),
        "corrections": [(name, Event(name).label) for name in sorted(SEARCHED) if name in allowed],
        "answer_by_channel": answer_by,
        "answer_by": Channel(answer_by).label,
        "next": page.following(),
    }


DECISION = Panel("decision", "requests/inbox/_proposal.html", decision)
