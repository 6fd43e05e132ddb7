"""A date is taken once; moved, cancelled, reminded; and calendars tell no secrets."""

import threading
from datetime import UTC, datetime, time, timedelta

import icalendar
import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs import queue
from requests.jobs.models import Job
from requests.work_orders import appointments
from requests.work_orders.appointment_models import Appointment, Offer, Slot
from requests.work_orders.appointments import PickResult
from requests.work_orders.contact_details import may_show_contact_details
from requests.work_orders.open_slots import free_slots
from tests import databases, factories
from tests.requests.fixtures.work import later


def offer_to(order, agent):
    return appointments.offer_dates(order=order, actor=agent, now=now())


def take(offer, number=1, channel="web") -> PickResult:
    return appointments.pick(offer=offer, number=number, now=now(), channel=channel)


@pytest.fixture
def offer(order, slots, agent):
    return offer_to(order, agent)


def test_the_tenant_picks_by_number_and_the_claim_is_planned(offer, order, claim, slots):
    assert [o.slot.starts for o in offer.options.all()] == [a for a, _b in slots]
    picked = take(offer, 2, channel="sms")
    assert (picked.visit.starts, picked.visit.channel) == (slots[1][0], "sms")
    claim.refresh_from_db()
    assert (claim.state, claim.visit_at) == ("planned", slots[1][0])
    assert (claim.visit_until, claim.promise_at) == (slots[1][1], slots[1][1])
    with pytest.raises(appointments.OfferClosed):
        take(offer, 1)


