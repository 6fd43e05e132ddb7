"""What a claim's page shows of its work: orders, visits, proposal; for the tenant's page too."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import Contractor, Membership
from portal.access import Role
from portal.clock import now
from portal.database.statement_cache import compiled
from requests.claims import workflow
from requests.claims.equipment import find_equipment
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import OPEN, State
from requests.work_orders import repeats
from requests.work_orders import workflow as order_workflow
from requests.work_orders.appointments import active_visit
from requests.work_orders.contact_details import may_show_contact_details
from requests.work_orders.forms import WHY
from requests.work_orders.models import Variation, WorkOrder
from requests.work_orders.order_proposal import contract_named, propose_for
from requests.work_orders.workflow import OrderStep

# What each transition of an order is called on its button.
LABELS = {
    OrderStep.APPROVE: _("Approve the amount"),
    OrderStep.SEND: _("Send the order"),
    OrderStep.ACCEPT_QUOTE: _("Accept the quote"),
    OrderStep.DECLINE_QUOTE: _("Decline the quote"),
    OrderStep.ACCEPT_VARIATION: _("Accept the additional work"),
    OrderStep.DECLINE_VARIATION: _("Decline the additional work"),
    OrderStep.CONFIRM: _("The contractor confirms"),
    OrderStep.REPORT_DONE: _("The work is done"),
    OrderStep.VERIFY: _("Checked on the spot: done"),
    OrderStep.SEND_BACK: _("Not finished: send back"),
    OrderStep.CANCEL: _("Cancel the order"),
}
# What is said once it is done.
DONE = {
    OrderStep.APPROVE: _("Amount approved."),
    OrderStep.SEND: _("Order sent."),
    OrderStep.ACCEPT_QUOTE: _("Quote accepted."),
    OrderStep.DECLINE_QUOTE: _("Quote declined."),
    OrderStep.ACCEPT_VARIATION: _("Additional work accepted."),
    OrderStep.DECLINE_VARIATION: _("Additional work declined."),
    OrderStep.CONFIRM: _("Noted: the contractor confirms."),
    OrderStep.REPORT_DONE: _("Noted: the work is finished."),
    OrderStep.VERIFY: _("Noted: checked on the spot."),
    OrderStep.SEND_BACK: _("The contractor is asked to come back."),
    OrderStep.CANCEL: _("Order cancelled."),
}
# These ask for a reason; the others act at once.
REASONED = frozenset(
    {OrderStep.CANCEL, OrderStep.DECLINE_QUOTE, OrderStep.DECLINE_VARIATION, OrderStep.SEND_BACK}
)


def allowed_steps(order: WorkOrder, membership) -> list[dict]:
    """Return the steps that a member may take now, in a fixed order."""
    role = membership.role if membership else None
    names = order_workflow.allowed(order.state, role)
    pending = next((row for row in order.variations.all() if row.state == "pending"), None)
    kinds: dict[str, OrderStep] = {
        Variation.Kind.VARIATION: OrderStep.VARY,
        Variation.Kind.QUOTE: OrderStep.QUOTE,
    }
    shown = []
    for name, label in LABELS.items():
        if name not in names or (name == OrderStep.REPORT_DONE and order.state == "sent"):
            continue
        if name == OrderStep.CONFIRM and active_visit(order) is None:
            continue
        if name == OrderStep.APPROVE and (
            order.amount <= order.spend_limit or order.approved_by_id
        ):
            continue
        if name.endswith("_variation") and (not pending or kinds[pending.kind] != OrderStep.VARY):
            continue
        shown.append({"name": name, "label": label, "reasoned": name in REASONED})
    return shown


def proposal_of(claim: Claim) -> dict | None:
    """Return the order that the rules propose for an open claim; None without a contractor."""
    if claim.state not in OPEN:
        return None
    made = propose_for(claim, now=now())
    if made.contractor is None:
        return None
    contract = None
    if made.contract is not None:
        contract = contract_named(made.contract)
    if contract is not None and contract.contractor_id == made.contractor:
        contractor = contract.contractor
    else:
        contractor = Contractor.objects.get(pk=made.contractor)
    return {
        "made": made,
        "contract": contract,
        "contractor": contractor,
        "why": WHY[made.why],
    }


def repeats_of(claim: Claim, membership) -> list[repeats.Repair]:
    """Return earlier repairs of the same thing, among the claims the member sees; latest first."""
    if claim.building is None:
        return []
    there = list(claim.building.equipment.all())  # all of them are of this building

    def repair_of(row: Claim, done=None) -> repeats.Repair:
        gear = find_equipment(row, there)
        return repeats.Repair(
            claim=row.spoken_reference,
            family=row.category.family.code,
            filed=row.filed_at,
            done=done,
            equipment=gear.pk if gear else None,
            dwelling=row.dwelling_id,
            staircase=row.staircase_id,
        )

    past = _repaired(
        membership,
        now(),
        claim=claim.pk,
        building=claim.building_id,
        family=claim.category.family_id,
        filed=claim.filed_at,
    )
    return repeats.earlier_repairs(
        repair_of(claim), [repair_of(row, row.repaired_at) for row in past]
    )


@compiled
def _repaired(
    member: Membership,
    moment: datetime,
    *,
    claim: UUID,
    building: int,
    family: int,
    filed: datetime,
) -> QuerySet:
    """Return other claims of the family in the building repaired lately, and when, before it."""
    repaired = Q(events__name=Event.REPORT_DONE, events__at__lte=filed)
    return (
        Claim.objects.visible_to(member)
        .filter(
            building=building,
            category__family=family,
            events__name=Event.REPORT_DONE,
            events__at__gte=filed - timedelta(days=repeats.DAYS),
        )
        .exclude(pk=claim)
        .select_related("category__family")
        .annotate(repaired_at=Max("events__at", filter=repaired))
    )


def _author(event, order: WorkOrder) -> str:
    """Return who wrote an event: a person's first name, the company by its link, or nobody."""
    if event.actor:
        return event.actor.first_name
    return str(order.contractor) if event.role == Role.CONTRACTOR else ""


