"""The usual range, months and weeks, intervals, and the rule of what is hidden. Pure."""

from datetime import date

import pytest

from requests.figures import charts, markup
from requests.figures.charts import Bar, Dot, Part, Point, Range
from requests.figures.period import (
    is_above,
    is_below,
    month_starts,
    usual_range,
    week_starts,
)
from requests.kit import masks
from requests.kit.intervals import median_interval, share_interval


def test_the_habit_is_the_middle_half_of_the_past():
    assert usual_range([10, 12, None, 11, 13, 14]) is None
    assert usual_range([10, 10, 12, 12, 14, 14, None]) == (10.5, 13.5)


@pytest.mark.parametrize(
    ("value", "usual", "above", "below"),
    [
        (15.5, (10, 13.5), True, False),
        (14.5, (10, 13.5), False, False),
        (12.5, (12, 12), False, False),
        (8, (10, 13.5), False, True),
        (99.0, None, False, False),
        (None, (1, 2), False, False),
    ],
)
def test_apart_from_ones_own_habit(value, usual, above, below):
    assert is_above(value, usual) is above
    assert is_below(value, usual) is below


def test_months_and_weeks():
    assert month_starts(date(2026, 1, 31), 2) == [date(2025, 12, 1), date(2026, 1, 1)]
    assert week_starts(date(2026, 11, 18), 2) == [date(2026, 11, 9), date(2026, 11, 16)]


@pytest.mark.parametrize(
    ("line", "total_shown", "hidden"),
    [
        ({"a": 0, "b": 7}, True, set()),
        ({"a": 4, "b": 7, "c": 9}, False, {"a"}),
        ({"a": 4, "b": 7, "c": 9}, True, {"a", "b"}),
        ({"a": 1, "b": 2, "c": 9}, True, {"a", "b"}),
        ({"a": 1, "b": 0}, True, {"a", "b"}),
        ({"a": 1}, True, {"a"}),
    ],
)
def test_what_is_hidden_cannot_be_computed(line, total_shown, hidden):
    assert masks.hidden(line, total_shown=total_shown) == hidden


def test_intervals_hold_the_value_and_narrow_with_numbers():
    low, high = share_interval(8, 10)
    assert low < 0.8 < high
    more = share_interval(800, 1000)
    assert more[1] - more[0] < high - low
    assert share_interval(0, 0) is None
    # Published: Wilson's interval of 81 in 263 is 0.2553 to 0.3662 (Newcombe 1998, method 3).
    assert [round(bound, 4) for bound in share_interval(81, 263)] == [0.2553, 0.3662]
    assert median_interval({3: 1}) == (3, 3)
    low, high = median_interval(dict.fromkeys(range(100), 1))
    assert (low, high) == (39, 59)
    with pytest.raises(ValueError, match="no value"):
        median_interval({})


def test_a_gap_cuts_the_line_and_the_band_lies_within():
    points = [Point("a", 10), Point("b", None), Point("c", 20), Point("d", 20, "vingt", "/x/")]
    drawing = charts.line(points, band=(5, 10), says="Ligne")
    band = next(shape for shape in drawing.shapes if shape.look == "usual")
    assert 0 <= band.at["y"] <= drawing.height - band.at["height"]
    path = next(shape for shape in drawing.shapes if shape.look == "line")
    assert str(path.at["d"]).count("M") == 2
    assert len([shape for shape in drawing.shapes if shape.kind == "circle"]) == 3
    assert not charts.line([Point("a", None)]).shapes


def test_charts_are_markup_that_escapes_and_links():
    mark = Part(3, "bar-yes", "100 %", "<b>", "/figures/?a=1&b=2")
    drawn = markup.svg(charts.stacked([Bar("<i>", [mark, Part(0, "bar-no")])], says='"x"'))
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert 'href="/figures/?a=1&amp;b=2"' in drawn
    assert drawn.count("<rect") == 1
    assert markup.svg(charts.ranges([Range("a", 1, 2, 9)])).count("<circle") == 1
    assert markup.svg(charts.dots(["a"], [Dot("a", 2, 9, "x"), Dot("a", 4, 1, "y")])).count(
        "<circle"
    ) == 2  # fmt: skip


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 7), (58, 100), (0, 3650), (3, 3.2)])
def test_ticks_go_around_the_values(low, high):
    steps = charts.ticks(low, high)
    assert steps[0] <= low
    assert steps[-1] >= high
    assert 2 <= len(steps) <= 7


@pytest.mark.parametrize(("value", "dark"), [(0, 0), (1, 1), (5, 2), (9, 3), (10, 3)])
def test_a_cell_is_darker_the_more_there_is(value, dark):
    assert charts.shade(value, 10) == dark
