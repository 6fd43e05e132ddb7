"""The list: it knows nothing of the future, says why, and beats the naive list where it can."""

import random
from datetime import date, datetime, timedelta, timezone

from requests.stock_insight import risk
from requests.stock_insight.risk import History

TODAY = date(2026, 11, 18)


def worn(number: int = 150, seed: int = 3) -> list[History]:
    """Equipment of which a few wear out for some months, then are mended: the past misleads."""
    chance = random.Random(seed)
    made = []
    for pk in range(number):
        faults: list[date] = []
        bad_from = chance.randrange(0, 900)
        for back in range(900, 0, -1):
            day = TODAY - timedelta(days=back)
            worn_out = bad_from - 120 < back <= bad_from
            if chance.random() < (0.06 if worn_out else 0.003):
                faults.append(day)
        made.append(History(pk, "lift", 1980 + pk % 40, tuple(faults)))
    return made


def test_a_fact_looks_at_the_past_only():
    later = History(1, "lift", 2000, faults=(TODAY, TODAY + timedelta(days=3)))
    assert risk.facts_on(later, TODAY).year == 0
    assert risk.facts_on(later, TODAY + timedelta(days=1)).month == 1
    assert risk.fails_after(later, TODAY)
    assert not risk.fails_after(later, TODAY + timedelta(days=4))


def test_the_list_beats_most_faults_last_year_where_machines_wear_out():
    found = risk.backtest(worn(), TODAY)
    assert found is not None
    assert found.months == risk.HELD_OUT
    assert found.listed == risk.HELD_OUT * risk.LISTED
    assert found.model_rate > max(found.naive_rate, found.base) + 0.2


def test_the_backtest_learns_from_nothing_that_it_is_asked(monkeypatch):
    learnt = []
    learn = risk.learn
    monkeypatch.setattr(risk, "learn", lambda h, days: learnt.extend(days) or learn(h, days))
    risk.backtest(worn(60), TODAY)
    first_tested = risk.months_before(TODAY, risk.HELD_OUT)[0]
    assert max(learnt) + risk.AHEAD <= first_tested


def test_too_few_faults_are_not_learned_from():
    assert risk.backtest([History(1, "lift", 2000)], TODAY) is None


def test_reasons_are_words_and_about_what_counts(settings):
    settings.LANGUAGE_CODE = "en"
    facts = risk.Facts(month=2, quarter=3, year=5, reopened=1, age=31, missed=1, beside=0, recent=4)
    weights = dict.fromkeys(risk.NAMES, 0.1) | {"missed": 0.9, "month": 0.8, "quarter": 0.7}
    said = risk.reasons_of(facts, weights)
    assert said == ("1 visit missed", "2 faults in a month", "1 repair that did not hold")


def test_a_fact_that_lowers_the_chance_is_no_reason():
    facts = risk.Facts(
        month=0, quarter=0, year=1, reopened=0, age=40, missed=0, beside=0, recent=300
    )
    assert risk.reasons_of(facts, dict.fromkeys(risk.NAMES, -0.5)) == ()


def test_reports_within_two_days_are_one_fault():
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    hours = (0, 5, 40, 200, 210)
    assert len(risk.one_fault_each([at + timedelta(hours=h) for h in hours])) == 2
