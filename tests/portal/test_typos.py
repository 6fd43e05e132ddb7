"""What counts as a slip: a letter changed, added, dropped, or swapped with the next."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal import typos

WORDS = some.text("abcdeio", min_size=4, max_size=8)


@pytest.mark.parametrize(
    ("typed", "word", "near"),
    [
        ("troare", "traore", True),
        ("traoree", "traore", True),
        ("troar", "traore", True),  # still being typed
        ("trop", "traore", False),
        ("trou", "traore", False),
        ("lin", "lis", False),  # too short to tell
        ("1234", "1243", False),  # numbers are exact
        ("bateleirs", "bateliers", True),
        ("batelirs", "bateliers", True),
        ("charpentier", "charpantiers", True),
    ],
)
def test_near(typed, word, near):
    assert typos.is_near(typed, word) is near


@given(WORDS, some.data())
def test_each_word_one_slip_away_is_like_one_of_the_patterns(word, data):
    place = data.draw(some.integers(0, len(word) - 1))
    letter = data.draw(some.sampled_from("abcdeio"))
    swapped = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    others = [
        swapped,
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
    ]
    shapes = [
        re.compile(re.escape(shape).replace("%", ".*").replace("_", "."))
        for shape in typos.patterns(word)
    ]
    for other in others:
        assert any(shape.fullmatch(other) for shape in shapes), (word, other)


def test_a_text_that_is_no_word_makes_no_pattern():
    for typed in ("", "abc", "a_b%c", "50%50", "12345"):
        assert typos.patterns(typed) == []
