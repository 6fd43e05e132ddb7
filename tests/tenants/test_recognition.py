"""Recognition against real rows, and the list of probable doubles, each within its walls."""

import pytest

from portal.clock import now
from tenants.actions import distinct
from tenants.matching import Grade, StatedIdentity
from tenants.recognition import identify, probable_doubles
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


def given(name="", contacts=(), homes=()) -> StatedIdentity:
    return StatedIdentity(name, frozenset(contacts), frozenset(homes))


def pairs(membership) -> list[tuple]:
    return [({str(p.one), str(p.other)}, p.reasons) for p in probable_doubles(membership)]


def test_a_verified_number_is_known_until_somebody_else_has_it_too(awa, luc):
    factories.contact(awa, PHONE, verified=True)
    found = identify(given(contacts=[PHONE]))
    assert (found.grade, found.person) == (Grade.KNOWN, str(awa.pk))
    factories.contact(luc, PHONE, verified=True)
    assert identify(given("Awa Traoré", [PHONE])).grade == Grade.MAYBE


def test_phone_of_one_and_mail_of_the_other_conflict(awa, luc):
    factories.contact(awa, PHONE, verified=True)
    factories.contact(luc, MAIL, verified=True)
    found = identify(given("Awa Traoré", [PHONE, MAIL]))
    assert (found.grade, found.person, found.reasons) == (Grade.MAYBE, None, ("conflict",))


def test_a_merged_record_is_nobody(awa, luc):
    factories.contact(luc, PHONE, verified=True)
    luc.merged_into = awa
    luc.save()
    assert identify(given(contacts=[PHONE])).grade == Grade.UNKNOWN


def test_name_and_home_are_proposed(awa, landlord):
    home = str(landlord["dwelling"].pk)
    assert identify(given("Traore Awa", homes=[home])).candidates == (str(awa.pk),)


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
        assert probable_doubles(agent)[0].one == first