def orders_context(claim: Claim, membership) -> dict:
    """Return what ``requests/work_orders/_panel.html`` shows.

    Keys: ``orders``, ``order_proposal``, ``repeats``.

    ``membership`` None gives the tenant's sight: no price, no payer, no event of the contractor.
    Cheap for a claim that was read whole (``requests.claims.related``).
    """
    rows = list(claim.orders.all())
    staff = membership is not None and membership.role not in {Role.TENANT, Role.CARETAKER}
    moment = now()
    for order in rows:
        order.visit = active_visit(order)
        offers = list(order.offers.all())
        order.offer = next((offer for offer in offers if offer.closed_at is None), None)
        # The offer whose page the tenant may open: they also move or cancel the picked date there.
        order.tenant_offer = order.offer
        if membership is None and order.visit and not order.offer:
            order.tenant_offer = offers[-1] if offers else None
        order.window = may_show_contact_details(order, order.visit, moment)
        order.buttons = allowed_steps(order, membership) if membership else []
        order.why_text = WHY.get(order.why, "")
        order.log = [(event, event.label, _author(event, order)) for event in order.events.all()]
    may_order = staff and claim.state in OPEN and membership.role in workflow.DESK
    rated = staff and claim.state in {State.DONE, State.CLOSED}
    score = next((row for row in claim.feedback.all() if row.turn == claim.reopened), None)
    return {
        "rated": rated,
        "score": score if rated else None,
        "work_claim": claim,
        "orders": rows,
        "staff": staff,
        "may_order": may_order,
        "repeats": repeats_of(claim, membership) if staff else [],
        "order_proposal": proposal_of(claim) if may_order and not rows else None,
    }
