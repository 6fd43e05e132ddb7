"""From the page of a lift to the report in its history: no fault, and no word to a tenant."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from agencies.models import Equipment
from portal.actor import Actor
from portal.clock import now
from requests import tasks
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.closing import actions as closing
from requests.closing.models import ClosingStep
from requests.figures import upkeep
from requests.figures.fact_models import Fact
from requests.jobs import queue
from requests.notifications.models import Delivery
from requests.stock_insight.histories import histories
from requests.work_orders.actions import advance_order
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import OrderStep
from tests import factories
from tests.requests.fixtures.desk import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(landlord):
    """A lift with a contract in a staircase where somebody lives."""
    stair = landlord["dwelling"].staircase
    lift = Equipment.objects.create(
        building=stair.building, staircase=stair, kind="lift", label="Ascenseur A1"
    )
    factories.tenant(landlord["dwelling"], email="awa@tenant.example")
    firm = factories.contractor("Ascenseurs de la Sarle")
    factories.contract(firm, name="Ascenseurs", equipment_kinds=["lift"], families=[])
    return {**landlord, "lift": lift, "firm": firm}


@pytest.fixture
def agent(client, house):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    found = factories.member(house["north"], "agent")
    client.force_login(found.user)
    return found


def address(house) -> str:
    return f"/inspections/new/?at=equipment%3A{house['lift'].pk}"


def send(client, where: str, **values):
    form = client.get(where).context["form"]
    data = {name: form[name].value() or "" for name in ("key", "contractor", "description")}
    return client.post(where, {**data, **values}), data


def test_the_whole_way_from_the_lift_to_its_history(client, house, agent):
    log = f"/equipment/{house['lift'].pk}/"
    assert address(house) in client.get(log).content.decode()
    where = f"{address(house)}&why=3%20faults%20in%20a%20year"
    page = client.get(where).content.decode()
    assert "proposes Ascenseurs de la Sarle." in page
    assert "3 faults in a year" in page
    answer, data = send(client, where)
    order = WorkOrder.objects.system("test").get()
    assert answer.url == reverse("work_order", args=[order.pk])
    assert (order.state, order.contractor, order.claim.tenant) == ("sent", house["firm"], None)
    assert "Ascenseur A1" in order.description
    # The same form again sends nothing more.
    assert client.post(where, data).url == answer.url
    assert WorkOrder.objects.system("test").count() == 1

    claim = Claim.objects.system("test").get()
    assert claim.state == "in_review"
    page = client.get(url("claim", claim)).content.decode()
    assert not re.search(r"step=(ask|answer|refuse|inform)|data-key=.a.", page)

    advance_order(
        order=order,
        transition=OrderStep.REPORT_DONE,
        actor=Actor.CONTRACTOR,
        now=now(),
        text="Câble usé",
    )
    factories.pass_time(days=20)
    queue.drain(tasks.HANDLERS, now)
    claim.refresh_from_db()
    assert claim.state == "done"
    assert "Report received" in client.get(log).content.decode()
    page = client.get(url("claim", claim) + "?step=close_unanswered").content.decode()
    assert "File the report" in page
    assert "Close without an answer" not in page
    data = {"version": claim.version, "text": "Câble à changer : commandé."}
    client.post(reverse("agency:act", args=[claim.pk, "close_unanswered"]), data)
    claim.refresh_from_db()
    assert claim.state == "closed"
    said = client.get(log).content.decode()
    for words in ("Inspection ordered", "Câble usé", "Report filed", "Câble à changer"):
        assert words in said
    assert {delivery.kind for delivery in Delivery.objects.system("test")} == {"order"}
    assert all("awa@tenant.example" not in sent.to for sent in mail.outbox)


def test_nothing_counts_it_as_a_fault(client, house, agent):
    send(client, address(house))
    assert histories(now())[0].faults == ()
    upkeep.refresh(now=now())
    assert not Fact.objects.exists()
    assert upkeep.rebuild(now=now()) == 1
    assert not Fact.objects.exists()
    assert upkeep.differences(now=now()) == (0, 0)
    Claim.objects.system("test").update(state="done", filed_at=now() - timedelta(days=9))
    assert closing.sweep(now()) == 0
    assert not ClosingStep.objects.exists()
    assert "Inspection" not in {row.label_en for row in Category.objects.filter(active=True)}


@pytest.mark.parametrize("kind", ["residence", "building", "staircase"])
def test_a_place_without_a_contract_asks_which_company(client, house, agent, kind):
    stair = house["dwelling"].staircase
    place = {"residence": stair.building.residence, "building": stair.building, "staircase": stair}
    where = f"/inspections/new/?at={kind}:{place[kind].pk}"
    answer, _data = send(client, where)
    assert answer.status_code == 422
    answer, _data = send(client, where, contractor=house["firm"].pk)
    assert answer.status_code == 302
    claim = Claim.objects.system("test").get()
    assert getattr(claim, kind) == place[kind]
    assert claim.residence == stair.building.residence


def test_of_another_agency_or_a_home_there_is_no_inspection(client, house, agent):
    home = house["dwelling"].pk
    assert client.get(f"/inspections/new/?at=dwelling:{home}").status_code == 404
    assert "/inspections/new/" not in client.get(f"/stock/dwellings/{home}/").content.decode()
    client.force_login(factories.member(house["south"], "agent").user)
    assert client.get(address(house)).status_code == 404
