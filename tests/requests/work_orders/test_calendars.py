"""Every calendar that leaves, against a check written from the specifications."""

from datetime import UTC, timedelta

import pytest
from django.urls import reverse

from portal.clock import now
from requests import tasks
from requests.jobs import queue
from requests.work_orders import appointments
from requests.work_orders.icalendar import calendar
from tests.factories import pass_time
from tests.requests.fixtures.work import book, later
from tests.requests.work_orders import rfc5545

TENANT = "awa@example.test"


@pytest.fixture
def calendars(mailoutbox):
    """Do the due work; the checked calendars of the mails to the tenant since the last time."""

    def read() -> list[rfc5545.Component]:
        mailoutbox.clear()
        for _round in range(2):
            pass_time(minutes=2)
            queue.drain(tasks.HANDLERS, lambda: now() + timedelta(minutes=2))
        parts = [p for m in mailoutbox if m.to == [TENANT] for p in m.message().walk()]
        wanted = [part for part in parts if part.get_content_type() == "text/calendar"]
        return [rfc5545.check_part(part) for part in wanted]

    return read


def test_the_tenants_invitation_says_where_and_rings(order, agent, calendars):
    calendars()
    book(order, days=2)
    [invited] = calendars()
    [event] = invited.inside
    assert invited.value("METHOD") == "REQUEST"
    assert "rue du Lin" in event.value("LOCATION")
    assert "12" not in event.value("LOCATION").partition("rue")[2]  # no door
    assert [alarm.value("TRIGGER") for alarm in event.inside] == ["-P1D", "-PT1H"]
    appointments.cancel_visit(order=order, reason="Empêchée", actor=agent, now=now())
    [gone] = calendars()
    assert gone.value("METHOD") == "CANCEL"
    assert gone.inside[0].value("UID") == event.value("UID")


def test_a_confidential_visit_names_no_street(order, claim, calendars):
    claim.category.sensitive = True
    claim.category.save()
    calendars()
    book(order, days=2)
    [event] = calendars()[0].inside
    assert event.value("LOCATION")
    assert "rue" not in event.value("LOCATION")


def test_the_file_of_a_link_names_no_address(client, order, agent, slots):
    offer = appointments.offer_dates(order=order, actor=agent, now=now())
    appointments.pick(offer=offer, number=1, now=now(), channel="web")
    answer = client.get(reverse("visit_ics", args=[offer.token]))
    [event] = rfc5545.read(answer.content).inside
    assert event.value("LOCATION")
    assert "rue" not in event.value("LOCATION")
    assert len(event.inside) == 2


def test_a_contractors_feed_does_not_ring(client, order, contract):
    book(order, days=2)
    feed = reverse("contractor_feed", args=[contract.contractor.calendar_token])
    [event] = rfc5545.read(client.get(feed).content).inside
    assert "rue du Lin" in event.value("LOCATION")
    assert event.inside == []


def test_long_and_odd_words_are_folded_and_escaped():
    title = "Visite : « fuite, évier; salle d’eau » \\ 日本語 👩‍🔧\nsuite " * 6
    row = {"uid": 1, "starts": later(days=1).astimezone(UTC), "title": title, "sequence": 3}
    row |= {"ends": later(days=1, hours=2).astimezone(UTC), "place": title, "remind": True}
    mail = {"method": "REQUEST", "organizer": "a@b.example", "attendee": "c@d.example"}
    [event] = rfc5545.read(calendar([row], now=later(), **mail)).inside
    said = event.value("SUMMARY").replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
    assert said.replace("\\\\", "\\").strip() == title.strip()
