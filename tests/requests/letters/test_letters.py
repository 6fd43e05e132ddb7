"""Test letters sent: the position of the address, batches, posting, and returns."""

import io
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone, translation
from django.utils.formats import date_format
from pypdf import PdfReader

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.transitions import undo
from requests.conversation.actions import write
from requests.letters import actions as letters
from requests.letters import layout as paper
from requests.letters.models import Letter
from requests.notifications.contact_routes import contact_routes
from requests.notifications.models import Delivery, FailingAddress
from tests.factories import contact, dwelling, member, tenant

pytestmark = pytest.mark.long

MM = 72 / 25.4


def lines_at(page) -> list[tuple[str, float, float]]:
    """Return every text with its baseline from the top and its start from the left, in mm."""
    found = []

    def visit(text, cm, tm, font, size):
        if not text.strip():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        found.append((text.strip(), (842 - y) / MM, x / MM))

    page.extract_text(visitor_text=visit)
    return found


def batch_of(sonia, clock, registered=()):
    rows = list(letters.waiting_deliveries(sonia, clock()))
    picked = {row.pk for row in rows}
    marked = {row.pk for row in rows if row.claim_id in registered}
    return letters.make_batch(membership=sonia, picked=picked, registered=marked, now=clock())


def posted(sonia, clock, work, numbers=None, registered=()):
    batch = batch_of(sonia, clock, registered)
    work()
    letters.mark_printed(batch=batch, now=clock())
    numbers = dict(zip([row.pk for row in batch.letters.all()], numbers or [], strict=False))
    letters.mark_posted(batch=batch, on=clock().date(), numbers=numbers, now=clock())
    return batch.letters.order_by("delivery__event").last()


def test_the_address_and_nothing_else_stands_in_the_window(claim, send, sonia, clock, work):
    send(claim, "Le plombier passera mardi.\n\n" + "Il changera le joint. " * 60)
    batch = batch_of(sonia, clock)
    work()
    letter = batch.letters.get()
    page = PdfReader(io.BytesIO(letters.content(letter))).pages[0]
    found = lines_at(page)
    top, bottom, left, right = paper.SHOWS
    inside = [t for t, y, x in found if top < y <= bottom and left <= x < right]
    assert inside == ["Awa Traoré", "Porte 12", "1 rue du Lin", "99000 VALMER"]
    top, bottom, left, right = paper.MAY_SHOW
    may_show = [t for t, y, x in found if top < y < bottom + 3 and left <= x]
    assert may_show == inside
    text = page.extract_text()
    assert claim.spoken_reference in text
    assert "Le plombier passera mardi." in text
    assert "24 novembre 2026" in text


def test_a_person_reached_by_letter_gets_one_and_it_says_when_the_next_news_come(
    claim, send, sonia, clock, work
):
    send(claim)
    text = PdfReader(io.BytesIO(drawn(sonia, clock, work))).pages[0].extract_text()
    kept = Delivery.unscoped.filter(claim=claim).last().facts["promise"]
    with translation.override("fr"):
        said = date_format(timezone.localtime(datetime.fromisoformat(kept)), "l j F")
    assert said in text
    assert f"/s/{claim.token}/" in text.replace("\n", "")


def drawn(sonia, clock, work) -> bytes:
    batch = batch_of(sonia, clock)
    work()
    return letters.content(batch.letters.first())


def test_two_messages_to_one_person_share_an_envelope(claim, send, sonia, clock, work):
    send(claim, "Premier message.")
    send(claim, "Second message.")
    batch = batch_of(sonia, clock)
    work()
    letter = batch.letters.get()
    text = PdfReader(io.BytesIO(letters.content(letter))).pages[0].extract_text()
    assert text.index("Premier message.") < text.index("Second message.")
    letters.mark_printed(batch=batch, now=clock())
    letters.mark_posted(batch=batch, on=clock().date(), numbers={}, now=clock())
    assert set(claim.deliveries.values_list("state", flat=True)) == {"sent"}


def test_nothing_is_put_into_two_batches(claim, send, sonia, clock):
    send(claim)
    assert batch_of(sonia, clock)
    assert batch_of(sonia, clock) is None
    assert Letter.unscoped.count() == claim.deliveries.filter(carried_by=None).count()


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_batch(claim, send, sonia, clock):
    send(claim)
    picked = {row.pk for row in letters.waiting_deliveries(sonia, clock())}
    start, made = threading.Barrier(2), []

    def press():
        start.wait()
        try:
            made.append(
                letters.make_batch(membership=sonia, picked=picked, registered=set(), now=clock())
            )
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert len(made) == 2
    assert made.count(None) == 1
    assert Letter.unscoped.count() == 1


def test_the_batch_is_bound_with_its_list_and_may_be_printed_again(
    claim, send, sonia, clock, work, make_claim, landlord
):
    other = dwelling(landlord["dwelling"].staircase, "14")
    neighbour = tenant(other, first_name="Jean", last_name="Le Bihan")
    second = make_claim(
        tenant=str(neighbour.pk), dwelling=other.pk, channel="letter", contact_email=""
    )
    work()
    send(claim)
    send(second)
    batch = batch_of(sonia, clock, registered={second.pk})
    work()
    rows = list(letters.visible_letters(sonia).filter(batch=batch).order_by("place"))
    assert len(rows) == 2
    once = letters.as_pdf(batch, rows)
    cover = PdfReader(io.BytesIO(once)).pages[0].extract_text()
    for words in ("Awa Traoré", "Jean Le Bihan", claim.spoken_reference, second.spoken_reference):
        assert words in cover
    assert len(PdfReader(io.BytesIO(once)).pages) == 3
    again = letters.as_pdf(batch, rows)
    assert [p.extract_text() for p in PdfReader(io.BytesIO(again)).pages] == [
        p.extract_text() for p in PdfReader(io.BytesIO(once)).pages
    ]
    assert len(PdfReader(io.BytesIO(letters.as_pdf(batch, rows, two_sided=True))).pages) == 6
    assert letters.mark_printed(batch=batch, now=clock()) == 2
    assert letters.mark_printed(batch=batch, now=clock()) == 0


