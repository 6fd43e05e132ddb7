"""One thread: all that left or came, once, oldest first, with its fate; to each their part."""

from datetime import timedelta

import pytest
from django.utils import translation

from portal.actor import Actor
from portal.models import User
from requests.attachments.models import Attachment
from requests.claims.entries import Entry
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.transitions import record
from requests.conversation import actions as conversation
from requests.conversation.thread import AUTHOR, HOME, MOST, STAFF, fold, thread
from requests.work_orders.actions import create_order, record_order
from requests.work_orders.models import OrderPhoto
from requests.work_orders.workflow import OrderStep
from tests import factories
from tests.requests.fixtures.channels import clock, mails, make_claim, texts, work

__all__ = ["clock", "mails", "make_claim", "texts", "work"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


def read(claim, clock, reader=STAFF):
    events = list(claim.events.select_related("actor"))
    return thread(claim, events, clock(), reader=reader)


def lines(entries) -> list[tuple[str, str]]:
    return [(entry.kind, entry.text) for entry in entries]


def test_the_acknowledgement_stands_in_the_thread_with_its_fate(make_claim, clock, work, mails):
    claim = make_claim(words="Ça fuit")
    work()
    filed, ack = read(claim, clock)
    assert (filed.kind, filed.text) == ("message", "Ça fuit")
    assert (ack.kind, ack.text) == ("event", "Acknowledgement of receipt")
    assert "sent by e-mail" in ack.outcomes[0]["words"].lower()
    assert ack.outcomes[0]["to"] == "awa@example.test"
    assert "bien reçu" in ack.sent[0]
    own = read(claim, clock, AUTHOR)
    assert [entry.kind for entry in own] == ["message", "event"]
    assert own[0].title == "You sent your request."
    assert own[1].outcomes
    assert own[1].sent == []
    assert not read(claim, clock, HOME)[1].outcomes


def test_each_step_is_told_once_and_the_words_stand_under_it(make_claim, clock, work, mails, agent):
    claim = make_claim(words="Ça fuit")
    work()
    clock.forward(minutes=1)
    conversation.write(
        claim=claim,
        text="De quel côté ?",
        direction=Message.Direction.OUT,
        channel="email",
        actor=Actor.member(agent),
        now=clock(),
    )
    clock.forward(minutes=2)
    work()
    for reader in (STAFF, AUTHOR):
        found = read(claim, clock, reader)
        assert [entry.text for entry in found].count("De quel côté ?") == 1
        assert len(found) == 3
        assert [entry.at for entry in found] == sorted(entry.at for entry in found)
        assert found[-1].title == ""
        assert len(found[-1].outcomes) == 1


def test_dates_reminders_and_calls_are_there(make_claim, clock, work, mails, agent):
    claim = make_claim()
    work()
    start = clock() + timedelta(days=2)
    dates = [[1, start.isoformat(), (start + timedelta(hours=2)).isoformat()]]
    record(claim, Event.VISIT_OFFERED, actor=Actor.SYSTEM, now=clock(), dates=dates)
    clock.forward(minutes=5)
    conversation.record_call(
        claim=claim, outcome="no_answer", text="", actor=Actor.member(agent), now=clock()
    )
    clock.forward(minutes=5)
    record(claim, Event.VISIT_REMINDER, actor=Actor.SYSTEM, now=clock())
    work()
    staff = [text for kind, text in lines(read(claim, clock)) if kind == "event"]
    assert staff == [
        "Acknowledgement of receipt",
        "Dates offered",
        "We called: No answer",
        "Reminder of the visit",
    ]
    offered = read(claim, clock)[1]
    assert "1 :" in offered.sent[0]
    own = [entry.text for entry in read(claim, clock, AUTHOR)]
    assert own[-3:] == [
        "We offered you dates for a visit.",
        "Sonia called you: nobody answered.",
        "We reminded you of the visit.",
    ]
    assert not any("called" in entry.text for entry in read(claim, clock, HOME))


def test_a_note_and_a_ring_are_for_staff_only(make_claim, clock, work, texts, mails, agent):
    from agencies.models import OnCallRung

    OnCallRung.objects.create(position=1, name="Nuit", phone="0639980001", minutes=5)
    claim = make_claim(category="GAZ-01")
    work()
    conversation.write(
        claim=claim,
        text="entre nous",
        direction=Message.Direction.NOTE,
        channel="web",
        actor=Actor.member(agent),
        now=clock(),
    )
    assert {"internal", "message"} <= {entry.kind for entry in read(claim, clock)}
    own = read(claim, clock, AUTHOR)
    assert {entry.kind for entry in own} == {"event"}
    assert not any("entre nous" in entry.text for entry in own)


def photo(claim, name, clock, **more) -> Attachment:
    return Attachment.unscoped.create(
        **{
            "claim": claim,
            "kind": "photo",
            "channel": "web",
            "name": name,
            "file": "x",
            "content_type": "image/jpeg",
            "size": 1,
            "sha256": "0",
            "at": clock(),
        }
        | more
    )


def test_the_contractors_words_and_photos_are_the_contractors(
    make_claim, clock, work, mails, agent, client
):
    claim = make_claim()
    work()
    photo(claim, "tenant.jpg", clock, at=claim.filed_at)
    claim.refresh_from_db()
    order = create_order(
        claim=claim,
        contractor=factories.contractor("Plomberie Le Goff"),
        payer="landlord",
        why="",
        description="Fuite",
        respond_by=clock(),
        actor=Actor.member(agent),
        now=clock(),
    )
    clock.forward(hours=1)
    for name, moment in (("after.jpg", "after"), ("quote.jpg", "variation")):
        author = User.objects.create_user(f"{moment}@company.example")
        OrderPhoto.objects.create(
            order=order, attachment=photo(claim, name, clock, author=author), moment=moment
        )
    record_order(
        order, OrderStep.REPORT_DONE, actor=Actor.CONTRACTOR, now=clock(), text="Joint changé"
    )
    clock.forward(hours=1)
    record_order(
        order, OrderStep.VARY, actor=Actor.CONTRACTOR, now=clock(), amount="90", text="Colonne"
    )
    own = [entry for entry in read(claim, clock, AUTHOR) if entry.kind == "work"]
    assert [(e.who, e.said, [f.name for f in e.attached]) for e in own] == [
        ("Plomberie Le Goff", "Joint changé", ["after.jpg"])
    ]
    staff = [entry for entry in read(claim, clock) if entry.kind == "work"]
    assert [e.said for e in staff] == ["Joint changé", "Colonne"]
    assert sorted(f.name for e in staff for f in e.attached) == ["after.jpg", "quote.jpg"]
    # On the page: the tenant's own photo with the filing, the other under the company's name.
    page = client.get(f"/s/{claim.token}/", headers={"Accept-Language": "en"}).content.decode()
    after, quote = (Attachment.unscoped.get(name=name).pk for name in ("after.jpg", "quote.jpg"))
    assert page.index("tenant.jpg") < page.index("Plomberie Le Goff", page.index("What happened"))
    assert str(after) in page
    assert str(quote) not in page
    assert client.get(f"/s/{claim.token}/files/{quote}/").status_code == 404


def test_a_long_conversation_shows_its_end(clock):
    entries = [Entry(str(n), clock() + timedelta(minutes=n), "x") for n in range(MOST + 1)]
    earlier, last = fold(entries)
    assert [*earlier, *last] == entries
    assert earlier
    assert fold(entries[:MOST]) == ([], entries[:MOST])