def test_the_database_refuses_two_visits_of_one_team_at_once(offer, order, make_claim, make_order):
    first = take(offer).visit
    other = make_order(make_claim("other"))
    spans = {"contractor": first.contractor, "channel": "web", "made_at": now(), "order": other}
    inside = {"starts": first.starts + timedelta(minutes=30), "ends": first.ends + timedelta(1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.unscoped.create(**spans, **inside)
    Appointment.unscoped.create(
        **spans, starts=first.ends, ends=first.ends + timedelta(hours=1)
    )  # neighbours may touch
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.unscoped.create(**spans, starts=later(days=9), ends=later(days=10), team="B")


def test_another_team_may_come_at_the_same_time(offer, make_claim, make_order):
    first = take(offer).visit
    other = make_order(make_claim("other"))
    made = appointments.book(
        order=other,
        starts=first.starts,
        ends=first.ends,
        team="B",
        actor=Actor.TENANT,
        channel="phone",
        now=now(),
    )
    assert made.team == "B"


def test_a_taken_date_gives_the_next_ones_at_once(slots, order, make_claim, make_order, agent):
    first, second = offer_to(order, agent), offer_to(make_order(make_claim("other")), agent)
    take(first)
    picked = take(second, 1)
    assert picked.visit is None
    assert [o.slot.starts for o in picked.offer.options.all()] == [a for a, _b in slots[1:]]
    assert take(picked.offer, 1).visit.starts == slots[1][0]


@pytest.mark.django_db(transaction=True)
def test_two_tenants_take_the_last_slot_at_the_same_instant(
    make_claim, make_order, contract, agent
):
    appointments.publish_slots(
        contract.contractor, [(later(days=2), later(days=2, hours=2))], team=""
    )
    offers = [offer_to(make_order(make_claim(f"c{n}")), agent) for n in range(2)]
    # The next date appears after both were offered the last one.
    appointments.publish_slots(contract.contractor, [(later(days=5), later(days=5, hours=2))])
    assert all(o.options.count() == 1 for o in offers)
    together, results = threading.Barrier(2), []

    def run(mine):
        try:
            together.wait(timeout=60)
            results.append(take(mine))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(o,)) for o in offers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(results) == 2
    got, missed = sorted(results, key=lambda r: r.visit is None)
    assert got.visit.starts == later(days=2)
    assert missed.visit is None
    assert missed.offer.options.get().slot.starts == later(days=5)
    assert Appointment.unscoped.filter(state="booked").count() == 1


def test_the_tenants_half_days_come_first(order, contract, agent):
    monday = datetime(2027, 3, 1, tzinfo=UTC)
    spans = [
        (monday + timedelta(days=d, hours=h), monday + timedelta(days=d, hours=h + 2))
        for d in range(4)
        for h in (7, 13)
    ]
    appointments.publish_slots(contract.contractor, spans)
    found = free_slots(
        contract.contractor, now=monday - timedelta(days=1), availability=["weekday_pm"]
    )
    assert [slot.starts.hour for slot in found] == [13, 13, 13]
    assert len(free_slots(contract.contractor, now=monday - timedelta(days=1))) == 3


def test_moving_keeps_one_visit_and_must_be_confirmed_again(offer, order, agent):
    take(offer)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    second = offer_to(order, agent)
    moved = take(second, 1)
    order.refresh_from_db()
    assert order.state == "sent"
    assert set(order.appointments.values_list("state", flat=True)) == {"moved", "booked"}
    assert moved.visit.sequence > 0


def test_no_access_offers_new_dates_and_unplans(offer, order, claim):
    take(offer)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    fresh = appointments.no_access(order=order, text="Personne", actor=Actor.CONTRACTOR, now=now())
    claim.refresh_from_db()
    assert (claim.state, order.appointments.get().state) == ("in_review", "no_access")
    assert fresh.options.count() == 3
    assert take(fresh, 2).visit.state == "booked"


@pytest.mark.real_clock  # jobs come due by the clock of PostgreSQL
def test_the_reminder_goes_once_the_day_before_if_the_visit_stands(offer, order, claim, agent):
    visit = take(offer).visit
    job = Job.objects.get(kind="remind", key=str(visit.pk))
    assert visit.starts - timedelta(hours=48) < job.next_at < visit.starts
    for _ in range(2):
        appointments.remind(key=str(visit.pk), now=job.next_at)
    assert claim.events.filter(name=Event.VISIT_REMINDER).count() == 1
    with databases.without_audit_triggers():
        ClaimEvent.unscoped.filter(name=Event.VISIT_REMINDER).delete()
    appointments.cancel_visit(order=order, reason="Malade", actor=agent, now=now())
    appointments.remind(key=str(visit.pk), now=job.next_at)
    assert not claim.events.filter(name=Event.VISIT_REMINDER).exists()
    queue.drain(tasks.HANDLERS, now)
    assert not Job.objects.filter(kind="remind", done_at__isnull=False).exists()


@pytest.mark.weakness("door code early")
def test_details_are_open_from_the_eve_to_two_hours_after(offer, order):
    visit = take(offer).visit
    assert not may_show_contact_details(order, visit, visit.starts)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    assert may_show_contact_details(order, visit, visit.starts)
    day = timezone.localtime(visit.starts).replace(hour=0, minute=0, second=0, microsecond=0)
    eve = timezone.make_aware(datetime.combine(day.date() - timedelta(days=1), time.min))
    assert may_show_contact_details(order, visit, eve)
    before = eve - timedelta(minutes=1)
    assert not may_show_contact_details(order, visit, before), "60 days ahead, even"
    assert not may_show_contact_details(order, visit, visit.ends + timedelta(hours=3))
    assert not may_show_contact_details(order, None, visit.starts)


# Pages


def page(offer, name="visit"):
    return reverse(name, args=[offer.token])


def test_the_tenant_picks_on_the_web_and_a_get_changes_nothing(client, offer, order, claim):
    shown = client.get(page(offer))
    assert shown.status_code == 200
    assert "Traoré" not in shown.content.decode()
    assert client.head(page(offer)).status_code in {200, 405}
    assert not Appointment.unscoped.exists()
    assert client.post(page(offer), {}).status_code == 422
    assert client.post(page(offer), {"number": "2"}).status_code == 302
    assert Appointment.unscoped.get().state == "booked"
    again = client.post(page(offer), {"number": "1"})  # a second click
    assert again.status_code in {200, 302}
    assert Appointment.unscoped.count() == 1
    assert client.get(page(offer)).status_code == 200


def test_who_comes_second_reads_the_next_dates(client, slots, order, make_claim, make_order, agent):
    first, second = offer_to(order, agent), offer_to(make_order(make_claim("other")), agent)
    take(first)
    answer = client.post(page(second), {"number": "1"})
    assert answer.status_code == 409
    assert answer.context["taken"]
    assert [o.slot.starts for o in answer.context["offer"].options.all()] == [
        a for a, _b in slots[1:]
    ]
    # The old link leads to the new dates.
    assert client.get(page(second)).url == page(answer.context["offer"])


def test_change_and_call_me(client, offer, order, claim):
    take(offer)
    answer = client.post(page(offer, "visit_change"))
    fresh = Offer.unscoped.get(closed_at__isnull=True)
    assert answer.url == page(fresh)
    assert order.appointments.get().state == "cancelled"
    for _ in range(2):
        client.post(page(fresh, "visit_call"))
    assert claim.events.filter(name=Event.CALL_WANTED).count() == 1
    assert client.get(page(fresh)).status_code == 200


def test_calendars(client, offer, order, contract):
    assert client.get(page(offer, "visit_ics")).status_code == 404
    visit = take(offer).visit
    mine = icalendar.Calendar.from_ical(client.get(page(offer, "visit_ics")).content)
    event = mine.walk("VEVENT")[0]
    assert event.decoded("dtstart") == visit.starts
    feed = reverse("contractor_feed", args=[contract.contractor.calendar_token])
    body = client.get(feed).content
    assert body.count(b"BEGIN:VEVENT") == 1
    assert "Traoré".encode() not in body
    assert b"12B4" not in body
    assert client.get(reverse("contractor_feed", args=["x" * 43])).status_code == 404
    assert Slot.objects.count() == 3


def test_different_days_come_before_other_hours(contract):
    monday = datetime(2027, 3, 1, 7, tzinfo=UTC)
    spans = [
        (monday + timedelta(days=d, hours=h), monday + timedelta(days=d, hours=h + 2))
        for d in range(2)
        for h in (0, 2, 6)
    ]
    appointments.publish_slots(contract.contractor, spans)
    found = free_slots(contract.contractor, now=monday - timedelta(days=1))
    assert [(s.starts.day, s.starts.hour) for s in found] == [(1, 7), (1, 9), (2, 7)]


def test_offered_dates_are_the_tenants_turn_on_the_list_and_on_the_page(client, offer, claim):
    person = factories.tenant(claim.dwelling, email="awa@tenant.example")
    Claim.objects.system("test").filter(pk=claim.pk).update(tenant=person)
    client.force_login(person.user)
    with translation.override("fr"):
        choose = gettext("Choose the day of the visit.")
        turn = gettext("Your turn: choose a date")
    for path, said in (
        ("/my/", [choose, turn]),
        (f"/my/{claim.pk}/", [f"/visit/{offer.token}/"]),
        (f"/s/{claim.token}/", [f"/visit/{offer.token}/"]),
    ):
        page = client.get(path).content.decode()
        assert all(page.count(text) == 1 for text in said), path
    appointments.ask_for_call(offer=offer, now=now())
    assert turn not in client.get("/my/").content.decode()
