"""Boards of companies and representatives, the public page, open data, and the weekly mail."""

import csv
import io
from datetime import date, datetime, timedelta, timezone

import pytest
from django.urls import reverse

from agencies.models import Dwelling, Membership, Sector
from portal.access import Role
from portal.clock import now
from requests.catalogue.models import Category
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.figures import actions, digest, public, upkeep
from requests.figures.models import Digest
from requests.notifications.models import Delivery
from requests.work_orders.models import WorkOrder
from tests import factories

pytestmark = pytest.mark.django_db
OLD = timedelta(days=40)


@pytest.fixture
def residence(landlord):
    """Return a residence of six homes, whose first home reports three leaks."""
    stairs = landlord["dwelling"].staircase
    homes = [landlord["dwelling"], *(factories.dwelling(stairs, str(n)) for n in range(5))]
    Dwelling.objects.filter(pk__in=[home.pk for home in homes]).update(floor=1)
    for number in range(3):
        report(landlord, homes[0], number)
    upkeep.refresh(now=now())
    public.publish(now())
    return {**landlord, "homes": homes, "residence": stairs.building.residence}


def report(landlord, home, number: int) -> Claim:
    claim = factories.leak(
        landlord, now() - OLD, key=f"{home.pk}-{number}", dwelling=home.pk, category="PLO-03"
    )
    for name in (Event.REPORT_DONE, Event.SAY_FIXED):
        ClaimEvent.unscoped.create(
            claim=claim, name=name, at=now() - OLD + timedelta(days=2), state="done", role="agent"
        )
    return claim


def signed_in(client, unit, role, **fields) -> Membership:
    found = factories.member(unit, role)
    Membership.objects.filter(pk=found.pk).update(**fields)
    client.force_login(found.user)
    return found


def line(answer, slug: str) -> list[str]:
    card = next(card for card in answer.context["board"].cards if card.slug == slug)
    return [cell.shown for cell in card.table.rows[0]]


def test_a_representative_reads_nothing_below_five_households(client, residence):
    signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    seen = line(client.get("/residents/"), "residences")
    # Three reports, one household: neither the number nor the rate nor what they said.
    assert seen == ["Les Tilleuls", "6", "<\xa05", "<\xa05", "—", "<\xa05", "0"]
    for number, home in enumerate(residence["homes"][1:]):
        report(residence, home, number)
    upkeep.refresh(now=now())
    seen = line(client.get("/residents/"), "residences")
    assert seen[2:4] == ["8", "133,3"]
    assert seen[5] == "100\xa0%"


def test_a_residence_of_four_homes_has_no_line(client, residence):
    keep = [home.pk for home in residence["homes"][:4]]
    Claim.objects.system("test").exclude(dwelling__in=keep).delete()
    Dwelling.objects.exclude(pk__in=keep).delete()
    upkeep.count_dwellings()
    signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    answer = client.get("/residents/")
    assert "Les Tilleuls" not in answer.content.decode().split("<main")[1]


def test_a_representative_reads_their_own_sector(client, residence):
    mine = Sector.objects.create(unit=residence["north"], name="A")
    other = Sector.objects.create(unit=residence["north"], name="B")
    residence["residence"].sector = other
    residence["residence"].save()
    who = signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    who.sectors.add(mine)
    assert "Les Tilleuls" not in client.get("/residents/").content.decode()
    who.sectors.set([other])
    assert "Les Tilleuls" in client.get("/residents/").content.decode()


def test_a_confidential_claim_is_in_no_cell_of_a_residence(client, residence):
    for number, home in enumerate(residence["homes"]):
        report(residence, home, 10 + number)
    upkeep.refresh(now=now())
    signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    assert line(client.get("/residents/"), "kinds")[1] == "9"
    Category.objects.filter(code="PLO-03").update(sensitive=True)
    answer = client.get("/residents/")
    card = next(card for card in answer.context["board"].cards if card.slug == "kinds")
    assert not card.table.heads[1:]


