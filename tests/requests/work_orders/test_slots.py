"""A contractor's week becomes dates; exceptions, capacity and sectors hold for what is offered."""

from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Sector
from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.work_orders import appointments, slots
from requests.work_orders.actions import advance_order
from requests.work_orders.appointment_models import Slot
from requests.work_orders.slot_models import WeeklySlot
from tests import factories
from tests.requests.fixtures.work import book, later

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def holder(contract):
    return contract.contractor


def week(holder, **values):
    usual = {
        "days": [1],
        "starts": time(8),
        "ends": time(12),
        "minutes": None,
        "capacity": 1,
        "team": "",
    }
    slots.add_week(contractor=holder, now=MONDAY, **{**usual, **values})


def starts(holder) -> list[str]:
    rows = Slot.objects.filter(contractor=holder, withdrawn=False).order_by("starts", "team")
    return [
        f"{timezone.localtime(s.starts):%d/%m %H:%M}{' ' + s.team if s.team else ''}" for s in rows
    ]


def test_half_days_six_weeks_ahead_in_local_time(holder):
    week(holder)
    assert starts(holder) == [
        "02/03 08:00",
        "09/03 08:00",
        "16/03 08:00",
        "23/03 08:00",
        "30/03 08:00",  # summer time has begun
        "06/04 08:00",
    ]
    assert slots.refresh(holder, MONDAY) == 0
    slots.roll(MONDAY + timedelta(days=7))
    assert starts(holder)[-1] == "13/04 08:00"


def test_pieces_and_capacity(holder):
    week(holder, ends=time(11), minutes=120, capacity=2, team="A")
    assert starts(holder)[:2] == ["02/03 08:00 A", "02/03 08:00 A 2"]
    assert len(starts(holder)) == 12  # the last hour is shorter than a visit


def test_absences_and_public_holidays_are_left_out_and_come_back(holder):
    week(holder, days=[0, 1])
    assert "29/03 08:00" not in starts(holder)  # Easter Monday
    slots.add_absence(
        contractor=holder,
        first_day=date(2027, 3, 8),
        last_day=date(2027, 3, 9),
        reason="Salon",
        now=MONDAY,
    )
    assert not [s for s in starts(holder) if s.startswith(("08/03", "09/03"))]
    slots.drop_absence(row=holder.absences.get(), now=MONDAY)
    assert "09/03 08:00" in starts(holder)


def test_a_changed_week_replaces_its_dates(holder):
    week(holder)
    week(holder, ends=time(10))
    assert WeeklySlot.objects.count() == 1
    assert {timezone.localtime(s.ends).hour for s in Slot.objects.all()} == {10}
    slots.drop_week(row=WeeklySlot.objects.get(), now=MONDAY)
    assert starts(holder) == []
    assert not Slot.objects.exists()


def test_single_dates_survive_the_week(holder):
    span = (MONDAY + timedelta(days=3), MONDAY + timedelta(days=3, hours=2))
    slots.add_dates(contractor=holder, spans=[span])
    week(holder)
    slots.drop_week(row=WeeklySlot.objects.get(), now=MONDAY)
    assert len(starts(holder)) == 1


def offer(order, agent):
    return appointments.offer_dates(order=order, actor=agent, now=MONDAY)


def pick(made):
    return appointments.pick(offer=made, number=1, now=MONDAY, channel="web")


def test_capacity_is_what_can_be_booked(holder, make_claim, make_order, agent):
    week(holder, capacity=2)
    first, second, third = (offer(make_order(make_claim(k)), agent) for k in "abc")
    taken = [pick(first).visit, pick(second).visit]
    assert {v.starts for v in taken} == {datetime(2027, 3, 2, 7, tzinfo=UTC)}
    assert {v.team for v in taken} == {"", "2"}
    missed = pick(third)
    assert missed.visit is None
    assert missed.offer.options.first().slot.starts == datetime(2027, 3, 9, 7, tzinfo=UTC)


