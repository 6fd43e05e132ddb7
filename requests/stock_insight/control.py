"""Pure: limits that tell noise from change, for counts of faults per 100 dwellings.

u chart: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.1 "Counts control charts"
(https://www.itl.nist.gov/div898/handbook/pmc/section3/pmc331.htm): limits ū ± 3 √(ū / n).
Run of nine points on one side: Nelson, "The Shewhart control chart: tests for special causes",
Journal of Quality Technology 16 (1984), rule 2.
Funnel: Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in
Medicine 24 (2005), 1185-1202: limits at 95 % and 99.8 %, from the Poisson distribution; where
places differ more than chance would have it, widened by the overdispersion φ of winsorised z-scores
(its appendix A.3.1). docs/stock-insight.md says it in words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

PER = 100
RUN = 9
INNER, OUTER = 0.95, 0.998
WINSORISED = 0.1  # of the z-scores at each end
LEAST_PLACES = 10  # below, no overdispersion is reckoned


@dataclass(frozen=True)
class Point:
    """One month of a u chart: ``rate`` and limits per 100 dwellings; ``signal`` says what is odd.

    ``signal`` is "" (noise), "above", "below" or "run".
    """

    name: str
    count: int
    dwellings: int
    rate: float
    low: float
    high: float
    signal: str = ""


@dataclass(frozen=True)
class Chart:
    """A u chart; ``centre`` is ū per 100 dwellings."""

    centre: float
    points: tuple[Point, ...]


def u_chart(months: Sequence[tuple[str, int, int]]) -> Chart:
    """Return the u chart of months given as name, faults and dwellings (more than none)."""
    dwellings = sum(size for _name, _count, size in months)
    mean = sum(count for _name, count, _size in months) / dwellings if dwellings else 0.0
    points: list[Point] = []
    for name, count, size in months:
        spread = 3 * math.sqrt(mean / size)
        low, high, rate = max(mean - spread, 0.0), mean + spread, count / size
        signal = "above" if rate > high else "below" if rate < low else ""
        points.append(Point(name, count, size, rate * PER, low * PER, high * PER, signal))
    return Chart(mean * PER, tuple(_with_runs(points, mean * PER)))


def _with_runs(points: list[Point], centre: float) -> list[Point]:
    """Mark the points from the ninth in a row on one side of the centre."""
    marked, side, length = [], 0, 0
    for point in points:
        here = (point.rate > centre) - (point.rate < centre)
        length = length + 1 if here and here == side else 1 if here else 0
        side = here
        if length >= RUN and not point.signal:
            values = {**point.__dict__, "signal": "run"}
            point = Point(**values)
        marked.append(point)
    return marked


@dataclass(frozen=True)
class Limits:
    """Counts between which chance alone would leave a place of one size."""

    low_outer: float
    low_inner: float
    high_inner: float
    high_outer: float


def limits(expected: float, spread: float = 1.0) -> Limits:
    """Return the limits of a count with this expectation; ``spread`` is φ, 1 or more."""
    # As dear to import as all of Django, and not for every process of the portal.
    from scipy.stats import norm, poisson

    found = {}
    for name, level in (("inner", INNER), ("outer", OUTER)):
        tail = (1 - level) / 2
        low, high = float(poisson.ppf(tail, expected)), float(poisson.ppf(1 - tail, expected))
        if spread > 1:
            wide = norm.ppf(1 - tail) * math.sqrt(spread * expected)
            low, high = min(low, expected - wide), max(high, expected + wide)
        found[name] = (max(low, 0.0), high)
    return Limits(found["outer"][0], found["inner"][0], found["inner"][1], found["outer"][1])


def overdispersion(places: Sequence[tuple[int, float]]) -> float:
    """Return φ of places given as count and expectation; 1 where chance explains them."""
    scores = sorted((count - mean) / math.sqrt(mean) for count, mean in places if mean > 0)
    if len(scores) < LEAST_PLACES:
        return 1.0
    cut = int(len(scores) * WINSORISED)
    low, high = scores[cut], scores[-cut - 1]
    winsorised = [min(max(score, low), high) for score in scores]
    return max(sum(score**2 for score in winsorised) / len(winsorised), 1.0)


def verdict(count: int, expected: float, spread: float = 1.0) -> str:
    """Return "change" beyond 99.8 %, "watch" beyond 95 %, "noise" otherwise; only what is high."""
    found = limits(expected, spread)
    if count > found.high_outer:
        return "change"
    return "watch" if count > found.high_inner else "noise"