def order(claim: Claim, company, days: int, contract=None) -> None:
    done = now() - timedelta(days=3)
    WorkOrder.objects.system("test").create(
        claim=claim,
        number=1,
        contractor=company,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="x",
        state="done",
        respond_by=done,
        created_at=done - timedelta(days=days),
        sent_at=done - timedelta(days=days),
        done_at=done,
    )


def test_who_leads_a_company_reads_its_own_orders_alone(client, residence):
    mine, other = factories.contractor("A"), factories.contractor("B")
    claims = list(Claim.objects.system("test").order_by("pk"))
    order(claims[0], mine, 4, factories.contract(mine))
    order(claims[1], other, 30, factories.contract(other))
    upkeep.refresh(now=now())
    chief = factories.contractors_person(mine, "a@example.test", leads=True)
    client.force_login(chief.user)
    answer = client.get("/jobs/figures/")
    assert line(answer, "where")[1:4] == ["1", "4\xa0j", "4\xa0j"]
    assert "30\xa0j" not in answer.content.decode()
    client.force_login(factories.contractors_person(mine, "b@example.test").user)
    assert client.get("/jobs/figures/").status_code == 404


def test_each_mark_of_a_company_opens_its_own_orders(client, residence):
    mine, other = factories.contractor("A"), factories.contractor("B")
    claims = list(Claim.objects.system("test").order_by("pk"))
    order(claims[0], mine, 4, factories.contract(mine))
    order(claims[1], mine, 9, factories.contract(mine))
    order(claims[2], other, 30, factories.contract(other))
    upkeep.refresh(now=now())
    client.force_login(factories.contractors_person(mine, "a@example.test", leads=True).user)
    board = client.get("/jobs/figures/", {"days": "90"}).context["board"]
    cells = [cell for card in board.cards for row in card.table.rows for cell in row if cell.href]
    assert {cell.href.partition("?")[0] for cell in cells} == {reverse("company_orders")}
    opened = client.get(cells[-1].href)
    assert opened.context["page_obj"].paginator.count == 2
    assert {row.contractor_id for row in opened.context["page_obj"]} == {mine.pk}
    unit = residence["south"].pk
    assert client.get("/jobs/figures/", {"unit": "x"}).status_code == 200
    query = {"measure": "ordered", "since": "2020-01-01", "until": "2040-01-01"}
    address = reverse("company_orders")
    elsewhere = client.get(address, {**query, "unit": unit})
    assert elsewhere.context["page_obj"].paginator.count == 0
    for wrong in ({"measure": "kept"}, {"since": "soon"}, {"unit": "x"}, {"unit": "9" * 30}):
        assert client.get(address, {**query, **wrong}).status_code == 404
    client.force_login(factories.contractors_person(mine, "b@example.test").user)
    assert client.get(address, query).status_code == 404


def test_a_representative_chooses_a_year_a_place_and_a_family(client, residence):
    signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    for number, home in enumerate(residence["homes"][1:]):
        report(residence, home, number)
    upkeep.refresh(now=now())
    here = residence["residence"].pk
    assert line(client.get("/residents/", {"residence": here}), "residences")[2] == "8"
    assert line(client.get("/residents/", {"family": "PLO"}), "residences")[2] == "8"
    assert line(client.get("/residents/", {"year": "before"}), "residences")[2] == "0"
    # What is no choice is no filter; another's residence is none.
    for wrong in ({"residence": "999"}, {"family": "X"}, {"year": "2020"}):
        assert line(client.get("/residents/", wrong), "residences")[2] == "8"
    said = client.get("/residents/").context["board"].cards[1].says[0].text
    assert "Les Tilleuls, 8 demandes" in said


def test_a_representative_reads_what_is_planned_for_all(client, residence):
    signed_in(client, residence["north"], Role.TENANT_REPRESENTATIVE)
    place = residence["residence"]
    works = {"kind": "common", "text": "x", "residence": place, "announced_at": now()}
    works |= {"starts": now() + timedelta(days=3), "ends": now() + timedelta(days=4)}
    works["announced_by"] = factories.member(residence["north"], "agent").user
    place.planned_works.create(title="Ramonage", **works)
    place.planned_works.create(title="Chez un seul", **works).dwellings.add(residence["homes"][0])
    place.planned_works.create(title="Annulés", cancelled_at=now(), cancel_reason="x", **works)
    board = client.get("/residents/").context["board"]
    [card] = [card for card in board.cards if card.slug == "works"]
    assert [row[1].shown for row in card.table.rows] == ["Ramonage"]


