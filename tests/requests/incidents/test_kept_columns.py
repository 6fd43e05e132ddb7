"""The open incident of a claim and the unit of an incident: kept by triggers, whatever is saved."""

import pytest

from agencies.models import Building, Membership
from portal.clock import now
from requests.claims.models import Claim
from requests.incidents.models import Incident, IncidentClaim
from tests.requests.fixtures.desk import make_claim, make_unit, member

pytestmark = pytest.mark.django_db


def known(claim) -> Incident | None:
    return Claim.unscoped.get(pk=claim.pk).open_incident


@pytest.fixture
def made(client):
    unit, desk, residence = make_unit("nord")
    member(client, unit)
    claim = make_claim(desk, residence)
    incident = Incident.objects.create(
        family=claim.category.family,
        building=Building.objects.create(residence=residence, code="A"),
        title="Ascenseur arrêté",
        text="Une pièce est commandée.",
        opened_at=now(),
        opened_by=Membership.objects.get(unit=unit).user,
    )
    return claim, incident


def test_a_claim_knows_its_incident_while_that_is_open(made):
    claim, incident = made
    stale = Claim.unscoped.get(pk=claim.pk)
    joined = IncidentClaim.objects.create(incident=incident, claim=claim, at=now())
    assert known(claim) == incident
    # An object that was read before does not write back what it knew.
    stale.save()
    assert known(claim) == incident
    incident.closed_at = now()
    incident.save()
    assert known(claim) is None
    Incident.objects.filter(pk=incident.pk).update(closed_at=None)
    assert known(claim) == incident
    joined.delete()
    assert known(claim) is None


def test_a_membership_that_moves_takes_the_column_along(made):
    claim, incident = made
    other = make_claim(claim.owner, claim.residence)
    joined = IncidentClaim.objects.create(incident=incident, claim=claim, at=now())
    IncidentClaim.objects.filter(pk=joined.pk).update(claim=other)
    assert (known(claim), known(other)) == (None, incident)


def test_an_incident_is_of_its_building_s_unit(made):
    _claim, incident = made
    nord, sud = incident.building.residence.unit, make_unit("sud")[0]

    def unit():
        return Incident.objects.get(pk=incident.pk).unit

    assert unit() == nord
    residence = incident.building.residence
    residence.unit = sud
    residence.save()
    assert unit() == sud
    Building.objects.filter(pk=incident.building_id).update(residence=make_unit("est")[2])
    assert unit().code == "est"
    Incident.objects.filter(pk=incident.pk).update(unit=nord)
    assert unit().code == "est"
