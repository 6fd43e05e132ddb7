"""Limits of chance against published numbers and against chance itself."""

import math
import random

import pytest

from requests.stock_insight import control, drawings


def test_u_limits_are_those_of_the_handbook_formula():
    """ū ± 3 √(ū / n), by hand: 30 faults of 1,000 homes in each of ten months."""
    chart = control.u_chart([(f"m{n}", 30, 1000) for n in range(10)])
    assert chart.centre == pytest.approx(3.0)
    spread = 3 * math.sqrt(0.03 / 1000) * 100
    assert chart.points[0].high == pytest.approx(3.0 + spread)
    assert chart.points[0].low == pytest.approx(3.0 - spread)


def test_a_month_far_out_is_a_change_and_nothing_else_is():
    chart = control.u_chart([(f"m{n}", 30, 1000) for n in range(11)] + [("bad", 80, 1000)])
    assert [p.name for p in chart.points if p.signal == "above"] == ["bad"]
    assert not any(p.signal for p in chart.points[:-1] if p.signal != "run")


def test_nine_on_one_side_are_a_change():
    months = [(f"a{n}", 20, 1000) for n in range(9)] + [(f"b{n}", 26, 1000) for n in range(9)]
    chart = control.u_chart(months)
    assert [p.name for p in chart.points if p.signal == "run"] == ["a8", "b8"]


def test_a_lower_limit_is_never_below_nothing():
    assert control.u_chart([("m", 1, 100), ("n", 0, 100)]).points[0].low == 0


def test_funnel_limits_are_quantiles_of_poisson():
    """Poisson(10): P(X ≤ 17) = 0.9857, P(X ≤ 16) = 0.9730; P(X ≤ 21) = 0.9993 > 0.999."""
    found = control.limits(10)
    assert (found.high_inner, found.high_outer) == (17, 21)
    assert found.low_outer == 2


def test_chance_alone_is_hardly_ever_called_a_change():
    chance = random.Random(7)
    called = 0
    for _trial in range(3000):
        expected = chance.choice([1, 4, 12])
        count = sum(chance.random() < expected / 200 for _home in range(200))
        called += control.verdict(count, expected) == "change"
    assert called / 3000 < 0.004


def test_places_that_differ_widen_the_funnel():
    alike = [(10, 10.0)] * 30
    assert control.overdispersion(alike) == 1
    different = [(4, 10.0)] * 15 + [(16, 10.0)] * 15
    spread = control.overdispersion(different)
    assert spread > 3
    assert control.verdict(22, 10.0) == "change"
    assert control.verdict(22, 10.0, spread) != "change"


def test_ticks_are_round_and_reach():
    assert [drawings.nice_step(most) for most in (0, 0.8, 7, 130)] == [1, 0.2, 2, 50]


def test_a_chart_without_months_draws_nothing():
    assert drawings.u_chart(control.Chart(0.0, ())).marks == []
    assert drawings.funnel([], 0.0, 1.0).marks == []
