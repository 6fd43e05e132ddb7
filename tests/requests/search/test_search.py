"""One search: by reference, phone, name, address and words, and nothing that one may not see."""

import pytest
from django.urls import reverse

from agencies.models import Equipment, Staircase
from portal.clock import now
from requests import tasks
from requests.jobs import queue
from tests import factories

pytestmark = [pytest.mark.long, pytest.mark.django_db]
RESULTS = "/search/results/"


@pytest.fixture
def house(landlord):
    stairs = landlord["dwelling"].staircase
    stairs.street = "33 boulevard des Bateliers"
    stairs.save()
    awa = factories.tenant(landlord["dwelling"], civility="Mme")
    factories.contact(awa, "+33639984494")
    factories.contact(awa, "awa@example.test")
    lift = Equipment.objects.create(
        building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur A1"
    )
    claim = factories.leak(
        landlord, now(), tenant=str(awa.pk), words="Éclairage mort", contact_phone="06 39 98 44 94"
    )
    queue.drain(tasks.HANDLERS, now)
    return {**landlord, "awa": awa, "stairs": stairs, "lift": lift, "claim": claim}


@pytest.fixture
def look(client, house):
    members = {}

    def searched(text, role="agent", unit="north", url=RESULTS):
        if (role, unit) not in members:
            members[role, unit] = factories.member(house[unit], role)
        client.force_login(members[role, unit].user)
        answer = client.get(url, {"q": text})
        assert answer.status_code == 200
        return {group.name: group for group in answer.context["groups"]}

    return searched


def titles(groups, name):
    return [hit.title for hit in groups[name].hits] if name in groups else []


@pytest.mark.parametrize(
    "typed",
    ["06 39 98 44 94", "0639984494", "+33639984494", "0033 6 39 98 44 94", "06.39.98.44.94"],
)
def test_a_phone_in_any_spelling_finds_the_person_and_their_requests(look, house, typed):
    found = look(typed)
    assert titles(found, "people") == ["Mme Awa Traoré"]
    assert [hit.url for hit in found["claims"].hits] == [
        reverse("agency:claim", args=[house["claim"].pk])
    ]
    assert set(found) == {"people", "claims"}


@pytest.mark.parametrize("typed", ["traore", "Traoré Awa", "awa", "TRAOR"])
def test_a_name_is_found_exactly(look, typed):
    found = look(typed)
    assert titles(found, "people") == ["Mme Awa Traoré"]
    assert not found["people"].near


@pytest.mark.parametrize(
    "typed", ["Troaré", "Troaré awa", "Traorée", "Traré", "Tarore awa", "Troar"]
)
def test_a_slip_or_two_swapped_letters_find_the_name(look, typed):
    found = look(typed)
    assert titles(found, "people") == ["Mme Awa Traoré"]
    assert found["people"].near


@pytest.mark.parametrize("typed", ["Trop", "trou", "Dupont", "zzzz"])
def test_what_is_not_close_is_not_shown_as_close(look, typed):
    assert look(typed) == {}


def test_the_page_without_a_result_says_only_that(client, look, house):
    look("zzzz")
    said = client.get(RESULTS, {"q": "zzzz"}).content.decode()
    assert "zzzz" in said
    assert "data-said" in said
    assert "<section" not in said


@pytest.mark.parametrize(
    "typed",
    [
        "33 bd des bateliers",
        "33 boulevard des Bateliers",
        "bateliers 33",
        "33, bd. des bateliers",
        "33 bld bateliers",
        "33 bateliers tilleuls",
        "33 bd des batelires",
    ],
)
def test_an_address_with_its_usual_short_forms(look, typed):
    assert "33 boulevard des Bateliers" in titles(look(typed), "places")


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("4 AV DU GAL LECLERC", "4 avenue du général leclerc"),
        ("7 PL ST PIERRE", "7 place saint-pierre"),
        ("7 place Sainte-Anne", "7 pl ste anne"),
    ],
)
def test_the_register_may_be_the_one_that_shortens(look, house, stored, typed):
    Staircase.objects.filter(pk=house["stairs"].pk).update(street=stored)
    assert titles(look(typed), "places") == [stored]


def test_a_number_is_a_whole_number(look, house):
    Staircase.objects.create(building=house["stairs"].building, code="2", street="133 bd du Lin")
    assert titles(look("33 bd"), "places") == ["33 boulevard des Bateliers"]


@pytest.mark.parametrize("typed", ["rés. Tilleuls", "résidence les tilleuls", "tileuls", "99000"])
def test_a_residence(look, typed):
    assert "Les Tilleuls" in titles(look(typed), "places")


def test_a_building_and_a_home_by_their_door(look, house):
    found = look("Tilleuls, bât. A")
    assert reverse("stock:building", args=[house["stairs"].building_id]) in [
        hit.url for hit in found["places"].hits
    ]
    home = reverse("stock:dwelling", args=[house["dwelling"].pk])
    assert home in [hit.url for hit in look("33 bd des bateliers 12")["places"].hits]


