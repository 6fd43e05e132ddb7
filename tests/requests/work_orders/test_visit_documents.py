"""Mails carry the order and the visit; calendars follow every change of the date."""

import io
from datetime import timedelta

import icalendar
import pytest
from pypdf import PdfReader

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.jobs import queue
from requests.work_orders import appointments
from requests.work_orders.actions import advance_order
from tests.factories import pass_time
from tests.requests.fixtures.work import book, later

FIRM, TENANT = "atelier@example.test", "awa@example.test"


@pytest.fixture
def post(mailoutbox):
    """Do the due work; the files of the mails to one address since the last time."""

    def read(address: str, kind: str) -> list[bytes]:
        mailoutbox.clear()
        for _round in range(2):
            pass_time(minutes=2)
            queue.drain(tasks.HANDLERS, lambda: now() + timedelta(minutes=2))
        found = [a for m in mailoutbox if m.to == [address] for a in m.attachments]
        contents = [a[1] for a in found if a[2].partition(";")[0] == kind]
        return [c.encode() if isinstance(c, str) else c for c in contents]

    return read


def visits(files) -> list[tuple]:
    """(method, sequence, start, status) of each file."""
    found = []
    for raw in files:
        cal = icalendar.Calendar.from_ical(raw)
        [event] = cal.walk("VEVENT")
        found.append(
            (str(cal["METHOD"]), event["SEQUENCE"], event.decoded("DTSTART"), str(event["STATUS"]))
        )
    return found


def test_the_order_is_attached_without_door_name_or_code(order, post):
    [pdf] = post(FIRM, "application/pdf")
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert str(order).replace("\N{NO-BREAK SPACE}", " ") in words.replace("\N{NO-BREAK SPACE}", " ")
    assert "rue du Lin" in words
    assert "Réparer la fuite" in words
    assert not [s for s in ("Traoré", "0612345678", "12B4", "k1") if s in words]


def test_the_tenants_calendar_follows_the_visit(order, agent, post):
    post(TENANT, "text/calendar")
    book(order, days=2)
    assert visits(post(TENANT, "text/calendar")) == [("REQUEST", 0, later(days=2), "CONFIRMED")]
    book(order, days=3)
    [moved] = visits(post(TENANT, "text/calendar"))
    assert moved[0] == "REQUEST"
    assert moved[1] > 0
    assert moved[2] == later(days=3)
    advance_order(order=order, transition="cancel", actor=agent, now=now(), reason="Doublon")
    [gone] = visits(post(TENANT, "text/calendar"))
    assert (gone[0], gone[3]) == ("CANCEL", "CANCELLED")
    assert gone[1] > moved[1]


def test_the_contractors_calendar_follows_the_visit(order, agent, post):
    book(order, agent, days=2)
    [first] = visits(post(FIRM, "text/calendar"))
    appointments.cancel_visit(order=order, reason="Empêchée", actor=agent, now=now())
    [gone] = visits(post(FIRM, "text/calendar"))
    book(order, agent, days=4)
    [again] = visits(post(FIRM, "text/calendar"))
    assert [first[0], gone[0], again[0]] == ["REQUEST", "CANCEL", "REQUEST"]
    assert first[1] < gone[1] < again[1]


def test_after_no_access_the_new_date_replaces_the_old(order, agent, post):
    book(order, days=2)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    old = order.appointments.get()
    appointments.no_access(order=order, text="Personne", actor=Actor.CONTRACTOR, now=now())
    new = book(order, days=5)
    old.refresh_from_db()
    assert new.sequence > old.sequence


def test_a_sensitive_fault_is_not_named_in_a_calendar(order, post, claim):
    claim.category.sensitive = True
    claim.category.save()
    post(TENANT, "text/calendar")
    book(order, days=2)
    [raw] = post(TENANT, "text/calendar")
    assert b"Fuite" not in raw
    assert b"Leak" not in raw
