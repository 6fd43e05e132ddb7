"""The page of a claim for staff: panels of its slices, in order (docs/adr/0028-panels.md)."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agencies import landlord
from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.clock import now
from portal.database.related_rows import kept
from portal.memory import reading_once, remember
from portal.models import User
from portal.panels import HEADER, wants_panel
from requests.attachments.staff_drafts import session_of
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.claims.related import read_whole
from requests.claims.transitions import HOLD
from requests.complaints.panel import COMPLAINT, COMPLAINT_FORMS
from requests.complaints.recourse import ANSWERS
from requests.complaints.stages import may_answer
from requests.conversation.forms import MessageForm
from requests.conversation.panel import COMPOSER, FILES, HEARD, MENTIONED, THREAD
from requests.equipment.panel import EQUIPMENT
from requests.household.panel import ACCESS
from requests.inbox.attention_panel import ATTENTION
from requests.inbox.call_panel import CALL
from requests.inbox.context_panel import MORE_NEARBY, NEARBY, PERSON, PLACE, PLANNED
from requests.inbox.decision_panel import DECISION
from requests.inbox.heading_panel import HEADING
from requests.inbox.history_panel import HISTORY
from requests.inbox.list_page import list_context, toasts
from requests.inbox.listing import Listing
from requests.inbox.panes import CLAIM, pane_of, render_panes
from requests.inbox.work_panel import WORK
from requests.incidents.panel import INCIDENT
from requests.labels.panel import LABELS
from requests.letters.panel import LETTERS
from requests.notifications.contact_routes import MAILBOXES
from requests.promises.working_time import closures_key
from requests.proposals.queries import proposal_for
from requests.proposals.rules import Proposal
from requests.routing.panel import WHY
from requests.routing.rule_actions import in_order, proposing_key
from requests.suggestions.panel import ADVICE
from requests.teamwork.panel import ASSIGNMENT, HANDED_OVER

# The middle pane, from top to bottom; then the right one.
PANELS: tuple[Panel, ...] = (
    MENTIONED,
    HEADING,
    ASSIGNMENT,
    ATTENTION,
    LABELS,
    COMPLAINT,
    HANDED_OVER,
    WORK,
    LETTERS,
    FILES,
    THREAD,
    ADVICE,
    DECISION,
    COMPLAINT_FORMS,
    COMPOSER,
    CALL,
    HEARD,
)
# The part of the middle pane that each stands in: above the conversation, unless it is here.
PARTS = {
    FILES.name: "talk",
    THREAD.name: "talk",
    ADVICE.name: "decide",
    DECISION.name: "decide",
    COMPLAINT_FORMS.name: "more",
    COMPOSER.name: "write",
    CALL.name: "write",
    HEARD.name: "write",
}
# What is written, by the panel that has its form; the composer has two, told apart by its form.
TABS = {CALL.name: "call", HEARD.name: "heard"}
BESIDE: tuple[Panel, ...] = (
    PERSON,
    PLACE,
    NEARBY,
    INCIDENT,
    MORE_NEARBY,
    EQUIPMENT,
    PLANNED,
    ACCESS,
    WHY,
    HISTORY,
)
# Parameters of the page itself, which no other address carries on.
OWN = ("step", "tab", "canned", "again")
# What a conflict shows anew beside the form's own panel: nothing is typed there.
CHANGED_BY_OTHERS = (HEADING, THREAD)


def step_proposal(claim: Claim, membership: Membership, moment: datetime) -> Proposal | None:
    """Return what the page of ``claim`` proposes at ``moment``."""
    return proposal_for(claim, membership, claim.events.all(), moment)


def _list_query(request: HttpRequest) -> str:
    """Return the query of the list beside the page, without what opens a part of the page."""
    query = request.GET.copy()
    for name in OWN:
        query.pop(name, None)
    return query.urlencode()


def _whole(claim: Claim, request: StaffRequest) -> Claim:
    """Read the claim with all that its panels show, and keep what is the landlord's for a while."""
    member = request.membership
    read_whole(claim, unit=member.unit_id, session=session_of(request.user, claim))
    unit = claim.residence.unit if claim.residence else None
    if house := kept(claim, "landlord"):
        remember(landlord.KEY, house[0])
    if (mailboxes := kept(claim, "mailboxes")) is not None:
        remember(MAILBOXES, frozenset(mailbox.address.lower() for mailbox in mailboxes))
    if unit is not None and (closures := kept(claim, "closures")) is not None:
        remember(closures_key(unit), closures)
    if (unit or claim.owner is None) and (rules := kept(claim, "rules")) is not None:
        remember(proposing_key(unit), in_order(rules))
    return claim