def test_a_reference_however_it_is_grouped(look, house):
    reference = house["claim"].reference
    for typed in (reference, reference.lower(), house["claim"].spoken_reference):
        found = look(typed)
        assert len(found["claims"].hits) == 1
        assert not found["claims"].near


def test_words_with_another_ending_and_with_a_slip(look):
    assert titles(look("éclairages"), "claims")
    near = look("eclarage")
    assert titles(near, "claims")
    assert near["claims"].near


def test_equipment_orders_and_pages(look, house):
    contractor = factories.contractor("Ascenseurs Morel")
    order = house["claim"].orders.create(
        number=1,
        contractor=contractor,
        payer="landlord",
        why="by_law",
        description="x",
        respond_by=now(),
        created_at=now(),
    )
    assert titles(look("ascenseur a1"), "equipment") == ["Ascenseur A1"]
    assert look("morel")["orders"].hits[0].url == reverse("work_order", args=[order.pk])
    assert look(f"{house['claim'].reference}-1")["orders"].hits[0].url.endswith(f"{order.pk}/")
    urls = [hit.url for hit in look("incident")["pages"].hits]
    assert reverse("incidents") in urls
    assert reverse("incident_direct") in urls


def test_another_agency_sees_and_counts_nothing(look, house):
    for typed in (
        "traore",
        "Troaré",
        "0639984494",
        "bateliers",
        house["claim"].reference,
        "tilleul",
    ):
        assert look(typed, unit="south") == {}


def test_head_office_and_the_contact_centre_see_all(look):
    for role in ("head_office", "call_taker", "on_call"):
        assert titles(look("Troaré awa", role=role, unit="head"), "people") == ["Mme Awa Traoré"]


def test_a_caretaker_finds_places_and_faults_but_nobody(look, house):
    found = look("traore", role="caretaker")
    assert "people" not in found
    text = str(look("bateliers", role="caretaker"))
    assert "33 boulevard des Bateliers" in text
    assert "Traor" not in text


def test_others_of_the_landlord_find_pages_alone(look):
    for role in ("admin", "dpo"):
        assert set(look("traore", role=role, unit="head")) <= {"pages"}


def test_more_than_is_shown_is_said(look, house):
    for number in range(7):
        factories.tenant(
            factories.dwelling(house["stairs"], f"d{number}"), first_name="Ali", last_name="Kone"
        )
    found = look("kone")["people"]
    assert (len(found.hits), found.more, found.count) == (5, True, "5+")
    assert look("kone", role="agency_manager", url="/search/")["people"].count == "7"


def test_empty_it_shows_what_was_opened_last_and_may_still_be_seen(client, house):
    client.force_login(factories.member(house["north"], "agent").user)
    client.get(reverse("agency:claim", args=[house["claim"].pk]))
    recent = client.get(RESULTS).context["recent"]
    assert [hit.url for hit in recent] == [reverse("agency:claim", args=[house["claim"].pk])]
    house["dwelling"].staircase.building.residence.unit = house["south"]
    house["dwelling"].staircase.building.residence.save()
    house["claim"].owner = None
    house["claim"].routed_at = None
    house["claim"].save()
    assert client.get(RESULTS).context["recent"] == []


def test_merged_people_are_gone(look, house):
    twin = factories.tenant(house["dwelling"], first_name="Awa", last_name="TRAORE")
    twin.merged_into = house["awa"]
    twin.save()
    assert titles(look("traore"), "people") == ["Mme Awa Traoré"]


def test_a_search_is_logged_as_a_list(look, house):
    from requests.audit.models import ListView

    look("traore")
    row = ListView.objects.get()
    assert (row.page, row.shown) == ("search:results", 2)


def test_the_statements_do_not_grow_with_the_rows(client, house, django_assert_max_num_queries):
    client.force_login(factories.member(house["north"], "agent").user)
    for number in range(12):
        factories.tenant(factories.dwelling(house["stairs"], f"e{number}"))
    client.get(RESULTS, {"q": "traore"})
    with django_assert_max_num_queries(26):
        client.get(RESULTS, {"q": "traore"})


def test_tenants_and_visitors_have_no_search(client, house):
    assert client.get("/search/").status_code == 302
    client.force_login(factories.account("t@example.test"))
    assert client.get("/search/").status_code == 403


def test_the_page_of_every_member_of_staff_leads_to_it(client, house):
    client.force_login(factories.member(house["head"], "dpo").user)
    page = client.get("/search/").content.decode()
    assert 'data-search="/search/results/"' in page


def test_slips_are_left_out_beside_what_is_exact(look, house):
    factories.tenant(
        factories.dwelling(house["stairs"], "f"), first_name="Lucie", last_name="Batelier"
    )
    assert set(look("bateliers")) == {"places", "claims"}
