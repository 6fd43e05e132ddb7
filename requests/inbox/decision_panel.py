"""What is proposed for a claim, and what else may be done: one form for each step."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from portal.dates import moment as moment_text
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.closing.actions import may_close_unanswered
from requests.complaints.recourse import ANSWERS
from requests.complaints.stages import may_answer
from requests.conversation.panel import outlook_of_page
from requests.inbox import triage
from requests.inbox.forms import SEARCHED, ActForm
from requests.kit.choices import ENDED, Channel
from requests.notifications.contact_routes import answer_channel
from requests.promises.deadlines import full_minute
from requests.proposals import custom_rules
from requests.proposals.queries import owned_by, proposal_for, work_of
from requests.proposals.rules import Proposal

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
    """Return the steps that the reader may take now, and the claims to merge this one into."""
    claim = page.claim
    allowed = set(workflow.allowed(claim.state, page.membership.role))
    if Event.CLOSE_UNANSWERED in allowed and not may_close_unanswered(claim):
        allowed.discard(Event.CLOSE_UNANSWERED)
    among = triage.same_person(claim, page.membership) if Event.MERGE in allowed else []
    if not among:
        allowed.discard(Event.MERGE)
    return allowed, among


def _forms(
    page: ClaimPage, proposal: Proposal | None, allowed: set[str], among: Collection[Claim]
) -> list[ActForm]:
    """Return a form for each step, in ``ORDER``: the one that came back, or a new one."""
    claim, bound, again = page.claim, page.form_of(ActForm), page.again
    outlook = outlook_of_page(page)
    forms = []
    for name in (name for name in ORDER if name in allowed):
        values: dict[str, Any] = {"version": claim.version}
        if outlook and name in GIVES_DATE:
            values[GIVES_DATE[name]] = local_minute(outlook.later())
        if proposal and proposal.transition == name:
            values = values_of(proposal, claim)
        if again and again.name == name:
            values |= {key: value for key, value in again.facts.items() if key in AGAIN}
        if bound and bound.transition == name:
            forms.append(bound)
        else:
            forms.append(ActForm(transition=name, claim=claim, among=among, initial=values))
        if outlook and name in PREVIEWED:
            forms[-1].promise_after = outlook.after(name)
    return forms


def _waits(page: ClaimPage) -> str:
    """Return for whom the claim waits when nothing is to be decided here; empty: for the reader."""
    claim = page.claim
    if claim.state in ENDED:
        return ""
    if claim.owner and not owned_by(claim, page.membership):
        return gettext("%(unit)s has this request now.") % {"unit": claim.owner.unit}
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


def decision(page: ClaimPage) -> dict:
    """Return the proposal, or else the first step as the leading form, and the other steps."""
    claim, bound = page.claim, page.form_of(ActForm)
    proposal = proposal_for(claim, page.membership, page.events, page.moment)
    allowed, among = _allowed(page)
    if not may_answer(claim, page.user):
        allowed -= ANSWERS
        if proposal and proposal.transition in ANSWERS:
            proposal = None
    forms = _forms(page, proposal, allowed, among)
    waits = "" if proposal else _waits(page)
    leads = proposal is None and not waits and forms and forms[0].transition not in NEVER_FIRST
    lead = forms[0] if leads else None
    answer_by = answer_channel(claim)
    return {
        "proposal": proposal,
        "proposal_values": values_of(proposal, claim) if proposal else {},
        "proposal_label": proposal.label if proposal else "",
        "proposes_order": bool(proposal and proposal.transition == custom_rules.ORDER),
        "lead": lead,
        "waits": waits,
        "others": [form for form in forms if form is not lead],
        "corrections": [(name, Event(name).label) for name in sorted(SEARCHED) if name in allowed],
        "bound": bound,
        "open_form": bound.transition if bound else page.again.name if page.again else "",
        "answer_by_channel": answer_by,
        "answer_by": Channel(answer_by).label,
        "next": page.following(),
    }


DECISION = Panel("decision", "requests/inbox/_proposal.html", decision)