def test_a_date_withdrawn_after_it_was_offered_brings_the_next(holder, order, agent):
    week(holder)
    made = offer(order, agent)
    slots.add_absence(
        contractor=holder,
        first_day=date(2027, 3, 2),
        last_day=date(2027, 3, 2),
        reason="",
        now=MONDAY,
    )
    picked = pick(made)
    assert picked.visit is None
    assert picked.offer.options.first().slot.starts == datetime(2027, 3, 9, 7, tzinfo=UTC)


def test_only_dates_of_the_tenants_sector(holder, order, agent, landlord):
    north, south = (Sector.objects.create(unit=landlord["north"], name=n) for n in ("N", "S"))
    week(holder, sectors=[south], capacity=1)
    assert offer(order, agent) is None
    residence = order.claim.residence
    residence.sector = north
    residence.save()
    assert offer(order, agent) is None
    week(holder, days=[3], sectors=[north])
    found = offer(order, agent)
    assert {timezone.localtime(o.slot.starts).weekday() for o in found.options.all()} == {3}


def test_the_page(client, holder, landlord):
    person = factories.contractors_person(holder, "yann@legoff.test")
    rival = factories.contractors_person(factories.contractor("Rival"), "zoe@rival.test")
    client.force_login(person.user)
    add = reverse("jobs:slots_add", args=["week"])
    good = {"days": ["1", "3"], "starts": "08:00", "ends": "12:00", "minutes": "", "capacity": "2"}
    assert client.post(add, {**good, "ends": "07:00"}).status_code == 422
    assert client.post(add, good).status_code == 302
    assert holder.weekly_slots.count() == 2
    assert client.get(reverse("jobs:slots")).status_code == 200
    off = {"first_day": "2020-01-01", "last_day": "2020-01-02"}
    assert client.post(reverse("jobs:slots_add", args=["absence"]), off).status_code == 422
    row = holder.weekly_slots.first()
    drop = reverse("jobs:slots_drop", args=["week", row.pk])
    assert client.get(drop).status_code == 405
    client.force_login(rival.user)
    assert client.post(drop).status_code == 404
    client.force_login(person.user)
    assert client.post(drop).status_code == 302
    assert holder.weekly_slots.count() == 1


def test_no_date_is_offered_after_the_orders_own_limit(make_order, claim, contract, agent):
    spans = [(later(days=n, hours=0), later(days=n, hours=2)) for n in (1, 2, 6, 7)]
    appointments.publish_slots(contract.contractor, spans)
    order = make_order(claim, respond_by=later(days=3))
    made = appointments.offer_dates(order=order, actor=agent, now=now())
    assert [o.slot.starts for o in made.options.all()] == [a for a, _b in spans[:2]]
    # Once the limit is over, the soonest dates are all that is left.
    after = appointments.offer_dates(order=order, actor=agent, now=later(days=4))
    assert [o.slot.starts for o in after.options.all()] == [a for a, _b in spans[2:]]


def test_no_tenant_chooses_a_date_for_the_common_parts(make_order, claim, contract, agent):
    appointments.publish_slots(contract.contractor, [(later(days=1), later(days=1, hours=2))])
    Claim.objects.system("test").filter(pk=claim.pk).update(dwelling=None)
    order = make_order(claim)
    assert appointments.offer_dates(order=order, actor=agent, now=now()) is None
    assert not claim.events.filter(name=Event.VISIT_OFFERED).exists()


def test_on_the_way_is_not_begun(client, make_order, claim, agent):
    order = make_order(claim)
    book(order, days=1)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    advance_order(order=order, transition="depart", actor=Actor.CONTRACTOR, now=now())
    claim.refresh_from_db()
    assert claim.state == "planned"
    page = unescape(client.get(f"/s/{claim.token}/").content.decode())
    assert "L’entreprise est en route." in page
    assert "Les travaux ont commencé" not in page
