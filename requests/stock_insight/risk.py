"""Pure: which equipment is likely to fail within a month, and why, in words.

A logistic regression over few plain facts of each piece of equipment, so that each reason can be
said: a fact that raises the odds is named, the strongest first. It is trained on the months before,
and judged on months that it never saw, beside the list that anybody would make by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

AHEAD = timedelta(days=30)
ONE_FAULT = timedelta(hours=48)  # reports that follow within so long are about the same fault
MOST_REASONS = 3
LISTED = 20  # of a list, of each month of a backtest
HELD_OUT = 6  # months
LEAST_FAULTS = 30  # to learn from; below, the naive list is shown and said to be it
NAMES = ("month", "quarter", "year", "reopened", "age", "missed", "beside", "recent")


@dataclass(frozen=True)
class History:
    """What is known of one piece of equipment: days of faults, oldest first, and the rest.

    ``beside``: days of faults of the same kind in the same building. ``missed``: the days from
    which a visit that law or contract asks for was missed.
    """

    pk: int
    kind: str
    installed: int | None
    faults: tuple[date, ...] = ()
    reopened: tuple[date, ...] = ()
    beside: tuple[date, ...] = ()
    missed: tuple[date, ...] = ()


@dataclass(frozen=True)
class Facts:
    """The facts of one piece of equipment on a day, each a count or a size."""

    month: int
    quarter: int
    year: int
    reopened: int
    age: int
    missed: int
    beside: int
    recent: int  # days since the last fault, 365 at most

    def vector(self) -> list[float]:
        """Return the facts on scales that differ little; further faults count less and less."""
        return [
            float(numpy.log1p(self.month)),
            float(numpy.log1p(self.quarter)),
            float(numpy.log1p(self.year)),
            float(numpy.log1p(self.reopened)),
            self.age / 10,
            float(min(self.missed, 2)),
            float(numpy.log1p(self.beside)),
            1 - self.recent / 365,
        ]


@dataclass(frozen=True)
class Risk:
    """One piece of equipment: its chance of failing within a month, and what makes it.

    ``weights``: by how much each fact raises the logarithm of the odds above those of all.
    """

    pk: int
    chance: float
    facts: Facts
    weights: dict[str, float]


@dataclass(frozen=True)
class Backtest:
    """How both lists did on months that were held out.

    ``listed`` entries in all; of each list how many had a fault within the month after; ``base`` is
    the share of all equipment that had.
    """

    months: int
    listed: int
    model: int
    naive: int
    base: float

    @property
    def model_rate(self) -> float:
        return self.model / self.listed if self.listed else 0.0

    @property
    def naive_rate(self) -> float:
        return self.naive / self.listed if self.listed else 0.0


def _since(days: Sequence[date], at: date, back: int) -> int:
    start = at - timedelta(days=back)
    return sum(1 for day in days if start <= day < at)


def facts_on(history: History, at: date) -> Facts:
    """Return what was known on the morning of ``at``; nothing later is looked at."""
    past = [day for day in history.faults if day < at]
    age = max(at.year - history.installed, 0) if history.installed else 15
    return Facts(
        month=_since(past, at, 30),
        quarter=_since(past, at, 90),
        year=_since(past, at, 365),
        reopened=_since(history.reopened, at, 365),
        age=min(age, 60),
        missed=_since(history.missed, at, 180),
        beside=_since(history.beside, at, 365),
        recent=min((at - past[-1]).days, 365) if past else 365,
    )


def fails_after(history: History, at: date) -> bool:
    """Return whether a fault begins within a month from ``at``."""
    return any(at <= day < at + AHEAD for day in history.faults)


def learn(histories: Sequence[History], days: Sequence[date]) -> "LogisticRegression | None":
    """Return a model trained on what followed each of ``days``; None where too little failed."""
    rows = [(facts_on(h, day).vector(), fails_after(h, day)) for h in histories for day in days]
    answers = [failed for _vector, failed in rows]
    if sum(answers) < LEAST_FAULTS or all(answers):
        return None
    # It takes a second to import, and every process of the portal would wait for it.
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit(numpy.array([vector for vector, _failed in rows]), numpy.array(answers))
    return model


def warn(model: "LogisticRegression", histories: Sequence[History], at: date) -> list[Risk]:
    """Return all equipment with its chance and what makes it, the likeliest first."""
    if not histories:
        return []
    known = [facts_on(history, at) for history in histories]
    vectors = numpy.array([facts.vector() for facts in known])
    chances = model.predict_proba(vectors)[:, 1]
    usual = vectors.mean(axis=0)
    found = [
        Risk(
            history.pk,
            float(chance),
            facts,
            dict(zip(NAMES, map(float, model.coef_[0] * (vector - usual)), strict=True)),
        )
        for history, facts, vector, chance in zip(histories, known, vectors, chances, strict=True)
    ]
    return sorted(found, key=lambda row: (-row.chance, row.pk))


def naive(histories: Sequence[History], at: date) -> list[int]:
    """Return the list that anybody would make: most faults within the last year first."""
    return [
        history.pk for history in sorted(histories, key=lambda h: (-facts_on(h, at).year, h.pk))
    ]


def reasons_of(facts: Facts, weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return the facts that raise the chance, in words, the strongest first."""
    order = sorted((name for name in NAMES if weights[name] > 0), key=lambda n: -weights[n])
    said: list[str] = []
    faults = False
    for name in order:
        if name in ("month", "quarter", "year"):
            if faults:
                continue  # one sentence about faults is enough
            faults = True
        words = _words(name, facts)
        if words and words not in said:
            said.append(words)
    return tuple(said[:MOST_REASONS])


