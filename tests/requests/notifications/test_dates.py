"""Dates reach the tenant: given by a person, by a hand-over, moved by the office's hours."""

from datetime import timedelta

import pytest

from agencies.models import Closure, Desk
from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.jobs.models import Job
from requests.notifications import events
from requests.promises import recalculation
from tests.factories import member


@pytest.fixture
def told(make_claim, work, mails):
    """A claim whose first promise was told by e-mail."""
    claim = make_claim()
    work()
    mails.sent.clear()
    return Claim.objects.system("test").get(pk=claim.pk)


@pytest.fixture
def agent(landlord):
    return Actor.member(member(landlord["north"], "agent"))


def test_a_new_date_is_sent_in_the_words_of_who_gave_it(told, work, clock, mails, agent):
    due = clock() + timedelta(days=2)
    words = {"text": "Nous attendons une pièce.", "promise_at": due}
    advance(claim=told, transition=Event.INFORM, actor=agent, now=clock(), **words)
    clock.forward(minutes=2)
    work()
    (mail,) = mails.sent
    assert "Nous attendons une pièce." in mail.text
    assert events.date_words(due) in mail.text


def test_a_hand_over_tells_who_follows_it_and_by_when(told, work, clock, mails, agent, landlord):
    due = clock() + timedelta(days=2)
    desk = Desk.objects.get(unit=landlord["head"], kind="legal")
    facts = {"desk": desk.pk, "reason": "Assurance", "due": due.isoformat()}
    advance(claim=told, transition=Event.HAND_OVER, actor=agent, now=clock(), **facts)
    clock.forward(minutes=2)
    work()
    (mail,) = mails.sent
    assert str(landlord["head"]) in mail.text
    assert events.date_words(due) in mail.text
    assert "Assurance" not in mail.text


def test_a_date_that_the_calendar_moves_is_told(told, work, clock, mails, landlord):
    day = told.promise_at.date()
    Closure.objects.create(unit=landlord["north"], first_day=day, last_day=day, label="Inventaire")
    recalculation.renew(key="k", now=clock(), what="unit", which=str(landlord["north"].pk))
    before = told.promise_at
    told.refresh_from_db()
    assert told.promise_at > before
    work()
    (mail,) = mails.sent
    assert events.date_words(told.promise_at) in mail.text


def test_what_waited_leaves_with_the_date_of_the_moment_when_it_leaves(
    told, work, clock, mails, agent
):
    advance(claim=told, transition=Event.TAKE_CHARGE, actor=agent, now=clock())
    clock.forward(seconds=35)
    work()  # worded, and waiting for what follows
    assert mails.sent == []
    due = clock() + timedelta(days=3)
    Claim.objects.system("test").filter(pk=told.pk).update(promise_at=due)
    clock.forward(minutes=2)
    work()
    (mail,) = mails.sent
    assert events.date_words(due) in mail.text
    assert not Job.objects.filter(kind=Job.Kind.DELIVER, done_at=None).exists()


def test_who_writes_the_date_is_not_told_it_twice(told, work, clock, mails, agent):
    due = clock() + timedelta(days=2)
    words = f"Pardon. Nouvelles avant le {events.date_words(due)}."
    advance(
        claim=told, transition=Event.INFORM, actor=agent, now=clock(), text=words, promise_at=due
    )
    clock.forward(minutes=2)
    work()
    assert mails.sent[0].text.count(events.date_words(due)) == 1
