"""The caretaker corrects a record of equipment."""

from django.urls import reverse

from agencies.models import Equipment
from requests.equipment.models import EquipmentCorrection
from tests import factories
from tests.requests.rounds.helpers import correct


def test_a_correction_waits_for_the_agency_who_applies_it(client, karim, place, lift):
    assert correct(karim, lift, installed=2004).status_code == 302
    lift.refresh_from_db()
    assert lift.installed == 1990
    row = EquipmentCorrection.objects.get()
    assert (row.was, row.becomes) == ({"installed": 1990}, {"installed": 2004})
    client.force_login(factories.member(place["south"], "agent").user)
    act = reverse("agency_rounds:decide_correction", args=[row.pk])
    assert client.post(act, {"way": "accept"}).status_code == 404
    client.force_login(factories.member(place["north"], "agent").user)
    assert "2004" in client.get(reverse("agency_rounds:index")).content.decode()
    client.post(act, {"way": "accept"})
    lift.refresh_from_db()
    assert lift.installed == 2004


def test_a_record_changed_meanwhile_is_not_overwritten(client, karim, place, lift):
    correct(karim, lift, installed=2004)
    Equipment.objects.update(installed=2010)
    client.force_login(factories.member(place["north"], "agent").user)
    row = EquipmentCorrection.objects.get()
    client.post(reverse("agency_rounds:decide_correction", args=[row.pk]), {"way": "accept"})
    lift.refresh_from_db()
    row.refresh_from_db()
    assert (lift.installed, row.accepted) == (2010, None)


def test_nothing_different_is_no_correction_and_a_wrong_year_is_said(karim, lift):
    correct(karim, lift)
    assert correct(karim, lift, installed=3000).status_code == 422
    assert not EquipmentCorrection.objects.exists()
