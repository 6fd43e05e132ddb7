"""Who writes from one number: each case of the rule, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.contact_strength import Grade, Holder, Sender, Strength, strength, who_writes

STATED, CONFIRMED, PROVED, DEAD = (
    Strength.STATED,
    Strength.CONFIRMED,
    Strength.PROVED,
    Strength.DEAD,
)


def holder(person: str, worth: Strength = STATED, *homes: str, sure: bool = True) -> Holder:
    return Holder(person, worth, frozenset(homes), sure)


@pytest.mark.parametrize(
    ("row", "worth"),
    [
        ({}, STATED),
        ({"proof": "colleague"}, CONFIRMED),
        ({"proof": "code"}, PROVED),
        ({"proof": "link"}, PROVED),
        ({"verified": True}, PROVED),
        ({"verified": True, "failing": True}, DEAD),
    ],
)
def test_strength_of_a_row(row, worth):
    assert strength(**{"verified": False, "proof": "", "failing": False, **row}) == worth


@pytest.mark.parametrize(
    ("holders", "want"),
    [
        ([], Sender()),
        ([holder("a", DEAD, "1")], Sender()),
        ([holder("a", STATED, "1")], Sender(Grade.PROBABLY, "a", "1", ("a",))),
        ([holder("a", CONFIRMED, "1")], Sender(Grade.SURE, "a", "1", ("a",))),
        ([holder("a", PROVED, "1")], Sender(Grade.SURE, "a", "1", ("a",), True)),
        ([holder("a", PROVED)], Sender(Grade.SURE, "a", None, ("a",), True)),
        ([holder("a", STATED, "1", "2")], Sender(Grade.PROBABLY, "a", None, ("a",))),
        (
            [holder("a", PROVED, "1", sure=False)],
            Sender(Grade.PROBABLY, "a", "1", ("a",), True),
        ),
        (
            [holder("a", STATED, "1"), holder("b", PROVED, "1")],
            Sender(Grade.PROBABLY, None, "1", ("a", "b")),
        ),
        (
            [holder("a", STATED, "1"), holder("b", PROVED, "2")],
            Sender(Grade.SHARED, people=("a", "b")),
        ),
        # Somebody who left counts only when the number was proved to be theirs.
        (
            [holder("a", STATED, "1"), holder("b", STATED)],
            Sender(Grade.PROBABLY, "a", "1", ("a",)),
        ),
        (
            [holder("a", STATED, "1"), holder("b", PROVED)],
            Sender(Grade.SHARED, people=("a", "b")),
        ),
        ([holder("a"), holder("b")], Sender(Grade.SHARED, people=("a", "b"))),
        ([holder("a", PROVED, "1"), holder("b", DEAD, "2")],
         Sender(Grade.SURE, "a", "1", ("a",), True)),
    ],
)  # fmt: skip
def test_who_writes(holders, want):
    assert who_writes(holders) == want


HOLDERS = st.lists(
    st.builds(
        Holder,
        st.sampled_from("abc"),
        st.sampled_from(Strength),
        st.frozensets(st.sampled_from("123"), max_size=2),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda row: row.person,
)


@given(HOLDERS, st.booleans())
def test_nobody_becomes_author_whose_number_another_home_has(holders, proven):
    found = who_writes(holders, proven=proven)
    if found.author:
        (mine,) = [row for row in holders if row.person == found.author]
        assert proven
        assert mine.strength >= CONFIRMED
        others = [row for row in holders if row is not mine and row.strength > DEAD]
        assert not [row for row in others if row.homes or row.strength > STATED]
    if found.home:
        assert proven
        assert found.grade in (Grade.SURE, Grade.PROBABLY)
        # Everybody of another home who has it would make it shared.
        assert all(found.home in row.homes for row in holders if row.strength > DEAD and row.homes)
