"""Test the pure rules: repeated repairs, and reports that look like one fault."""

from datetime import UTC, datetime, timedelta

from requests.incidents.clusters import Report, clusters
from requests.work_orders.repeats import Repair, earlier_repairs

T = datetime(2026, 1, 10, 9, tzinfo=UTC)


def hours(count):
    return T + timedelta(hours=count)


def report(number, at, **values):
    return Report(
        **{
            "claim": f"c{number}",
            "family": "ASC",
            "filed": at,
            "building": 1,
            "staircase": 1,
            "equipment": 5,
            "household": f"h{number}",
            **values,
        }
    )


def test_three_households_in_two_days_are_a_group():
    three = [report(n, hours(n * 20)) for n in range(3)]
    found = clusters(three)
    assert [c.claims for c in found] == [("c0", "c1", "c2")]
    assert (found[0].staircase, found[0].equipment) == (1, 5)
    assert clusters(three[:2]) == []
    assert clusters([*three[:2], report(2, hours(49))]) == []


def test_one_household_counts_once_and_other_lifts_apart():
    assert clusters([report(n, hours(n), household="same") for n in range(3)]) == []
    assert clusters([report(n, hours(n), equipment=n) for n in range(3)]) == []
    assert clusters([report(n, hours(n), family=f"F{n}") for n in range(3)]) == []
    mixed = [report(n, hours(n), equipment=None, staircase=n) for n in range(3)]
    assert clusters(mixed)[0].staircase is None


def test_an_old_straggler_does_not_hide_a_burst():
    rows = [report(0, hours(0))] + [report(n, hours(60 + n)) for n in (1, 2, 3)]
    assert clusters(rows)[0].claims == ("c1", "c2", "c3")


def repair(name, filed, done=None, **values):
    return Repair(
        claim=name,
        family="PLO",
        filed=filed,
        done=done,
        **{"dwelling": 7, "staircase": 1, **values},
    )


def test_the_same_thing_again_within_sixty_days():
    new = repair("new", T)
    again = repair("again", T - timedelta(days=40), T - timedelta(days=30))
    edge = repair("edge", T - timedelta(days=80), T - timedelta(days=60))
    old = repair("old", T - timedelta(days=99), T - timedelta(days=61))
    still = repair("open", T - timedelta(days=3))
    neighbour = repair("other", T - timedelta(days=9), T - timedelta(days=8), dwelling=8)
    assert [r.claim for r in earlier_repairs(new, [old, edge, again, still, neighbour, new])] == [
        "again",
        "edge",
    ]
    assert earlier_repairs(repair("x", T, dwelling=None, staircase=None), [again]) == []
    lift = repair("lift", T, equipment=4)
    assert earlier_repairs(lift, [again]) == []
