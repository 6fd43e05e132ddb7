"""On call: what is open now, what to say, whom to ring next, and an order in two taps."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Landlord, MaintenanceContract, OnCallDuty, OnCallRung, Trade
from portal.clock import now
from requests import tasks
from requests.claims.models import Claim
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.work_orders.models import WorkOrder
from tests import factories

pytestmark = pytest.mark.django_db
HOME = "/on-call/"


@pytest.fixture
def house(landlord):
    Landlord.objects.create(name="Habitat", phone="0240000000", on_call_phone="02 40 00 00 01")
    for place, name in enumerate(("Idris", "Lina"), 1):
        OnCallRung.objects.create(position=place, name=name, phone=f"+3363998000{place}")
    company = factories.contractor("Gaz Secours", phone="02 40 11 22 33")
    MaintenanceContract.objects.create(
        code="gaz",
        name="Contrat gaz",
        contractor=company,
        trade=Trade.objects.get(),
        families=["PLO"],
        starts="2020-01-01",
        ends="2099-01-01",
        hours="always",
    )
    OnCallDuty.objects.create(
        trade=Trade.objects.get(),
        contractor=company,
        phone="06 39 98 55 55",
        starts=now() - timedelta(hours=1),
        ends=now() + timedelta(hours=9),
    )
    idris = factories.member(landlord["head"], "on_call")
    return {**landlord, "idris": idris, "company": company}


@pytest.fixture
def duty(client, house):
    client.force_login(house["idris"].user)
    return client


def gas(house) -> Claim:
    made = factories.leak(
        house,
        now(),
        category="GAZ-01",
        words="Odeur de gaz",
        contact_phone="0639981234",
        contact_name="Awa",
    )
    queue.drain(tasks.HANDLERS, now, most=20)
    made.refresh_from_db()
    return made


def test_who_is_on_call_lands_there(duty, house):
    assert duty.get("/enter/").url == HOME
    page = duty.get(HOME).content.decode().replace("\u00a0", " ")
    for said in ("02 40 00 00 01", "Idris", "Lina", "Gaz Secours", "06 39 98 55 55"):
        assert said in page
    assert 'href="/enter/"' in page


def test_only_what_is_for_on_call_and_dangers_first(duty, house):
    factories.leak(house, now(), key="ordinary")
    danger = gas(house)
    own = factories.leak(house, now(), key="own")
    queue.drain(tasks.HANDLERS, now)
    desk = house["head"].desks.get(kind="on_call")
    Claim.objects.system("test").filter(pk=own.pk).update(owner=desk)
    assert [row.pk for row in duty.get(HOME).context["rows"]] == [danger.pk, own.pk]


def test_nothing_open_is_said(duty):
    page = duty.get(HOME)
    assert page.context["rows"] == []
    assert "duty__claim" not in page.content.decode()


def test_the_script_the_place_and_the_phone_of_the_caller(duty, house):
    said = duty.get(reverse("on_call:claim", args=[gas(house).pk])).content.decode()
    for part in ("0 800 47 33 33", "tel:18", "1 rue du Lin", "tel:0639981234", "Odeur de gaz"):
        assert part in said


def test_whom_to_ring_next_follows_the_rings_that_left(duty, house):
    danger = gas(house)
    page = duty.get(reverse("on_call:claim", args=[danger.pk]))
    assert Delivery.unscoped.filter(kind="danger").count() == 1
    assert [(ring.name, ring.next, bool(ring.rung_at)) for ring in page.context["ladder"]] == [
        ("Idris", False, True),
        ("Lina", True, False),
    ]


def test_taking_it_in_hand_ends_the_rings(duty, house):
    danger = gas(house)
    url = reverse("on_call:claim", args=[danger.pk])
    answer = duty.post(f"{url}take/", {"version": danger.version})
    assert answer.url == url
    danger.refresh_from_db()
    assert danger.state == "in_review"
    assert not duty.get(url).context["may_take"]
    assert duty.post(f"{url}take/", {"version": danger.version}).status_code == 409


def test_an_emergency_order_in_two_taps_under_the_contract_in_force(duty, house):
    danger = gas(house)
    url = reverse("on_call:claim", args=[danger.pk])
    page = duty.get(url)
    assert page.context["emergency"].contract.name == "Contrat gaz"
    said = page.content.decode()
    assert "<details>" in said  # the first tap; the second is the button inside
    sent = {"version": danger.version, "contractor": house["company"].pk}
    assert duty.post(f"{url}order/", sent).url == url
    order = WorkOrder.objects.system("test").get()
    assert (order.contractor, order.emergency, order.state) == (house["company"], True, "sent")
    assert order.contract.name == "Contrat gaz"
    danger.refresh_from_db()
    assert danger.state != "received"
    assert Delivery.unscoped.filter(kind="order").count() == 1
    assert str(order) in duty.get(url).content.decode()


def test_two_people_send_one_company_once(duty, house):
    danger = gas(house)
    url = reverse("on_call:claim", args=[danger.pk])
    sent = {"version": danger.version, "contractor": house["company"].pk}
    duty.post(f"{url}order/", sent)
    assert duty.post(f"{url}order/", sent).status_code == 409
    danger.refresh_from_db()
    assert duty.post(f"{url}order/", {**sent, "version": danger.version}).status_code == 409
    assert WorkOrder.objects.system("test").count() == 1


def test_another_company_than_was_read_is_not_sent(duty, house):
    danger = gas(house)
    url = f"{reverse('on_call:claim', args=[danger.pk])}order/"
    for company in (0, "x", factories.contractor("Autre").pk):
        sent = {"version": danger.version, "contractor": company}
        assert duty.post(url, sent).status_code == 409
    assert not WorkOrder.objects.system("test").exists()


def test_without_contract_nobody_is_sent_and_it_is_said(duty, house):
    MaintenanceContract.objects.all().delete()
    OnCallDuty.objects.all().delete()
    danger = gas(house)
    page = duty.get(reverse("on_call:claim", args=[danger.pk]))
    assert page.context["emergency"] is None
    assert reverse("work_new", args=[danger.pk]) in page.content.decode()


def test_the_order_of_what_was_told_in_confidence_holds_no_word(duty, house):
    danger = gas(house)
    Claim.objects.system("test").filter(pk=danger.pk).update(confidential=True)
    sent = {"version": danger.version, "contractor": house["company"].pk}
    duty.post(f"{reverse('on_call:claim', args=[danger.pk])}order/", sent)
    assert "Odeur" not in WorkOrder.objects.system("test").get().description


def test_an_agency_sees_its_own_alone(client, house):
    danger = gas(house)
    client.force_login(factories.member(house["south"], "agent").user)
    assert client.get(HOME).context["rows"] == []
    url = reverse("on_call:claim", args=[danger.pk])
    assert client.get(url).status_code == 404
    sent = {"version": danger.version, "contractor": house["company"].pk}
    assert client.post(f"{url}order/", sent).status_code == 404
    assert client.post(f"{url}take/", sent).status_code == 404