def _words(name: str, facts: Facts) -> str:
    """Return one fact in words; "" where there is nothing to say of it."""
    number = getattr(facts, name)
    if name == "recent":
        said = ngettext("last fault %(n)s day ago", "last fault %(n)s days ago", max(number, 1))
        return said % {"n": max(number, 1)} if number < 90 else ""
    if not number:
        return ""
    if name == "age":
        return _("%(n)s years old") % {"n": number} if number >= 20 else ""
    texts = {
        "month": ngettext("%(n)s fault in a month", "%(n)s faults in a month", number),
        "quarter": ngettext("%(n)s fault in three months", "%(n)s faults in three months", number),
        "year": ngettext("%(n)s fault in a year", "%(n)s faults in a year", number),
        "reopened": ngettext(
            "%(n)s repair that did not hold", "%(n)s repairs that did not hold", number
        ),
        "missed": ngettext("%(n)s visit missed", "%(n)s visits missed", number),
        "beside": ngettext(
            "%(n)s fault of its neighbour in the building",
            "%(n)s faults of its neighbours in the building",
            number,
        ),
    }
    return texts[name] % {"n": number}


def months_before(day: date, number: int) -> list[date]:
    """Return the days 30, 60, … days before ``day``, oldest first."""
    return [day - AHEAD * step for step in range(number, 0, -1)]


def backtest(
    histories: Sequence[History],
    today: date,
    *,
    trained: int = 12,
    held_out: int = HELD_OUT,
    listed: int = LISTED,
) -> Backtest | None:
    """Judge both lists on the ``held_out`` months before ``today``; None where too little failed.

    The model learns from ``trained`` months that end before the first held-out one begins, so that
    it knows nothing of what it is asked.
    """
    tested = months_before(today, held_out)
    model = learn(histories, months_before(tested[0], trained))
    if model is None:
        return None
    failing = {day: {h.pk for h in histories if fails_after(h, day)} for day in tested}
    hits = guessed = entries = 0
    for day in tested:
        mine = [row.pk for row in warn(model, histories, day)[:listed]]
        theirs = naive(histories, day)[:listed]
        hits += len(failing[day] & set(mine))
        guessed += len(failing[day] & set(theirs))
        entries += len(mine)
    base = sum(len(found) for found in failing.values()) / (len(tested) * len(histories))
    return Backtest(len(tested), entries, hits, guessed, base)


def one_fault_each(moments: Sequence) -> list:
    """Return the first report of each fault: what follows within 48 hours is the same one."""
    found: list = []
    last = None
    for at in sorted(moments):
        if last is None or at - last > ONE_FAULT:
            found.append(at)
        last = at
    return found
