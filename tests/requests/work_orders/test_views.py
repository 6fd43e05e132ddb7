"""The agency writes the proposed order in one click, follows it, and sees only its own."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from agencies.models import PriceItem, Sector
from portal.actor import Actor
from portal.clock import now
from requests.kit.pdf_fetcher import FetchRefused, NoFetcher
from requests.work_orders import appointments
from requests.work_orders.actions import advance_order
from requests.work_orders.forms import PriceItemsField
from requests.work_orders.models import AccessView, WorkOrder
from requests.work_orders.panel import orders_context
from tests import factories
from tests.requests.fixtures.work import later


@pytest.fixture
def sonia(client, agent):
    client.force_login(agent.user)
    return client


def url(name, obj, *more):
    return reverse(f"work_{name}", args=[obj.pk, *more])


def post(client, order, transition, **data):
    order.refresh_from_db()
    return client.post(url("act", order, transition), {"version": order.version, **data})


def test_the_proposed_order_goes_out_as_it_stands(sonia, claim, contract, slots):
    shown = sonia.get(url("new", claim))
    assert shown.status_code == 200
    initial = shown.context["form"].initial
    assert initial["contractor"] == contract.contractor_id
    answer = sonia.post(url("new", claim), {**initial, "purpose": "work"})
    order = WorkOrder.objects.system("test").get()
    assert answer.url == url("order", order)
    assert (order.state, order.payer, order.why) == ("sent", "landlord", "by_law")
    assert order.contract == contract
    assert order.offers.get().options.count() == 3
    assert sonia.get(answer.url).status_code == 200


def test_an_empty_form_loses_nothing(sonia, claim, contract):
    answer = sonia.post(url("new", claim), {"access_notes": "Digicode 7788"})
    assert answer.status_code == 422
    assert "7788" in answer.content.decode()
    assert not WorkOrder.objects.system("test").exists()


def test_over_the_limit_the_manager_sends_it(sonia, claim, contract, manager):
    item = PriceItem.objects.create(contract=contract, code="X", label="Colonne", price=900)
    data = {
        "contractor": contract.contractor_id,
        "description": "Colonne",
        "payer": "landlord",
        "purpose": "work",
        "items": [item.pk],
    }
    sonia.post(url("new", claim), data)
    order = WorkOrder.objects.system("test").get()
    assert (order.state, order.amount) == ("proposed", 900)
    assert post(sonia, order, "approve").status_code == 409
    sonia.force_login(manager.user)
    assert post(sonia, order, "approve").status_code == 302
    assert post(sonia, order, "send").status_code == 302
    order.refresh_from_db()
    assert order.state == "sent"


def test_phone_pick_direct_date_and_conflict(sonia, order, slots, agent):
    read = sonia.get(url("offer", order)).context["offer"].slots
    sonia.post(url("offer", order), {"slot": [slot.pk for slot in read]})
    assert sonia.post(url("pick", order), {"number": "9"}).status_code == 409
    assert sonia.post(url("pick", order), {"number": "2"}).status_code == 302
    visit = order.appointments.get()
    assert (visit.starts, visit.channel) == (slots[1][0], "phone")
    bad = {"day": "2020-01-01", "time": "8-10", "channel": "phone"}
    assert sonia.post(url("book", order), bad).status_code == 422
    day = later(days=20).date().isoformat()
    assert sonia.post(url("book", order), {**bad, "day": day}).status_code == 302
    assert appointments.active_visit(order).pk != visit.pk
    assert post(sonia, order, "confirm").status_code == 302
    assert sonia.post(url("act", order, "confirm"), {"version": 1}).status_code == 409
    assert sonia.post(url("act", order, "nothing"), {"version": 1}).status_code == 404


def test_cancel_asks_why_and_the_follow_on_keeps_history(sonia, order, claim, contract):
    assert post(sonia, order, "cancel").status_code == 422
    other = factories.contractor("Autre", email="autre@example.test")
    data = {
        "contractor": other.pk,
        "description": "Reprendre",
        "payer": "shared",
        "purpose": "work",
    }
    answer = sonia.post(url("new", claim) + f"?follows={order.pk}", data)
    assert answer.status_code == 302
    order.refresh_from_db()
    again = WorkOrder.objects.system("test").get(follows=order)
    assert (order.state, again.contractor, again.state) == ("cancelled", other, "sent")
    assert (again.payer, again.why) == ("shared", "by_person")
    assert sonia.get(url("new", claim) + "?follows=x").status_code == 404


def test_a_look_at_the_door_code_of_an_earlier_order_is_logged(sonia, order, claim, landlord):
    follow_on = url("new", claim) + f"?follows={order.pk}"
    sonia.get(url("new", claim))
    assert not AccessView.unscoped.exists()
    assert "Digicode 12B4" in sonia.get(follow_on).content.decode()
    look = AccessView.unscoped.get()
    assert (look.order, look.actor.email, look.role) == (order, "agent.nord@example.test", "agent")
    assert str(look.actor) in sonia.get(url("order", order)).content.decode()
    sonia.force_login(factories.administrator(landlord["head"], "dpo").user)
    page = sonia.get(reverse("admin:requests_accessview_changelist")).content.decode()
    assert "agent.nord@example.test" in page or str(look.actor) in page
    assert "12B4" not in page


def test_another_agency_sees_nothing(client, order, claim, landlord):
    client.force_login(factories.member(landlord["south"], "agent").user)
    for answer in (
        client.get(url("order", order)),
        client.get(url("pdf", order)),
        client.get(url("new", claim)),
        client.post(url("act", order, "cancel"), {"version": 1, "reason": "x"}),
        client.post(url("offer", order)),
        client.post(url("pick", order), {"number": 1}),
        client.post(url("book", order), {}),
        client.post(url("revoke", order)),
        client.get(reverse("work_order", args=[uuid.uuid4()])),
    ):
        assert answer.status_code == 404
    order.refresh_from_db()
    assert order.state == "sent"


@pytest.mark.weakness("caretaker of others")
def test_a_caretaker_of_other_buildings_sees_no_order(client, order, claim, landlord):
    """The same agency, another sector: neither the page nor a step of it."""
    residence = claim.residence
    theirs, other = (Sector.objects.create(unit=landlord["north"], name=n) for n in ("1", "2"))
    residence.sector = theirs
    residence.save()
    karim = factories.caretaker(landlord["north"], other)
    client.force_login(karim.user)
    assert client.get(url("order", order)).status_code == 404
    assert post(client, order, "verify").status_code == 404
    karim.sectors.set([theirs])
    assert client.get(url("order", order)).status_code == 200


def test_the_caretaker_checks_the_work(client, order, claim, landlord):
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    client.force_login(factories.member(landlord["north"], "caretaker").user)
    page = client.get(url("order", order))
    assert page.status_code == 200
    assert "€" not in page.content.decode()
    assert client.get(url("pdf", order)).status_code == 403
    assert post(client, order, "send_back", reason="Ça goutte").status_code == 302
    order.refresh_from_db()
    assert order.state == "sent"


def test_the_panel_shows_each_side_its_part(order, claim, agent, landlord, slots):
    appointments.offer_dates(order=order, actor=agent, now=now())
    membership = factories.member(landlord["north"], "agency_manager")
    staff, tenant = orders_context(claim, membership), orders_context(claim, None)
    assert [b["name"] for b in staff["orders"][0].buttons] == ["cancel"]
    assert staff["may_order"]
    assert not tenant["may_order"]
    assert tenant["orders"][0].buttons == []
    assert tenant["orders"][0].offer is not None
    appointments.pick(
        offer=tenant["orders"][0].offer, number=1, now=now(), channel="web", actor=Actor.TENANT
    )
    assert orders_context(claim, None)["orders"][0].visit is not None


def test_the_pdf_is_made_and_fetches_nothing(sonia, order):
    answer = sonia.get(url("pdf", order))
    assert answer.content.startswith(b"%PDF")
    with pytest.raises(FetchRefused):
        NoFetcher().fetch("file:///etc/hostname")


def test_a_repair_that_comes_back_is_said(make_claim, make_order, landlord):
    membership = factories.member(landlord["north"], "agency_manager")
    first = make_claim("first")
    assert orders_context(first, membership)["repeats"] == []
    order = make_order(first)
    advance_order(
        order=order, transition="report_done", actor=Actor.CONTRACTOR, now=now(), text="Fait"
    )
    again = make_claim("again")
    found = orders_context(again, membership)["repeats"]
    assert [r.claim for r in found] == [first.spoken_reference]
    assert orders_context(again, None)["repeats"] == []


def test_a_price_is_written_as_the_reader_writes_numbers(db):
    line = PriceItem(label="Déplacement", price=Decimal("68.00"), measure="u")
    said = {}
    for language in ("fr", "en"):
        with translation.override(language):
            said[language] = PriceItemsField(PriceItem.objects.none()).label_from_instance(line)
    assert said == {"fr": "Déplacement – 68,00\u00a0€ / u", "en": "Déplacement – 68.00\u00a0€ / u"}
