"""Recognition against real rows."""

import pytest

from tenants.matching import Grade, StatedIdentity
from tenants.recognition import identify
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
