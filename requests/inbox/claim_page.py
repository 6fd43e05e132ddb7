"""The page of a claim for staff: panels of its slices, in order (docs/adr/0028-panels.md)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from agencies.http_types import StaffRequest
from agencies.models import Membership
from portal.clock import now
from portal.panels import HEADER, wants_panel
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.panels import ClaimPage, Panel
from requests.claims.transitions import HOLD
from requests.complaints.panel import COMPLAINT, COMPLAINT_FORMS
from requests.conversation.panel import COMPOSER, HEARD, MENTIONED, PHOTOS, THREAD
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
from requests.incidents.panel import INCIDENT
from requests.letters.panel import LETTERS
from requests.promises.working_time import calendars_read_once
from requests.proposals.queries import proposal_for
from requests.proposals.rules import Proposal
from requests.routing.panel import WHY
from requests.suggestions.panel import ADVICE
from requests.teamwork.panel import ASSIGNMENT, HANDED_OVER
from requests.work_orders.panel import WORK

# The middle pane, from top to bottom; then the right one.
PANELS: tuple[Panel, ...] = (
    MENTIONED,
    HEADING,
    ASSIGNMENT,
    ATTENTION,
    COMPLAINT,
    HANDED_OVER,
    THREAD,
    LETTERS,
    ADVICE,
    DECISION,
    CALL,
    PHOTOS,
    HEARD,
    COMPOSER,
    WORK,
    COMPLAINT_FORMS,
    HISTORY,
)
BESIDE: tuple[Panel, ...] = (
    PERSON,
    ACCESS,
    PLACE,
    NEARBY,
    INCIDENT,
    MORE_NEARBY,
    EQUIPMENT,
    PLANNED,
    WHY,
)
# What a conflict shows anew beside the form's own panel: nothing is typed there.
CHANGED_BY_OTHERS = (HEADING, THREAD)


def step_proposal(claim: Claim, membership: Membership, moment: datetime) -> Proposal | None:
    """Return what the page of ``claim`` proposes at ``moment``."""
    return proposal_for(claim, membership, claim.events.all(), moment)


def _following(order: list[UUID], claim: Claim) -> UUID | None:
    """Return the claim after this one in the list as shown; None at its end."""
    if claim.pk in order:
        place = order.index(claim.pk) + 1
        return order[place] if place < len(order) else None
    return order[0] if order else None


def _shown(panels: Iterable[Panel], page: ClaimPage) -> list[tuple[Panel, dict | None]]:
    return [(panel, panel.context(page)) for panel in panels]


@calendars_read_once()
def page(
    request: StaffRequest,
    claim: Claim,
    *,
    panel: Panel | None = None,
    form: BaseForm | None = None,
    again: ClaimEvent | None = None,
    conflict: str = "",
    kept: Iterable[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the three panes with ``claim`` open, or what a script asks for: ``panel``, or panes.

    ``form`` is the form of ``panel`` that came back, or one filled in beforehand; ``again`` an
    undone event whose words are taken up again; ``conflict`` says what happened meanwhile, and
    ``kept`` are labels and texts that no form on the page takes any more.
    """
    listing = Listing(request)
    seen = ClaimPage(
        claim=claim,
        membership=request.membership,
        user=request.user,
        events=list(claim.events.select_related("actor")),
        moment=now(),
        following=lambda: _following(listing.order(), claim),
        form=form,
        again=again,
    )
    context: dict[str, Any] = {"claim": claim, "form": form, "conflict": conflict, "kept": kept}
    context["last"] = seen.events[-1] if seen.events else None
    if panel and wants_panel(request):
        wanted = (panel, *CHANGED_BY_OTHERS) if conflict else (panel,)
        context |= {"panels": _shown(wanted, seen), "failed": panel.name}
        context["here"] = request.GET.urlencode()
        part = render(request, "requests/inbox/_panels.html", context, status=status)
        part.headers[HEADER] = panel.name
        return part
    if pane_of(request) == CLAIM:
        context |= {"here": request.GET.urlencode(), "hold": int(HOLD.total_seconds())}
    else:
        context |= list_context(listing)
    context["toasts"] = toasts(request)
    context["panels"] = [row for row in _shown(PANELS, seen) if row[1] is not None]
    context["beside"] = [row for row in _shown(BESIDE, seen) if row[1] is not None]
    return render_panes(request, "requests/inbox/claim.html", context, status=status)
