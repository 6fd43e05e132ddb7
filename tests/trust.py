"""How long the long tests are: short in ``make test``, whole in ``make trust``.

``PALIER_TRUST=1`` makes them whole; ``make trust`` sets it and runs those marked ``trust``, ``make
mutants`` sets it and runs those marked ``mutant``.
``PALIER_TRUST_SEED`` repeats a run; otherwise each run draws its own.
"""

import os
from functools import cache
from random import SystemRandom
from typing import TypeVar

T = TypeVar("T")
WHOLE = os.environ.get("PALIER_TRUST", "") not in {"", "0"}


@cache
def seed() -> int:
    """Return what this run draws its cases from."""
    return int(os.environ.get("PALIER_TRUST_SEED") or SystemRandom().randrange(10**6) * 1000)


def size(short: int, whole: int) -> int:
    """Return how many cases to try in this run."""
    return whole if WHOLE else short


def sample(short: list[T], whole: list[T]) -> list[T]:
    """Return the cases of this run."""
    return whole if WHOLE else short
