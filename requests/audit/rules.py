"""Pure: which claims a colleague may open in an emergency, and which never (T24)."""

from requests.kit.choices import Urgency

# Classes that run in calendar time: somebody may be hurt before the office opens.
DANGER = frozenset({Urgency.U0, Urgency.U1, Urgency.U2})


def may_be_opened(*, urgency: str, confidential: bool) -> bool:
    """Return whether a colleague who may not read a claim can open it with a reason.

    Another unit's ordinary claim always. A confidential one only when it is about a danger:
    violence, a vulnerable neighbour. A complaint, a debt or a family matter waits for those who
    deal with it, whatever the reason.
    """
    return not confidential or urgency in DANGER