def test_the_public_page_says_times_in_ten(client, residence):
    answer = client.get(reverse("kept_promises"))
    own = answer.content.decode().split("<main")[1]
    assert "Il n’y a pas encore assez à compter." in own
    for number, home in enumerate(residence["homes"][:3]):
        report(residence, home, 20 + number)
    upkeep.refresh(now=now())
    own = client.get(reverse("kept_promises")).content.decode().split("<main")[1]
    assert "10 fois sur 10" in own
    assert "%" not in own


def rows(client, table: str) -> list[dict]:
    text = client.get(reverse("open_table", args=[table])).content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_open_data_leave_out_small_groups_and_follow_their_description(client, residence):
    found = rows(client, "claims")
    # Three claims of one household, in one month.
    assert [(row["received"], row["settled"]) for row in found] == [("", "")]
    for number, home in enumerate(residence["homes"]):
        report(residence, home, 30 + number)
    upkeep.refresh(now=now())
    assert not public.publish(now())
    assert public.publish(now(), again=True)
    assert [(row["received"], row["settled"]) for row in rows(client, "claims")] == [("9", "9")]
    package = client.get(reverse("open_package")).json()
    assert package["profile"] == "tabular-data-package"
    for resource in package["resources"]:
        text = client.get(f"/open-data/{resource['path']}").content.decode()
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert next(csv.reader(io.StringIO(text))) == names
        types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        for row in csv.DictReader(io.StringIO(text)):
            for name, value in row.items():
                if types[name] == "integer" and value:
                    int(value)
                if types[name] == "yearmonth":
                    date.fromisoformat(f"{value}-01")
    assert client.get("/open-data/people.csv").status_code == 404
    assert client.get(reverse("open_data")).status_code == 200


MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=timezone.utc)  # 7.30 in Paris


def test_the_weeks_figures_go_out_once_on_monday(residence):
    manager = factories.member(residence["north"], Role.AGENCY_MANAGER)
    actions.want_digest(membership=manager, wanted=True)
    assert digest.sweep(now=MONDAY - timedelta(hours=1)) == 0
    assert digest.sweep(now=MONDAY) == 1
    assert digest.sweep(now=MONDAY + timedelta(hours=5)) == 0
    assert digest.sweep(now=MONDAY + timedelta(days=7)) == 1
    sent = Delivery.objects.system("test").filter(kind=Delivery.Kind.FIGURES).first()
    assert sent.recipient == manager.user.email
    assert "Que devons-nous faire aujourd’hui" in sent.text
    assert "/figures/?" in sent.text
    kind = digest.FiguresKind()
    assert kind.still_wanted(sent, MONDAY)
    actions.want_digest(membership=manager, wanted=False)
    assert not kind.still_wanted(sent, MONDAY)


def test_who_changed_place_gets_no_figures_of_the_former_one(residence):
    manager = factories.member(residence["north"], Role.AGENCY_MANAGER)
    actions.want_digest(membership=manager, wanted=True)
    digest.sweep(now=MONDAY)
    sent, kind = Delivery.objects.system("test").get(), digest.FiguresKind()
    assert kind.still_wanted(sent, MONDAY)
    Membership.objects.filter(pk=manager.pk).update(role=Role.AGENT)
    assert not kind.still_wanted(sent, MONDAY)
    Membership.objects.filter(pk=manager.pk).update(
        role=Role.AGENCY_MANAGER, unit=residence["south"]
    )
    assert not kind.still_wanted(sent, MONDAY)


def test_who_left_gets_no_figures(residence):
    manager = factories.member(residence["north"], Role.AGENCY_MANAGER)
    actions.want_digest(membership=manager, wanted=True)
    Membership.objects.filter(pk=manager.pk).update(ends=MONDAY.date() - timedelta(days=1))
    assert digest.sweep(now=MONDAY) == 0
    assert Digest.objects.get().sent_at is None