def test_a_spoilt_letter_goes_back_and_is_made_anew(claim, send, sonia, clock, work):
    send(claim)
    batch = batch_of(sonia, clock)
    work()
    letters.put_back(letter=batch.letters.get())
    assert [row.claim for row in letters.waiting_deliveries(sonia, clock())] == [claim]
    assert batch_of(sonia, clock)


def test_a_posted_letter_is_sent_and_stays(claim, send, sonia, clock, work):
    send(claim)
    letter = posted(sonia, clock, work)
    assert (letter.state, letter.delivery.state) == ("posted", "sent")
    with pytest.raises(letters.NotPossible):
        letters.put_back(letter=letter)


def test_a_registered_letter_leaves_with_its_number_only(claim, send, sonia, clock, work):
    send(claim)
    with pytest.raises(letters.NotPossible):
        posted(sonia, clock, work, registered={claim.pk})
    letter = Letter.unscoped.get()
    assert letter.posted_on is None
    assert letter.delivery.state == "queued"
    letters.mark_posted(
        batch=letter.batch, on=clock().date(), numbers={letter.pk: "1A12345678901"}, now=clock()
    )
    letter.refresh_from_db()
    assert letter.delivery.provider_id == "1A12345678901"
    letters.mark_received(letter=letter, on=clock().date(), now=clock())
    letter.refresh_from_db()
    assert (letter.state, letter.delivery.state) == ("received", "delivered")
    assert letters.search(sonia, "1A 123 456") == [letter]


def test_unknown_at_this_address_fails_it_and_the_next_channel_speaks(
    claim, send, sonia, clock, work, mails
):
    send(claim)
    contact(claim.tenant, "awa@example.test")
    letter = posted(sonia, clock, work)
    envelope = letter.delivery.recipient
    letters.mark_returned(letter=letter, on=clock().date(), why="unknown", now=clock())
    work()
    letter.refresh_from_db()
    assert (letter.state, letter.delivery.state) == ("returned", "failed_permanent")
    assert FailingAddress.unscoped.get(channel="letter").address == envelope
    assert "letter" not in [way.channel for way in contact_routes(claim)]
    assert [mail.to for mail in mails.sent] == ["awa@example.test"]
    assert claim.messages.filter(direction="note", text__contains="NPAI").exists()
    with pytest.raises(letters.NotPossible):
        letters.mark_received(letter=letter, on=clock().date(), now=clock())


def test_a_letter_not_collected_says_nothing_against_the_address(claim, send, sonia, clock, work):
    send(claim)
    letter = posted(sonia, clock, work)
    letters.mark_returned(letter=letter, on=clock().date(), why="unclaimed", now=clock())
    letter.refresh_from_db()
    assert letter.delivery.state == "failed_permanent"
    assert not FailingAddress.unscoped.exists()
    assert [way.channel for way in contact_routes(claim)] == ["letter"]


def test_an_address_that_the_tenant_gave_comes_first_until_it_fails(
    claim, send, sonia, clock, work
):
    point = contact(claim.tenant, "Chez Mme Roy, 4 quai Neuf, 99100 Port-Clair", kind="postal")
    send(claim)
    letter = posted(sonia, clock, work)
    assert letter.delivery.recipient.split("\n") == [
        "Awa Traoré",
        "Chez Mme Roy",
        "4 quai Neuf",
        "99100 Port-Clair",
    ]
    letters.mark_returned(letter=letter, on=clock().date(), why="address", now=clock())
    point.refresh_from_db()
    assert point.failing
    assert contact_routes(claim)[0].address.split("\n")[1] == "Porte 12"


def test_another_agency_sees_no_letter(claim, send, sonia, clock, landlord, work):
    send(claim)
    paul = member(landlord["south"], "agent")
    assert not letters.waiting_deliveries(paul, clock()).exists()
    rows = [row.pk for row in letters.waiting_deliveries(sonia, clock())]
    assert letters.make_batch(membership=paul, picked=rows, registered=set(), now=clock()) is None
    batch = batch_of(sonia, clock)
    assert not letters.visible_letters(paul).exists()
    assert not letters.batches(paul).filter(pk=batch.pk).exists()


def test_a_letter_undone_in_time_is_never_printed(claim, sonia, clock, work):
    write(
        claim=claim,
        text="Oups",
        direction="out",
        channel="letter",
        now=clock(),
        actor=Actor.member(sonia),
    )
    event = claim.events.get(name=Event.MESSAGE_OUT)
    undo(event=event, actor=Actor.member(sonia), now=clock())
    clock.forward(minutes=2)
    work()
    assert (
        not letters.waiting_deliveries(sonia, clock() + timedelta(hours=1))
        .filter(event=event)
        .exists()
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1A 123 456 7890 1", "1A12345678901"),
        ("861011301731382", "861011301731382"),
        ("RK 633 119 313 nz", "RK633119313NZ"),
        ("RR 473 124 829 GB", "RR473124829GB"),
        ("RR 473 124 828 GB", None),
        ("abc", None),
        ("1A 123 456 7890 1 222 333", None),
        ("ABCDEFGHIJKLM", None),
    ],
)
def test_a_registered_number_has_a_form_and_where_it_is_known_a_key(typed, kept):
    if kept is None:
        with pytest.raises(paper.BadNumber):
            paper.clean_number(typed)
    else:
        assert paper.clean_number(typed) == kept
