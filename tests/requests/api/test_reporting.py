"""Figures by API: the dictionary, the lines, and a manager's own unit only."""

import pytest

from portal.clock import now
from requests.reporting.datasets import DATASETS
from tests.factories import leak, member
from tests.requests.api.conftest import Caller


@pytest.fixture
def office(landlord) -> Caller:
    leak(landlord, now())
    return Caller(member(landlord["head"], "head_office").user)


def test_the_dictionary_and_each_of_its_views(office):
    named = office.get("reporting/").json()
    assert [row["name"] for row in named] == [dataset.name for dataset in DATASETS]
    for row in named:
        read = office.get(f"reporting/{row['name']}/")
        assert read.status_code == 200
        for line in read.json()["results"]:
            assert list(line) == [column["name"] for column in row["columns"]]


def test_a_period_and_a_unit(office):
    assert office.get("reporting/claims_month/", unit="nord").json()["results"]
    assert not office.get("reporting/claims_month/", unit="sud").json()["results"]
    assert not office.get("reporting/claims_month/", since="2027-01-01").json()["results"]
    assert office.get("reporting/claims_month/", until="2026-11-01").json()["results"]
    assert office.get("reporting/claims_month/", since="soon").status_code == 400
    assert office.get("reporting/claims_month/", colour="red").status_code == 400
    assert office.get("reporting/nothing/").status_code == 404


def test_a_manager_reads_their_own_unit(landlord, office):
    south = Caller(member(landlord["south"], "agency_manager").user)
    assert south.get("reporting/claims_month/").json()["results"] == []
    assert south.get("reporting/claims_month/", unit="nord").status_code == 404
    north = Caller(member(landlord["north"], "agency_manager").user)
    [line] = north.get("reporting/claims_month/").json()["results"]
    assert (line["unit"], line["filed"]) == ("nord", 1)


def test_agents_and_tenants_do_not(landlord, agent, tenant):
    assert agent.get("reporting/").status_code == 403
    assert tenant.get("reporting/claims_month/").status_code == 403
