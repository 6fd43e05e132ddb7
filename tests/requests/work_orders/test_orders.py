"""The order's table through its one writer; money, follow-on orders, and the claim that follows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from agencies.models import Membership, PriceItem
from portal.access import Role
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import Conflict
from requests.claims.workflow import NotAllowed
from requests.jobs.models import Job
from requests.work_orders import workflow as order_workflow
from requests.work_orders.actions import TooExpensive, advance_order, create_follow_on, send_order
from requests.work_orders.appointments import confirm
from requests.work_orders.models import Variation, WorkOrder
from requests.work_orders.order_proposal import propose_for
from tests import factories
from tests.requests.fixtures.visits import visit
from tests.requests.fixtures.work import later

pytestmark = pytest.mark.long

FACTS = {"text": "fait", "reason": "non", "amount": Decimal(10)}


def move(order, name, actor, **facts):
    return advance_order(order=order, transition=name, actor=actor, now=now(), **facts)


@pytest.mark.parametrize("state", order_workflow.OrderState.values)
def test_every_transition_from_every_state_by_every_role(order, agent, manager, state):
    needed = {"visit_at": later(days=1), "until": later(days=1), **FACTS}
    actors = [
        agent,
        manager,
        Actor.CONTRACTOR,
        Actor.TENANT,
        Actor("caretaker", agent.user),
        Actor("dpo"),
    ]
    ended = now() if state in order_workflow.ENDED else None
    for name, row in order_workflow.TRANSITIONS.items():
        for actor in actors:
            Variation.unscoped.all().delete()
            WorkOrder.objects.system("test").filter(pk=order.pk).update(
                state=state, ended_at=ended, amount=0, approved_by=None
            )
            if name.startswith(("accept", "decline")):
                Variation.unscoped.create(
                    order=order, kind="variation", text="x", amount=5, at=now()
                )
            if state in row.sources and actor.role in row.roles:
                with transaction.atomic():
                    move(order, name, actor, **needed)
                assert order.state == (row.target or state)
                assert (order.ended_at is not None) == (order.state in order_workflow.ENDED)
            else:
                with pytest.raises(NotAllowed):
                    move(order, name, actor, **needed)
                assert WorkOrder.objects.system("test").get(pk=order.pk).state == state


def test_the_database_refuses_what_the_table_forbids(order):
    rows = WorkOrder.objects.system("test").filter(pk=order.pk)
    for bad in (
        {"state": "lost"},
        {"amount": 301},
        {"amount": -1},
        {"sent_at": None},
        {"state": "verified"},
        {"ended_at": now()},
        {"follows": order.pk},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**bad)


def test_the_claim_follows_its_order(order, claim):
    visit(order)
    claim.refresh_from_db()
    assert (claim.state, claim.visit_at) == ("planned", later(days=2))
    planned = claim.events.filter(name=Event.PLAN).count()
    confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    # The tenant knows this date already: no second message.
    assert claim.events.filter(name=Event.PLAN).count() == planned
    move(order, "depart", Actor.CONTRACTOR)
    claim.refresh_from_db()
    assert claim.state == "planned"
    move(order, "report_done", Actor.CONTRACTOR, text="Joint changé")
    claim.refresh_from_db()
    assert claim.state == "done"
    event = claim.events.filter(name=Event.REPORT_DONE).get()
    assert (event.role, event.facts["order"]) == ("system", str(order.pk))
    assert order.appointments.get().state == "kept"


def test_a_claim_with_two_orders_is_done_when_both_are(order, claim, make_order):
    second = make_order(claim)
    assert [order.number, second.number] == [1, 2]
    move(order, "report_done", Actor.CONTRACTOR, text="a")
    claim.refresh_from_db()
    assert claim.state == "received"
    move(second, "report_done", Actor.CONTRACTOR, text="b")
    claim.refresh_from_db()
    assert claim.state == "done"


def test_a_visit_that_falls_through_is_no_longer_announced(order, claim):
    visit(order)
    move(order, "impossible", Actor.CONTRACTOR, reason="Pas notre métier")
    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert claim.events.get(name=Event.UNPLAN).facts["reason"] == "Pas notre métier"
    assert order.appointments.get().state == "cancelled"


def test_an_ended_claim_stays_as_it_is(order, claim):
    Claim.objects.system("test").filter(pk=claim.pk).update(state="withdrawn")
    move(order, "report_done", Actor.CONTRACTOR, text="fait")
    claim.refresh_from_db()
    assert (claim.state, order.state) == ("withdrawn", "done")


def test_an_old_version_is_a_conflict_and_a_need_is_asked(order):
    move(order, "report_done", Actor.CONTRACTOR, text="fait", version=order.version)
    with pytest.raises(Conflict):
        move(order, "verify", Actor("caretaker"), version=1)
    with pytest.raises(ValueError, match="reason"):
        move(order, "send_back", Actor("caretaker"))


def test_spending_over_the_limit_needs_a_manager(claim, make_order, contract, agent, manager):
    item = PriceItem.objects.create(contract=contract, code="R1", label="Robinet", price=200)
    order = make_order(claim, send=False, items=[(item, 2)])
    assert order.amount == 400
    with pytest.raises(TooExpensive):
        send_order(order=order, actor=agent, now=now())
    move(order, "approve", manager)
    send_order(order=order, actor=agent, now=now())
    assert (order.state, order.approved_by) == ("sent", manager.user)


def test_small_additions_pass_alone_and_large_ones_wait(order, agent, manager):
    visit(order)
    confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    move(order, "vary", Actor.CONTRACTOR, amount=Decimal("120.50"), text="Vanne cassée")
    assert (order.amount, order.variations.get().automatic) == (Decimal("120.50"), True)
    move(order, "vary", Actor.CONTRACTOR, amount=Decimal(200), text="Tuyau")
    assert order.amount == Decimal("120.50")
    with pytest.raises(TooExpensive):
        move(order, "accept_variation", agent)
    move(order, "accept_variation", manager)
    assert (order.amount, order.approved_by) == (Decimal("320.50"), manager.user)
    # An approval does not cover what comes later.
    move(order, "vary", Actor.CONTRACTOR, amount=Decimal(50), text="Encore")
    with pytest.raises(TooExpensive):
        move(order, "accept_variation", agent)
    move(order, "decline_variation", agent, reason="Non")
    assert order.amount == Decimal("320.50")
    with pytest.raises(NotAllowed):
        move(order, "accept_variation", manager)


def test_a_quote_becomes_work_when_accepted(claim, make_order, agent):
    order = make_order(claim, purpose="quote")
    move(order, "quote", Actor.CONTRACTOR, amount=Decimal(250), text="Remplacement complet")
    assert (order.state, order.amount) == ("quoted", 0)
    move(order, "accept_quote", agent)
    assert (order.state, order.purpose, order.amount) == ("sent", "work", 250)


def test_reordering_elsewhere_cancels_with_history(order, agent):
    other = factories.contractor("Autre plombier", email="autre@example.test")
    again = create_follow_on(
        order=order, actor=agent, now=now(), description="Confier à un autre", contractor=other
    )
    order.refresh_from_db()
    assert (order.state, again.follows, again.contractor) == ("cancelled", order, other)
    assert again.contract is None
    assert list(order.events.values_list("name", flat=True)) == ["created", "send", "cancel"]


def test_photos_of_the_claim_are_carried_over(claim, make_order):
    photo = Attachment.unscoped.create(
        claim=claim,
        kind="photo",
        channel="web",
        name="fuite.jpg",
        file="x",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        at=now(),
    )
    assert [p.attachment for p in make_order(claim).photos.all()] == [photo]


def test_orders_are_seen_by_their_agency_only(order, landlord, agent):
    def seen(unit, role):
        same = {"user": agent.user, "unit": landlord[unit], "role": role}
        made, _new = Membership.objects.get_or_create(**same, defaults={"starts": "2020-01-01"})
        return WorkOrder.objects.visible_to(made).filter(pk=order.pk).exists()

    assert seen("north", Role.AGENT)
    assert seen("north", Role.CARETAKER)
    assert seen("head", Role.HEAD_OFFICE)
    assert not seen("south", Role.AGENT)
    assert not seen("south", Role.CARETAKER)
    assert not seen("north", Role.DPO)
    assert not WorkOrder.objects.visible_to(None).exists()


def test_the_proposal_reads_the_contract_of_the_stock(claim, contract, landlord):
    contract.units.add(landlord["north"])
    contract.commitments.create(urgency="U3", hours=48)
    made = propose_for(claim, now=now())
    assert (made.contract, made.contractor) == (contract.pk, contract.contractor_id)
    assert made.payer == "landlord"
    contract.units.set([landlord["south"]])
    assert propose_for(claim, now=now()).contract is None


def test_the_contractor_is_mailed_once_per_event_without_names(order, mailoutbox):
    from requests import tasks
    from requests.jobs import queue

    queue.drain(tasks.HANDLERS, now)
    mails = [m for m in mailoutbox if m.to == ["atelier@example.test"]]
    assert len(mails) == 1
    assert order.links.get().token in mails[0].body
    assert "Traoré" not in mails[0].body + mails[0].subject
    assert "12B4" not in mails[0].body
    assert not Job.objects.filter(done_at__isnull=True, next_at__lte=now()).exists()
    move(order, "report_done", Actor.CONTRACTOR, text="fait")
    queue.drain(tasks.HANDLERS, now)
    # Nobody is told of what they did themselves.
    assert len([m for m in mailoutbox if m.to == ["atelier@example.test"]]) == 1


def test_late_needs_a_time(order):
    visit(order)
    confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    until = later(days=2, hours=3)
    move(order, "late", Actor.CONTRACTOR, until=until)
    assert order.appointments.get().late_until == until
    assert order.events.last().facts["until"] == until.isoformat()
    assert order.appointments.get().starts < until - timedelta(hours=2)
