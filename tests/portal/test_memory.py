"""What a page asks once, and that nothing is kept beyond it."""

from itertools import count

from portal.memory import is_reading_once, once, reading_once, remember


def test_answers_are_kept_for_one_page_alone():
    number = count()

    def ask() -> int:
        return once("number", lambda: next(number))

    assert (ask(), ask()) == (0, 1)
    with reading_once():
        assert (ask(), ask()) == (2, 2)
        with reading_once():  # a page within another's block keeps its own
            assert ask() == 3
        assert ask() == 2
    assert not is_reading_once()
    assert ask() == 4


def test_what_came_along_is_not_asked_for():
    remember("unit", 1)
    assert once("unit", lambda: 2) == 2
    with reading_once():
        remember("unit", 1)
        remember("unit", 3)
        assert once("unit", lambda: 2) == 1


def test_none_is_an_answer_too():
    asked = []
    with reading_once():
        for _ in range(2):
            assert once("leader", lambda: asked.append(1)) is None
    assert asked == [1]
