"""What each code of a provider means for a message, at once and in receipts that come later. Pure.

Sources: twilio.com/docs/api/errors; developers.facebook.com, WhatsApp, "Error codes". A code that
stands nowhere is tried again: only what is known for sure stops an address.
"""

from dataclasses import dataclass
from enum import StrEnum

from requests.channels.mail.refusals import Meaning


class Fate(StrEnum):
    """What became of a message. ``NONE``: nothing that concerns us, as « sent » or « queued »."""

    NONE = ""
    DELIVERED = "delivered"
    HARD = "hard"  # the address is wrong: it is left out from now on
    LOST = "lost"  # this message never arrives, and the address is not to blame
    SOFT = "soft"  # not now: it is tried again


@dataclass(frozen=True)
class Codes:
    """The codes of one provider, each in one of four sets.

    ``hard``: the person cannot be reached at this address. ``lost``: the same by any attempt, for a
    fault of the message or their own choice. ``reputation``: whatever we send is refused until
    somebody acts. ``soft``: it passes with time.
    """

    hard: frozenset[int]
    lost: frozenset[int]
    reputation: frozenset[int]
    soft: frozenset[int]

    def fate(self, code: object) -> Fate:
        """Return what a failure with this code means."""
        if code in self.hard:
            return Fate.HARD
        return Fate.LOST if code in self.lost or code in self.reputation else Fate.SOFT

    def reason(self, code: object) -> str:
        """Return ``reputation`` when the provider refuses whatever comes from us, "" otherwise."""
        return Meaning.REPUTATION if code in self.reputation else ""


# A phone that is off (30003) or a message that a filter took (30007) says nothing against a number.
SMS = Codes(
    # No such number, one that takes no texts, or whose owner wrote STOP.
    hard=frozenset({21211, 21214, 21217, 21610, 21614, 21635, 30005, 30006}),
    lost=frozenset(
        {
            *(21408, 21602, 21605, 21612, 21617, 21656, 30004, 30007, 30010, 30019, 30038, 30044),
            30450,
        }
    ),
    # Account, sender, registration.
    reputation=frozenset(
        {
            *(20003, 20005, 21603, 21606, 21607, 21608, 21704, 30002, 30018, 30024, 30032, 30034),
            30040,
        }
    ),
    soft=frozenset(
        {
            *(20429, 21611, 30001, 30003, 30008, 30009, 30017, 30022, 30023, 30027, 30036, 30410),
            *(30500, 63018),
        }
    ),
)
MESSAGING = Codes(
    hard=frozenset({131026}),
    lost=frozenset(
        {
            *(100, 130472, 131008, 131009, 131021, 131030, 131047, 131049, 131050, 131051, 131052),
            *(131053, 131062, 132000, 132005, 132007, 132012, 132068, 135000),
        }
    ),
    # Token, rights, payment, template, account.
    reputation=frozenset(
        {
            *(0, 3, 10, 190, *range(200, 300), 368, 131005, 131031, 131037, 131042, 131045, 133010),
            *(132001, 132015, 132016),
        }
    ),
    soft=frozenset(
        {
            *(1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 132069, 133004),
        }
    ),
)
