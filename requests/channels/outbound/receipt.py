"""The answers of providers in one vocabulary: at once, and in receipts that come later.

Each adapter maps its provider's codes, one by one, to a ``Fate``; what the portal does about one is
decided once (``requests/notifications/outgoing.py``).
"""

from dataclasses import dataclass

from requests.channels.provider_codes import Fate


@dataclass(frozen=True)
class Receipt:
    """The answer of a provider. ``bad_address``: the address itself is wrong, not the message.

    ``reason`` is ``reputation`` when it refuses whatever comes from us, ``full`` for a full box.
    """

    ok: bool
    provider_id: str = ""
    answer: str = ""
    permanent: bool = False
    bad_address: bool = False
    reason: str = ""


def refused(fate: Fate, answer: str, reason: str = "") -> Receipt:
    """Return the receipt of a message that a provider did not take."""
    return Receipt(
        False,
        answer=answer,
        permanent=fate in (Fate.HARD, Fate.LOST),
        bad_address=fate == Fate.HARD,
        reason=reason,
    )
