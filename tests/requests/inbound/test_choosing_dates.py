"""A date of the visit, picked by answering a text with its number."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.actor import Actor
from requests.channels import intake
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.work_orders import actions as orders
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Appointment
from tests import factories

pytestmark = pytest.mark.long

NUMBER = "+33639981234"


@pytest.fixture
def say(clock, work):
    """The tenant sends a text."""

    def send(text: str):
        send.count = getattr(send, "count", 0) + 1
        form = {"From": NUMBER, "To": "+33700000000", "Body": text, "MessageSid": f"S{send.count}"}
        kept, _new = intake.receive(
            channel="sms",
            external_id=form["MessageSid"],
            raw=urlencode(form).encode(),
            now=clock(),
        )
        work()
        kept.refresh_from_db()
        return kept

    return send


@pytest.fixture
def offered(landlord, make_claim, clock, work, texts):
    """An order with three free dates, offered to a tenant who is reached by SMS."""
    holder = factories.contractor()
    held = factories.contract(holder)

    agent = Actor.member(factories.member(landlord["north"], "agent"))

    def order_of(claim):
        return work_order(claim, holder, held, agent, clock)

    start = clock().replace(minute=0) + timedelta(days=2)
    spans = [(start + timedelta(days=n), start + timedelta(days=n, hours=2)) for n in range(6)]
    appointments.publish_slots(holder, spans)
    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    order = order_of(claim)
    clock.forward(minutes=2)
    work()
    texts.sent.clear()
    offer = appointments.offer_dates(order=order, actor=Actor.SYSTEM, now=clock())
    work()
    return order, offer, order_of, spans


def work_order(claim, holder, held, agent, clock):
    order = orders.create_order(
        claim=claim,
        contractor=holder,
        contract=held,
        payer="landlord",
        why="by_law",
        description="Réparer la fuite",
        access_notes="",
        respond_by=clock() + timedelta(days=30),
        actor=agent,
        now=clock(),
    )
    orders.send_order(order=order, actor=agent, now=clock())
    return order


def visit_of(order):
    return order.appointments.filter(state__in=Appointment.ACTIVE).first()


def awaited(claim) -> bool:
    """Whether the agency's list says that the tenant waits for a word of ours."""
    row = Claim.objects.system("test").get(pk=claim.pk)
    return row.last_word == "in"


def test_the_text_numbers_the_dates_and_the_number_picks_one(offered, say, texts):
    order, offer, _order_of, _spans = offered
    first = texts.sent[-1].text
    assert "1 : " in first
    assert "3 : " in first
    kept = say("2")
    picked = visit_of(order)
    assert picked.starts == offer.options.get(number=2).slot.starts
    assert (picked.channel, kept.state, kept.message.text) == ("sms", "parsed", "2")
    claim = order.claim
    claim.refresh_from_db()
    assert (claim.state, claim.visit_at) == ("planned", picked.starts)
    assert not awaited(claim)


@pytest.mark.parametrize("said", ["2.", "Le 2", "choix 2", "n°2 !"])
def test_a_number_may_be_said_in_a_few_ways(offered, say, said):
    order, _offer, _order_of, _spans = offered
    say(said)
    assert visit_of(order) is not None


def test_a_sentence_with_a_number_picks_nothing(offered, say):
    order, _offer, _order_of, _spans = offered
    say("Il y a 2 fuites")
    assert visit_of(order) is None
    assert order.claim.events.filter(name=Event.MESSAGE_IN).count() == 1
    assert awaited(order.claim)


def test_a_date_taken_meanwhile_is_answered_with_the_next_ones(
    offered, say, texts, make_claim, clock
):
    order, offer, order_of, _spans = offered
    slot = offer.options.get(number=1).slot
    other = order_of(make_claim(contact_email="bob@example.test"))
    appointments.book(
        order=other,
        starts=slot.starts,
        ends=slot.ends,
        actor=Actor.TENANT,
        now=clock(),
        channel="phone",
    )
    before = len(texts.sent)
    say("1")
    assert visit_of(order) is None
    fresh = order.offers.get(closed_at__isnull=True)
    assert slot not in [option.slot for option in fresh.options.all()]
    assert "1 : " in texts.sent[before].text
    say("1")
    assert visit_of(order).starts == fresh.options.get(number=1).slot.starts


def test_a_number_that_was_not_offered_is_told_the_dates_again(offered, say, texts, clock):
    order, offer, _order_of, _spans = offered
    before = len(texts.sent)
    say("7")
    assert visit_of(order) is None
    assert len(texts.sent) == before + 1
    assert offer.options.count() == 3


def test_a_second_answer_moves_nothing(offered, say):
    order, offer, _order_of, _spans = offered
    say("1")
    say("3")
    assert visit_of(order).starts == offer.options.get(number=1).slot.starts
    assert order.claim.events.filter(name=Event.PLAN).count() == 1
    assert order.claim.events.filter(name=Event.MESSAGE_IN).count() == 1


def test_a_stranger_picks_nothing(offered, clock, work):
    order, _offer, _order_of, _spans = offered
    form = {"From": "+33612999999", "Body": f"{order.claim.reference} 2", "MessageSid": "X1"}
    intake.receive(channel="sms", external_id="X1", raw=urlencode(form).encode(), now=clock())
    work()
    assert visit_of(order) is None
