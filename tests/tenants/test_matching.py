"""The graded match: names as people write them, and what must never match by itself."""

import pytest

from tenants.matching import (
    Grade,
    Likeness,
    Person,
    StatedIdentity,
    likeness,
    match,
    normal_contact,
)

PHONE, MAIL = "+33612345678", "awa@example.test"


def person(key="a", name="Awa Traoré", **fields) -> Person:
    return Person(key=key, name=name, **{k: frozenset(v) for k, v in fields.items()})


def given(name="", contacts=(), homes=()) -> StatedIdentity:
    return StatedIdentity(name, frozenset(contacts), frozenset(homes))


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("Awa Traoré", "TRAORE Awa", "same"),
        ("Mme Awa Traoré", "awa traore", "same"),
        ("Anne Le-Bihan", "Lebihan Anne", "same"),
        ("Anne Le Bihan", "LE-BIHAN, Anne", "same"),
        ("Cœur Élise", "elise coeur", "same"),
        ("Jean-Pierre Martin", "Jean Pierre Martin", "same"),
        ("Youssef Haddad", "Yousef Hadad", "close"),
        ("Karine Morel", "Kraine Morel", "close"),
        ("Maria Lopez", "Maria Carmen Lopez", "close"),
        ("Paul Costa", "Paula Costa", "other"),
        ("Luc Petit", "Lou Petit", "other"),
        ("Ali Kaya", "Kaya", "other"),
        ("Omar Benali", "Rose Benali", "other"),
        ("Elan Marti", "Lena Timar", "other"),
        ("", "Awa Traoré", "other"),
    ],
)
def test_names_as_people_write_them(one, other, answer):
    assert likeness(one, other) == likeness(other, one) == Likeness(answer)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("06 12 34 56 78", PHONE),
        ("0033 6 12.34.56.78", PHONE),
        (" Awa@Example.TEST ", MAIL),
        ("12", ""),
        ("awa", ""),
        ("@example.test", ""),
    ],
)
def test_contacts_have_one_form(typed, value):
    assert normal_contact(typed) == value


def test_a_proved_identifier_of_one_person_is_known():
    people = [person(contacts=[PHONE], proved=[PHONE]), person("b", "Luc Petit", contacts=[MAIL])]
    answer = match(given(contacts=[PHONE]), people)
    assert (answer.grade, answer.person) == (Grade.KNOWN, "a")


def test_an_unproved_identifier_needs_the_name():
    people = [person(contacts=[PHONE])]
    alone = match(given(contacts=[PHONE]), people)
    assert (alone.grade, alone.person, alone.reasons) == (Grade.MAYBE, None, ("unproved",))
    near = match(given("Awa Traorée", contacts=[PHONE]), people)
    assert near.reasons == ("unproved",)
    assert match(given("TRAORE Awa", contacts=[PHONE]), people).grade == Grade.KNOWN


def test_another_name_on_the_line_is_for_a_person():
    answer = match(given("Rose Kaya", contacts=[PHONE]), [person(contacts=[PHONE], proved=[PHONE])])
    assert (answer.grade, answer.person, answer.reasons) == (Grade.MAYBE, None, ("other_name",))


def test_conflicting_identifiers_never_match_by_themselves():
    people = [
        person("a", contacts=[PHONE], proved=[PHONE]),
        person("b", contacts=[MAIL], proved=[MAIL]),
    ]
    answer = match(given("Awa Traoré", contacts=[PHONE, MAIL]), people)
    assert (answer.grade, answer.person, answer.reasons) == (Grade.MAYBE, None, ("conflict",))
    assert answer.candidates == ("a", "b")


def test_a_shared_phone_never_matches_even_with_the_right_name():
    people = [
        person("a", contacts=[PHONE, MAIL], proved=[PHONE, MAIL]),
        person("b", "Luc Petit", contacts=[PHONE], proved=[PHONE]),
    ]
    for contacts in ([PHONE], [PHONE, MAIL]):
        answer = match(given("Awa Traoré", contacts=contacts), people)
        assert (answer.grade, answer.person, answer.reasons) == (Grade.MAYBE, None, ("shared",))


def test_name_and_home_are_a_maybe_and_a_name_alone_is_nothing():
    people = [person(homes=["7"])]
    answer = match(given("Traoré Awa", homes=["7"]), people)
    assert (answer.grade, answer.reasons) == (Grade.MAYBE, ("name_and_home",))
    assert match(given("Traoré Awa", homes=["8"]), people).grade == Grade.UNKNOWN
    assert match(given("Rose Kaya", homes=["7"]), people).grade == Grade.UNKNOWN
    assert match(given(), people).candidates == ()
