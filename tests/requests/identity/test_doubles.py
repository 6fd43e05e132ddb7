"""Pairs of records that may be one person: found as the records change, each within its walls."""

import pytest
from django.core.management import call_command

from agencies.models import Residence
from portal.clock import now
from requests.identity import doubles
from requests.identity.double_models import DoubleCheck, DoublePair
from tenants.actions import distinct
from tenants.models import ContactPoint, Lease, Occupancy
from tests import factories

PHONE, MAIL = "+33612345678", "awa@example.test"


@pytest.fixture
def awa(landlord):
    return factories.tenant(landlord["dwelling"])


@pytest.fixture
def luc(landlord):
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    return factories.tenant(home, first_name="Luc", last_name="Petit")


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


def shown(membership) -> list[DoublePair]:
    doubles.sweep()
    rows = DoublePair.objects.visible_to(membership).select_related("one", "other")
    return list(rows.order_by("-same_name", "-strength", "pk"))


def pairs(membership) -> list[tuple]:
    return [({str(p.one), str(p.other)}, p.reasons) for p in shown(membership)]


def test_doubles_by_phone_mail_and_name_at_home(awa, luc, agent, landlord):
    assert pairs(agent) == []
    twin = factories.tenant(landlord["dwelling"], first_name="AWA", last_name="Traore")
    assert pairs(agent) == [({str(awa), str(twin)}, ["name_and_home"])]
    for person in (awa, luc):
        factories.contact(person, PHONE)
        factories.contact(person, MAIL)
    # The same name comes first: a couple shares a phone more often than a person is double.
    assert pairs(agent) == [
        ({str(awa), str(twin)}, ["name_and_home"]),
        ({str(awa), str(luc)}, ["email", "phone"]),
    ]


def test_a_crowd_behind_one_mailbox_is_no_double(agent, landlord):
    for door in range(7):
        home = factories.dwelling(landlord["dwelling"].staircase, f"c{door}")
        person = factories.tenant(home, first_name=f"Nom{door}", last_name="X")
        factories.contact(person, "aide@example.test")
    assert pairs(agent) == []


def test_two_people_found_different_are_not_proposed_again(awa, luc, agent):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    assert len(pairs(agent)) == 1
    distinct.declare(one=luc, other=awa, by=None, now=now())
    distinct.declare(one=awa, other=luc, by=None, now=now())
    assert pairs(agent) == []


def test_a_residence_that_changes_hands_takes_its_doubles_along(awa, luc, agent, landlord):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    south = factories.member(landlord["south"], "agent")
    assert (len(pairs(agent)), pairs(south)) == (1, [])
    place = landlord["dwelling"].staircase.building.residence
    Residence.objects.filter(pk=place.pk).update(unit=landlord["south"])
    # The rule looks at the stays of today, whatever was kept before.
    assert not DoublePair.objects.visible_to(agent).exists()
    assert (pairs(agent), len(pairs(south))) == ([], 1)


def test_of_people_in_two_agencies_each_reads_what_both_have_there(awa, luc, agent, landlord):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    far = factories.home_of(landlord["south"])
    south = factories.member(landlord["south"], "agent")
    lease = Lease.unscoped.create(dwelling=far, reference="far", starts="2024-01-01")
    stay = {"lease": lease, "capacity": "holder", "starts": "2024-01-01"}
    Occupancy.unscoped.create(tenant=awa, **stay)
    assert (len(pairs(agent)), pairs(south)) == (1, [])
    Occupancy.unscoped.create(tenant=luc, **stay)
    assert (len(pairs(agent)), len(pairs(south))) == (1, 1)


def test_each_agency_sees_its_own_doubles(awa, luc, landlord):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    assert pairs(factories.member(landlord["south"], "agent")) == []
    assert pairs(factories.member(landlord["north"], "caretaker")) == []
    assert len(pairs(factories.member(landlord["head"], "head_office"))) == 1


def test_the_record_with_an_account_is_kept_by_default(awa, luc, agent):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    for first, second in ((awa, luc), (luc, awa)):
        second.user = None
        second.save()
        first.user = factories.account(f"{first.last_name}@example.test")
        first.save()
        assert doubles.kept_first(shown(agent)[0])[0] == first


def test_what_changed_is_shown_again_only_once_it_was_compared(awa, luc, agent):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    assert len(pairs(agent)) == 1
    ContactPoint.objects.system("test").filter(tenant=luc).update(value="+33698765432")
    # Until the sweep nothing is said of them that may be wrong by now.
    assert not DoublePair.objects.visible_to(agent).exists()
    assert pairs(agent) == []
    ContactPoint.objects.system("test").filter(tenant=luc).update(value=PHONE)
    assert len(pairs(agent)) == 1
    ContactPoint.objects.system("test").filter(tenant=luc).update(verified=True)
    assert not DoubleCheck.objects.exists()


def test_a_name_a_stay_and_a_removed_point_count_at_once(awa, luc, agent, landlord):
    luc.first_name, luc.last_name = "Awa", "Traore"
    luc.save()
    assert pairs(agent) == []
    stay = Occupancy.objects.system("test").get(tenant=luc)
    stay.lease.dwelling = landlord["dwelling"]
    stay.lease.save()
    assert [reasons for _who, reasons in pairs(agent)] == [["name_and_home"]]
    for person in (awa, luc):
        factories.contact(person, MAIL)
    assert [reasons for _who, reasons in pairs(agent)] == [["email", "name_and_home"]]
    luc.contact_points.all().delete()
    assert [reasons for _who, reasons in pairs(agent)] == [["name_and_home"]]


def test_the_seventh_of_a_mailbox_parts_the_six_and_brings_them_back_when_merged(agent, landlord):
    people = []
    for door in range(6):
        home = factories.dwelling(landlord["dwelling"].staircase, f"c{door}")
        people.append(factories.tenant(home, first_name=f"Nom{door}", last_name="X"))
        factories.contact(people[-1], "aide@example.test")
    assert len(pairs(agent)) == 15
    seventh = factories.tenant(landlord["dwelling"], first_name="Nom6", last_name="X")
    factories.contact(seventh, "aide@example.test")
    assert pairs(agent) == []
    seventh.merged_into = people[0]
    seventh.save()
    assert len(pairs(agent)) == 15


def test_an_erased_person_is_in_no_pair(awa, luc, agent):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    assert len(pairs(agent)) == 1
    Occupancy.objects.system("test").filter(tenant=luc).delete()
    luc.delete()
    assert DoublePair.objects.system("test").count() == 0
    assert pairs(agent) == []


def test_the_command_finds_all_pairs_again(awa, luc, agent, capsys):
    for person in (awa, luc):
        factories.contact(person, PHONE)
    before = pairs(agent)
    DoublePair.objects.system("test").all().delete()
    call_command("doubles")
    assert pairs(agent) == before
    assert "1" in capsys.readouterr().out


def test_the_sweep_keeps_what_fits_in_a_batch(awa, luc, agent, monkeypatch):
    monkeypatch.setattr(doubles, "BATCH", 1)
    for person in (awa, luc):
        factories.contact(person, PHONE)
    assert len(pairs(agent)) == 1
    assert doubles.rebuild() >= 2
    assert len(pairs(agent)) == 1
