"""Samples, means with their intervals, and what is hidden of a wave. Pure."""

from random import Random

import pytest

from requests.surveys import results, sample, statistics
from requests.surveys.models import Survey


def cell(**marks: int) -> list[int]:
    made = statistics.empty()
    for name, times in marks.items():
        made[int(name[1:])] = times
    return made


def test_each_unit_gives_its_share_and_no_more_than_can_be_asked():
    homes = {1: 200, 2: 5, 3: 40}
    available = {1: list(range(200)), 2: list("abcde"), 3: [7]}
    drawn = sample.draw(available, homes, 10, Random(1))
    assert {unit: len(rows) for unit, rows in drawn.items()} == {1: 20, 2: 1, 3: 1}
    assert all(len(set(rows)) == len(rows) for rows in drawn.values())


def test_every_home_has_the_same_chance():
    times = [0] * 10
    for seed in range(2_000):
        for home in sample.draw({1: range(10)}, {1: 10}, 20, Random(seed))[1]:
            times[home] += 1
    assert sum(times) == 4_000
    assert all(330 < n < 470 for n in times)  # 400 expected, five deviations


def test_the_mean_and_its_interval_by_hand():
    found = statistics.mean(cell(m6=2, m8=2))
    assert (found.value, found.n) == (7.0, 4)
    assert found.variance == pytest.approx(4 / 3 / 4)
    assert (found.low, found.high) == pytest.approx((5.868, 8.132), abs=0.001)


def test_who_asked_everybody_knows():
    assert statistics.mean(cell(m6=2, m8=2), homes=4).variance == 0
    assert statistics.mean(cell(m6=2, m8=2), homes=8).variance == pytest.approx(1 / 6)


def test_answers_all_alike_are_no_certainty():
    assert statistics.mean(cell(m9=3)).variance > 0
    assert statistics.mean(statistics.empty()) is None


def test_a_unit_counts_by_its_homes_not_by_who_answered():
    cells = {"small": cell(m10=90), "large": cell(m0=10)}
    found = statistics.weighted(cells, {"small": 100, "large": 900})
    assert found.value == pytest.approx(1.0)
    assert found.n == 100


def test_two_waves_differ_only_by_more_than_chance():
    assert statistics.differ(statistics.mean(cell(m9=90)), statistics.mean(cell(m5=90)))
    assert not statistics.differ(statistics.mean(cell(m9=1, m1=2)), statistics.mean(cell(m5=3)))


def wave(**units: int) -> Survey:
    marks = {"1": {unit: cell(m8=n) for unit, n in units.items()}}
    kept = {"homes": {unit: 100 for unit in units}, "marks": {"unit": marks, "channel": {}}}
    return Survey(name="x", results=kept)


@pytest.mark.parametrize(
    ("units", "hidden"),
    [
        ({"a": 9, "b": 8, "c": 7}, set()),
        ({"a": 9, "b": 8, "c": 4}, {"b", "c"}),  # the total would tell a single one
        ({"a": 9, "b": 1, "c": 4}, {"b", "c"}),
        ({"a": 2, "b": 1}, {"a", "b"}),
    ],
)
def test_one_to_four_persons_are_hidden_and_what_would_tell_them(units, hidden):
    found = results._found(wave(**units), 1, "q", "q", {})
    assert {one.key for one in found.units if one.hidden} == (
        hidden if sum(units.values()) >= 5 else set()
    )
    assert all(one.mean is None for one in found.units if one.hidden)
    if sum(units.values()) < 5:
        assert found.mean is None
