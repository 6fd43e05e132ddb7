"""Test short answers by message: a date's number, a score; the rest waits for a person."""

import pytest

from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.transitions import advance, record
from requests.closing.models import Feedback
from requests.inbound import short_answers
from requests.work_orders import appointments
from requests.work_orders.actions import advance_order


@pytest.fixture
def offer(order, slots, agent):
    return appointments.offer_dates(order=order, actor=agent, now=now())


@pytest.mark.parametrize("text", ["2", " 2. ", "le 2 merci", "N°2", "Option 2", "La 2 svp"])
def test_a_digit_takes_the_date(offer, order, claim, slots, text):
    assert short_answers.pick_date(claim, "sms", text, now())
    visit = order.appointments.get()
    assert (visit.starts, visit.channel) == (slots[1][0], "sms")


@pytest.mark.parametrize("text", ["oui", "2 ou 3", "12", "le 2 mars à 8 h", "", "2 enfants"])
def test_anything_else_waits_for_a_person(offer, order, claim, text):
    assert not short_answers.pick_date(claim, "sms", text, now())
    assert not order.appointments.exists()
    offer.refresh_from_db()
    assert offer.closed_at is None


def test_with_two_open_offers_a_digit_is_not_certain(offer, claim, make_order, agent):
    second = make_order(claim)
    assert appointments.offer_dates(order=second, actor=agent, now=now())
    assert not short_answers.pick_date(claim, "sms", "1", now())


def test_a_score_counts_once_and_only_when_it_was_asked(order, claim):
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    claim.refresh_from_db()
    advance(claim=claim, transition=Event.SAY_FIXED, actor=Actor.TENANT, now=now())
    claim.refresh_from_db()
    assert not short_answers.record_score(claim, "sms", "4", now())
    record(claim, Event.FEEDBACK_ASKED, now=now(), actor=Actor.SYSTEM)
    assert not short_answers.record_score(claim, "sms", "7", now())
    assert short_answers.record_score(claim, "sms", "4", now())
    assert not short_answers.record_score(claim, "sms", "1", now())
    given = Feedback.unscoped.get()
    assert (given.score, given.channel) == (4, "sms")
