"""An incident opened without any request: the place, its households, and each of them told."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Equipment
from portal.clock import now
from requests import tasks
from requests.catalogue.models import Category, Family
from requests.claims.models import Claim
from requests.incidents.models import Incident
from requests.jobs import queue
from requests.jobs.models import Job
from requests.notifications.models import Delivery
from tests import factories

pytestmark = pytest.mark.django_db
OPEN = "/agency/incidents/open/"


@pytest.fixture
def house(landlord):
    family = Family.objects.create(code="ASC", label_fr="Ascenseur", label_en="Lift", tile="lift")
    made = factories.category("ASC-02", "U3", "contractor_direct")
    Category.objects.filter(pk=made.pk).update(family=family, asset="building", collective=True)
    stairs = landlord["dwelling"].staircase
    people = [factories.tenant(landlord["dwelling"])]
    people += [factories.tenant(factories.dwelling(stairs, str(n))) for n in range(3)]
    factories.contact(people[0], "awa@example.test")
    factories.contact(people[1], "+33639980001")
    factories.contact(people[2], "ben@example.test")
    factories.dwelling(stairs, "vide")  # nobody lives there
    lift = Equipment.objects.create(
        building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur 1"
    )
    agent = factories.member(landlord["north"], "agent")
    return {**landlord, "stairs": stairs, "lift": lift, "people": people, "agent": agent}


@pytest.fixture
def desk(client, house):
    client.force_login(house["agent"].user)
    return client


def work():
    queue.drain({Job.Kind.INCIDENT: tasks.HANDLERS[Job.Kind.INCIDENT]}, now, most=50)


def open_it(desk, house, **values):
    url = f"{OPEN}?equipment={house['lift'].pk}"
    form = desk.get(url).context["form"]
    return desk.post(url, {**form.initial, **values})


def test_the_place_is_found_by_its_address_then_the_fault_is_chosen(desk, house):
    page = desk.get(OPEN, {"q": "1 rue du lin"})
    assert f"?staircase={house['stairs'].pk}" in page.content.decode()
    page = desk.get(OPEN, {"q": "tilleuls"})
    assert f"?building={house['stairs'].building_id}" in page.content.decode()
    assert "?building=" not in desk.get(OPEN, {"q": "nulle part"}).content.decode()
    page = desk.get(OPEN, {"staircase": house["stairs"].pk}).content.decode()
    assert f"?staircase={house['stairs'].pk}&amp;family=ASC" in page


def test_title_and_message_are_filled_in_and_households_counted(desk, house):
    page = desk.get(f"{OPEN}?equipment={house['lift'].pk}")
    assert page.context["households"] == 4
    initial = page.context["form"].initial
    assert initial["title"] == "Ascenseur 1 – 1 rue du Lin"
    assert "1 rue du Lin" in initial["text"]


def test_every_household_of_the_place_is_told_by_its_own_channel(desk, house):
    answer = open_it(desk, house)
    found = Incident.objects.get()
    assert answer.url == reverse("incident", args=[found.pk])
    assert (found.staircase, found.equipment) == (house["stairs"], house["lift"])
    work()
    rows = Delivery.unscoped.filter(kind="incident")
    assert {(row.channel, row.recipient) for row in rows} == {
        ("email", "awa@example.test"),
        ("sms", "+33639980001"),
        ("email", "ben@example.test"),
    }
    link = reverse("incident_public", args=[found.pk])
    assert all(link in row.text for row in rows)
    found.refresh_from_db()
    assert (found.households, found.told, found.by_poster) == (4, 3, 1)
    work()
    assert rows.count() == 3


def test_who_filed_reads_it_in_the_conversation_and_once(desk, house):
    claim = factories.leak(
        house, now(), category="ASC-02", tenant=str(house["people"][0].pk), contact_email="a@b.test"
    )
    queue.drain(tasks.HANDLERS, now)
    url = f"{OPEN}?equipment={house['lift'].pk}"
    form = desk.get(url)
    assert [row.pk for row in form.context["claims"]] == [claim.pk]
    desk.post(url, {**form.context["form"].initial, "claim": claim.pk})
    work()
    told = Delivery.unscoped.filter(kind="incident").values_list("recipient", flat=True)
    assert set(told) == {"+33639980001", "ben@example.test"}
    assert claim.messages.filter(direction="out").count() == 1
    assert Incident.objects.get().told == 3


def test_a_request_that_was_unticked_stays_out(desk, house):
    factories.leak(house, now(), category="ASC-02")
    queue.drain(tasks.HANDLERS, now)
    open_it(desk, house)
    assert not Incident.objects.get().members.exists()


def test_more_news_and_the_end_reach_them_all(desk, house):
    open_it(desk, house)
    work()
    found = Incident.objects.get()
    url = reverse("incident", args=[found.pk])
    end = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    desk.post(url, {"version": found.version, "text": "Pièce commandée.", "expected_end": end})
    work()
    assert Delivery.unscoped.filter(kind="incident", text__contains="commandée").count() >= 2
    found.refresh_from_db()
    desk.post(reverse("incident_close", args=[found.pk]), {"version": found.version})
    work()
    assert Delivery.unscoped.filter(kind="incident", facts__version=3).count() == 3


def test_an_older_message_that_waits_is_not_sent_any_more(desk, house):
    open_it(desk, house)
    work()
    found = Incident.objects.get()
    row = Delivery.unscoped.filter(kind="incident").first()
    from requests.incidents.notices import IncidentKind

    assert IncidentKind().still_wanted(row, now())
    desk.post(reverse("incident_close", args=[found.pk]), {"version": found.version})
    assert not IncidentKind().still_wanted(row, now())


def test_a_second_one_at_the_same_place_leads_to_the_first(desk, house):
    open_it(desk, house)
    url = f"{OPEN}?equipment={house['lift'].pk}"
    first = reverse("incident", args=[Incident.objects.get().pk])
    assert desk.get(url).url == first
    again = desk.post(url, {"title": "x", "text": "Mes mots"})
    assert again.status_code == 409
    assert "Mes mots" in again.content.decode()


def test_mistakes_keep_the_words(desk, house):
    answer = open_it(desk, house, title="", text="Mes mots")
    assert answer.status_code == 422
    assert "Mes mots" in answer.content.decode()
    assert not Incident.objects.exists()


def test_the_list_says_where_and_how_many(desk, house):
    open_it(desk, house)
    work()
    said = desk.get("/agency/incidents/").content.decode()
    assert "Les Tilleuls" in said
    assert "1 rue du Lin" in said
    assert OPEN in said
    row = desk.get("/agency/incidents/").context["page_obj"][0]
    assert (row.households, row.filed) == (4, 0)


def test_another_agency_opens_nothing_here(client, house):
    client.force_login(factories.member(house["south"], "agent").user)
    for query in (f"equipment={house['lift'].pk}", f"staircase={house['stairs'].pk}"):
        assert client.get(f"{OPEN}?{query}").status_code == 404
        assert client.post(f"{OPEN}?{query}", {"title": "x", "text": "y"}).status_code == 404
    assert "rue du Lin" not in client.get(OPEN, {"q": "rue du lin"}).content.decode().replace(
        'value="rue du lin"', ""
    )
    assert not Claim.unscoped.exists()
