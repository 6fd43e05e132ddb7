"""Homes with two open leases, and leases that the import lost: a person ends one of them."""

import pytest
from django.test import Client

from tenants.models import Occupancy
from tests import factories
from tests.requests.household.conftest import (
    AWA,
    BEN,
    DAY,
    LEA,
    TODAY,
    file_leak,
    lease,
    line,
    opens,
    person,
)
from tests.requests.views.household import seen_anywhere

NEW = line("B2", "T8", "Nour", starts=TODAY - 20 * DAY)
NEW_BEN = line("B2", "T9", "Max", "cotitulaire", starts=TODAY - 20 * DAY)


@pytest.fixture
def staff(landlord) -> Client:
    client = Client()
    client.force_login(factories.member(landlord["north"], "agent").user)
    return client


@pytest.fixture
def doubled(people, rents):
    """The rent system exports current leases only: the new household, not that the old one left."""
    rents(NEW, NEW_BEN)
    return {**people, "next": person("T8"), "next_joint": person("T9")}


def listed(staff: Client) -> str:
    return staff.get("/agency/leases/").content.decode()


@pytest.mark.weakness("earlier lease")
def test_the_earlier_household_reads_nothing_of_the_later_one(doubled):
    claim = file_leak(doubled["next"])
    readers = {name for name, who in doubled.items() if seen_anywhere(who, claim)}
    assert readers == {"next", "next_joint"}


def test_the_agency_reads_of_both_and_ends_one_with_one_press(doubled, staff):
    theirs = file_leak(doubled["author"])
    page = listed(staff)
    assert ("B1" in page, "B2" in page, "Awa Traoré" in page, "Nour Traoré" in page) == (True,) * 4
    # Proposed: the day before the later lease began.
    suggested = TODAY - 21 * DAY
    assert f'value="{suggested}"' in page
    assert staff.post(f"/agency/leases/{lease('B1').pk}/end/", {"ends": ""}).status_code == 422
    answer = staff.post(f"/agency/leases/{lease('B1').pk}/end/", {"ends": str(suggested)})
    assert answer.status_code == 302
    assert lease("B1").ends == suggested
    assert set(Occupancy.unscoped.filter(lease=lease("B1")).values_list("ends", flat=True)) == {
        suggested
    }
    assert not seen_anywhere(doubled["joint"], theirs)
    assert opens(theirs) == 410
    page = listed(staff)
    assert "Nour Traoré" not in page
    # The trail, and the way back.
    undo = page.split("/agency/leases/ends/")[1].split("/")[0]
    assert staff.post(f"/agency/leases/ends/{undo}/undo/").status_code == 302
    assert lease("B1").ends is None
    assert seen_anywhere(doubled["joint"], theirs)


def test_an_import_does_not_reopen_what_a_person_ended(doubled, staff, rents):
    staff.post(f"/agency/leases/{lease('B1').pk}/end/", {"ends": str(TODAY - 21 * DAY)})
    rents(AWA, BEN, LEA, NEW, NEW_BEN)
    assert lease("B1").ends == TODAY - 21 * DAY
    assert "Nour Traoré" not in listed(staff)


@pytest.mark.weakness("earlier lease")
def test_who_vanished_from_the_import_is_in_the_queue(people, staff, rents):
    factories.dwelling(people["author"].occupancies.get().lease.dwelling.staircase, "13")
    other = line("B5", "T5", "Ida", home="k-13")
    rents(AWA, BEN, LEA, other)
    assert lease("B5").missing_since is None
    rents(AWA, BEN, LEA)
    assert lease("B5").missing_since == TODAY
    assert "Ida Traoré" in listed(staff)
    rents(AWA, BEN, LEA, other)
    assert lease("B5").missing_since is None
    assert "Ida Traoré" not in listed(staff)


def test_a_file_of_a_few_homes_makes_nobody_vanish(people, staff, rents):
    for number in (13, 14):
        factories.dwelling(people["author"].occupancies.get().lease.dwelling.staircase, str(number))
    rents(AWA, BEN, LEA)
    rents(line("B5", "T5", "Ida", home="k-13"))
    assert lease("B1").missing_since is None


def test_another_agency_sees_and_ends_nothing(doubled, landlord):
    south = Client()
    south.force_login(factories.member(landlord["south"], "agent").user)
    assert "Awa" not in listed(south)
    answer = south.post(f"/agency/leases/{lease('B1').pk}/end/", {"ends": str(TODAY)})
    assert answer.status_code == 404
