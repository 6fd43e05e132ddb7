"""How long the long tests are: short in ``make test``, whole in ``make trust``.

``PALIER_TRUST=1`` makes them whole; ``make trust`` sets it and runs those marked ``trust``.
"""

import os

WHOLE = os.environ.get("PALIER_TRUST", "") not in {"", "0"}


def size(short: int, whole: int) -> int:
    """Return how many cases to try in this run."""
    return whole if WHOLE else short
