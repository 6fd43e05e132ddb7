"""How a functional need changes the urgency of a fault (docs/principles.md, C3). Pure."""

from collections.abc import Iterable

from requests.kit.choices import Urgency

# Needs that make waiting harder. The others change how we contact a person, not how soon.
HARDER_TO_WAIT = frozenset({"stairs", "infant"})
LADDER = (Urgency.U1, Urgency.U2, Urgency.U3, Urgency.U4, Urgency.U5)


def raise_urgency(urgency: str, needs: Iterable[str]) -> str:
    """Return ``urgency`` one class higher when one of the coded ``needs`` asks for it.

    Never beyond U1: U0 is danger to life and comes from the fault alone. Administrative classes
    stay unchanged.
    """
    if urgency not in LADDER or not HARDER_TO_WAIT.intersection(needs):
        return urgency
    return str(LADDER[max(0, LADDER.index(urgency) - 1)].value)
