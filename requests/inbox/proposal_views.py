"""What written rules do on a claim: why it is here, and the order that one key accepts."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agencies.http_types import StaffRequest
from agencies.models import Contractor
from portal.access import DESK_ROLES, audience
from portal.actor import Actor
from portal.clock import now
from requests.claims import workflow
from requests.claims.events import Event
from requests.claims.lookup import visible_claim
from requests.claims.models import Claim
from requests.claims.transitions import Conflict, advance
from requests.conversation import actions as conversation
from requests.inbox.claim_page import page, step_proposal
from requests.inbox.decision_panel import DECISION
from requests.inbox.forms import ActForm
from requests.inbox.list_page import confirm_done
from requests.inbox.views import redirect_back
from requests.kit.choices import State
from requests.proposals.custom_rules import ORDER
from requests.proposals.queries import BY_CONTRACT, contract_of, order_by_contract, order_of
from requests.proposals.rules import Proposal
from requests.routing.explanation import why
from requests.routing.models import Rule
from requests.routing.rule_actions import as_row
from requests.routing.views import WRITERS
from requests.work_orders.actions import TooExpensive, create_order, send_order
from requests.work_orders.order_proposal import propose_for


@audience(*DESK_ROLES)
@require_GET
def explain_routing(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show facts, rules looked at with the condition that failed, and what people changed."""
    claim = visible_claim(request, pk)
    found = why(claim, request.membership)
    may_write = request.membership.role in WRITERS
    page = {"claim": claim, "may_write": may_write, **found}
    return render(request, "requests/routing/why.html", page)


@audience(*DESK_ROLES)
@require_POST
def accept_order(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write and send the order, and inform the tenant by their channel, at once or not at all.

    It is the order of a written rule, or that of the contract which covers the claim. When claim
    or rule changed meanwhile, answers 409 and sends nothing.
    """
    claim = visible_claim(request, pk)
    offered: Proposal | None
    if request.POST.get("accepted") == BY_CONTRACT:
        offered = order_by_contract(claim, request.membership, now())
    else:
        offered = step_proposal(claim, request.membership, now())
    form = ActForm(request.POST, transition=Event.INFORM, claim=claim)
    said = _("This claim changed while you were reading. Nothing was sent.")
    key = request.POST.get("accepted")
    if not (offered and offered.transition == ORDER and offered.key == key) or not form.is_valid():
        return page(request, claim, panel=DECISION, conflict=said, status=409)
    try:
        _carry_out(request, claim, offered, form)
    except (Conflict, workflow.NotAllowed):
        return page(request, visible_claim(request, pk), panel=DECISION, conflict=said, status=409)
    confirm_done(request, _("Order sent, tenant told."))
    return redirect_back(request, claim)


@transaction.atomic
def _carry_out(request: StaffRequest, claim: Claim, offered: Proposal, form: ActForm) -> None:
    moment, facts = now(), form.event_facts()
    actor, by_rule = Actor.member(request.membership), offered.key != BY_CONTRACT
    if by_rule:
        row = as_row(Rule.objects.select_related("unit").get(pk=offered.key))
        made = order_of(row, claim, moment)
        kept = {"rule": offered.key, "version": offered.version, "kept": True}
        facts["proposed"] = kept
    else:
        made = propose_for(claim, now=moment)
    order = create_order(
        claim=claim,
        contractor=Contractor.objects.get(pk=made.contractor or 0),
        contract=contract_of(made),
        payer=made.payer,
        why=made.why,
        description=claim.words or str(claim.category),
        emergency=made.emergency,
        respond_by=facts["promise_at"],
        actor=actor,
        now=moment,
    )
    try:
        send_order(order=order, actor=actor, now=moment)
    except TooExpensive:
        messages.warning(request, _("Over the limit: a manager approves it before it is sent."))
    message = conversation.write_step_message(
        claim=claim, text=facts["text"], actor=actor, now=moment
    )
    advance(
        claim=claim,
        transition=Event.TAKE_CHARGE if claim.state == State.RECEIVED else Event.INFORM,
        actor=actor,
        version=form.cleaned_data["version"],
        now=moment,
        **facts,
        message=str(message.pk),
    )
