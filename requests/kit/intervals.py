"""Intervals of 95 %: what chance alone would let a share or a median move. Pure."""

from collections.abc import Mapping
from math import floor, sqrt

Z = 1.96


def share_interval(part: int, whole: int) -> tuple[float, float] | None:
    """Return Wilson's interval of a share; None of nothing.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if not whole:
        return None
    p, z2 = part / whole, Z * Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


def median_interval(values: Mapping[int, int]) -> tuple[int, int]:
    """Return the interval of the median of counted values, by the order statistics around it.

    The binomial bounds of the ranks, by their normal approximation; with few values, all of them.
    Raises ValueError of no value.
    """
    whole = sum(values.values())
    if not whole:
        raise ValueError("no value has no median")
    half = Z * sqrt(whole) / 2
    low = max(1, floor(whole / 2 - half))
    high = min(whole, floor(whole / 2 + half) + 1)
    return _ranked(values, low), _ranked(values, high)


def _ranked(values: Mapping[int, int], rank: int) -> int:
    so_far = 0
    for value, n in sorted(values.items()):
        so_far += n
        if so_far >= rank:
            return value
    raise ValueError("no such rank")
