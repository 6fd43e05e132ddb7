"""Indicators that others publish too: complaints by stage, satisfaction, neighbourhoods."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agencies.models import Residence
from portal.access import Role
from portal.clock import now
from requests.complaints.models import Complaint, ComplaintStage
from requests.figures import public, upkeep
from requests.figures.fact_models import StockCount
from requests.surveys import actions
from tests import factories

pytestmark = pytest.mark.django_db


def complain(landlord, number: int, *, late: bool) -> None:
    at = now() - timedelta(days=60)
    claim = factories.leak(landlord, at, key=f"c{number}")
    reviewer = factories.member(landlord["north"], "agency_manager") if number == 0 else None
    reviewer = reviewer or landlord["reviewer"]
    landlord["reviewer"] = reviewer
    ComplaintStage.objects.create(
        complaint=Complaint.objects.create(claim=claim),
        number=1,
        asked_at=at,
        answer_due=at + timedelta(days=10),
        answered_at=at + timedelta(days=12 if late else 8),
        reviewer=reviewer,
    )


def by_code() -> dict[str, public.Indicator]:
    return {one.code: one for one in public.indicators(now())}


@pytest.mark.parametrize(("number", "value", "in_time"), [(6, 60.0, 66.7), (4, None, None)])
def test_complaints_are_counted_and_few_ones_hidden(landlord, client, number, value, in_time):
    for one in range(number):
        complain(landlord, one, late=one < 2)
    StockCount.objects.create(
        residence=landlord["dwelling"].staircase.building.residence,
        unit=landlord["north"].pk,
        dwellings=100,
    )
    public.publish(now(), again=True)
    found = by_code()
    assert (found["CH01 (1)"].value, found["CH02 (1)"].value) == (value, in_time)
    page = client.get(reverse("open_data")).content.decode()
    assert "CH01 (1)" in page
    assert ("&lt; 5" in page) is (value is None)
    assert "TP01" not in page


def test_satisfaction_is_that_of_the_last_survey(landlord, client):
    wave = factories.survey(now() - timedelta(days=40), drawn_at=now())
    wave.frame = {"homes": {"nord": 50}}
    wave.results = {}
    wave.save()
    factories.answers(wave, landlord["north"], [9, 8, 7, 6, 3])
    actions.close(survey=wave, now=now())
    assert (by_code()["TP01"].value, by_code()["TP01"].n) == (60.0, 5)


def test_a_board_compares_neighbourhoods(landlord, client):
    place = landlord["dwelling"].staircase.building.residence
    Residence.objects.filter(pk=place.pk).update(district="Les Rives")
    factories.leak(landlord, now() - timedelta(days=9))
    upkeep.rebuild(now=now())
    client.force_login(factories.member(landlord["head"], Role.HEAD_OFFICE).user)
    page = client.get(reverse("head_office:overview")).content.decode()
    assert "Les Rives" in page
    behind = reverse("figures:claims") + "?measure=received&neighbourhood=Les+Rives"
    assert "Les Rives" in client.get(behind).content.decode()
    assert client.get(behind + "x").status_code == 200