def _following(listing: Listing, claim: Claim) -> UUID | None:
    """Return the claim after this one in the list as shown; None at its end."""
    order = listing.order()
    if claim.pk in order:
        place = order.index(claim.pk) + 1
        return order[place] if place < len(order) else None
    return order[0] if order else None


def barred_steps(claim: Claim, user: User) -> frozenset[str]:
    """Return the steps that the rules on complaints close to ``user`` on this claim."""
    return frozenset() if may_answer(claim, user) else ANSWERS


def _tab(request: HttpRequest, panel: Panel | None, form: BaseForm | None) -> str:
    """Return what is being written: a reply ("out"), a note, a call, or what the tenant said."""
    if isinstance(form, MessageForm):
        return "note" if form["kind"].value() == "note" else "out"
    asked = TABS.get(panel.name, "") if panel and form else request.GET.get("tab", "")
    return asked if asked in {"note", *TABS.values()} else "out"


def _shown(panels: Iterable[Panel], page: ClaimPage) -> list[tuple[Panel, dict | None]]:
    return [(panel, panel.context(page)) for panel in panels]


@reading_once()
def page(
    request: StaffRequest,
    claim: Claim,
    *,
    panel: Panel | None = None,
    form: BaseForm | None = None,
    again: ClaimEvent | None = None,
    conflict: str = "",
    kept: Iterable[tuple[str, str]] = (),
    listing: Listing | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the three panes with ``claim`` open, or what a script asks for: ``panel``, or panes.

    ``listing``: the list beside it, where the caller has read it.

    ``form`` is the form of ``panel`` that came back, or one filled in beforehand; ``again`` an
    undone event whose words are taken up again; ``conflict`` says what happened meanwhile, and
    ``kept`` are labels and texts that no form on the page takes any more.
    """
    listing = listing or Listing(request)
    seen = ClaimPage(
        claim=claim,
        membership=request.membership,
        user=request.user,
        events=list(_whole(claim, request).events.all()),
        moment=now(),
        following=lambda: _following(listing, claim),
        form=form,
        again=again,
        barred=cache(lambda: barred_steps(claim, request.user)),
        step=request.GET.get("step", ""),
    )
    context: dict[str, Any] = {"claim": claim, "form": form, "conflict": conflict, "kept": kept}
    context["last"] = seen.events[-1] if seen.events else None
    if panel and wants_panel(request):
        wanted = (panel, *CHANGED_BY_OTHERS) if conflict else (panel,)
        context |= {"panels": _shown(wanted, seen), "failed": panel.name}
        context["here"] = _list_query(request)
        part = render(request, "requests/inbox/_panels.html", context, status=status)
        part.headers[HEADER] = panel.name
        return part
    if pane_of(request) == CLAIM:
        context |= {"here": _list_query(request), "hold": int(HOLD.total_seconds())}
    else:
        context |= list_context(listing)
    context["toasts"] = toasts(request)
    context["tab"] = _tab(request, panel, form)
    context["parts"] = {name: [] for name in ("top", "talk", "decide", "more", "write")}
    for row in _shown(PANELS, seen):
        if row[1] is not None:
            context["parts"][PARTS.get(row[0].name, "top")].append(row)
    context["beside"] = [row for row in _shown(BESIDE, seen) if row[1] is not None]
    return render_panes(request, "requests/inbox/claim.html", context, status=status)
