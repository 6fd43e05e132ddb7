"""A reply may give the date of the next news: it becomes the promise, and the message quotes it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.clock import now
from requests import tasks
from requests.claims.event_models import ClaimEvent, Message
from requests.jobs import queue
from requests.notifications import events
from requests.notifications.models import Delivery
from tests import factories

MAIL = "awa@tenant.example"


@pytest.fixture
def claim(landlord):
    found = factories.leak(landlord, now(), contact_email=MAIL)
    queue.drain(tasks.HANDLERS, now)
    found.refresh_from_db()
    return found


@pytest.fixture
def reply(client, landlord, claim):
    client.force_login(factories.member(landlord["north"], "agent").user)

    def send(at: datetime | None, **more):
        data = {"kind": "out", "channel": "email", "text": "La pièce est commandée."}
        data |= {"version": claim.version, "promise_at": _typed(at) if at else ""} | more
        return client.post(reverse("agency:message", args=[claim.pk]), data)

    return send


def _typed(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def friday() -> datetime:
    """The morning of the second day after, when the office is open."""
    day = timezone.localtime(now()) + timedelta(days=2)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def test_the_date_is_promised_quoted_and_taken_back_by_undo(reply, claim, client):
    told = claim.promise_at
    assert told != friday()
    assert reply(friday()).status_code == 302
    claim.refresh_from_db()
    assert claim.promise_at == friday()
    event = ClaimEvent.unscoped.get(name="message_out")
    client.post(reverse("agency:undo"), {"events": str(event.pk)})
    claim.refresh_from_db()
    assert claim.promise_at == told
    assert reply(friday(), version=claim.version).status_code == 302
    factories.pass_time(minutes=1)
    queue.drain(tasks.HANDLERS, now)
    sent = Delivery.unscoped.get(event__name="message_out", event__undone_at=None)
    assert events.date_words(friday()) in sent.text


@pytest.mark.parametrize("at", ["past", "night", "note"])
def test_what_cannot_be_kept_is_refused_with_the_text_kept(reply, claim, at):
    told = claim.promise_at
    when, more = friday(), {}
    if at == "past":
        when = now() - timedelta(hours=1)
    elif at == "night":
        when = friday().replace(hour=23)
    else:
        more = {"kind": "note"}
    answer = reply(when, **more)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "La pièce est commandée." in page
    claim.refresh_from_db()
    assert claim.promise_at == told
    assert not Message.unscoped.filter(direction__in=["out", "note"]).exists()


def test_without_a_date_the_promise_stands_as_the_composer_says(reply, claim):
    told = claim.promise_at
    assert reply(None).status_code == 302
    claim.refresh_from_db()
    assert claim.promise_at is not None
    assert told is not None
