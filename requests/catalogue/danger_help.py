"""Whom to call in a danger to life, and with which words, by the fault. Pure.

Numbers: 15, 17, 18, 112 and 114 are the French emergency numbers (Code des postes et des
communications électroniques, R20-6 and the ARCEP's numbering plan), 3919 the national line for
women who suffer violence, 0 800 47 33 33 the gas network's emergency line.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Call:
    """One button: what it says and the number; ``by`` is ``tel`` or ``sms``."""

    label: str | Promise
    number: str
    by: str = "tel"

    @property
    def address(self) -> str:
        """Return the address that lets a phone call or write: ``tel:3919``."""
        return f"{self.by}:{self.number.replace(' ', '')}"


@dataclass(frozen=True)
class DangerHelp:
    """The words of a danger page: its title, its calls in order, and what goes on to filing.

    ``landlord_first``: the landlord's own line, day and night, before the public numbers.
    ``quick_exit``: whoever does harm may stand behind the person who reads.
    """

    title: str | Promise
    calls: tuple[Call, ...]
    go_on: str | Promise
    landlord_first: bool = False
    quick_exit: bool = False


GAS = Call(_("Gas emergency: 0 800 47 33 33"), "0 800 47 33 33")
FIRE_BRIGADE = Call(_("Fire brigade: 18"), "18")
AMBULANCE = Call(_("Ambulance: 15"), "15")
POLICE = Call(_("Police: 17"), "17")
EUROPE = Call(_("Call 112"), "112")
LISTENING = Call(_("Talk to someone, free and day and night: 3919"), "3919")
TEXT = Call(_("Text message to 114: deaf, hard of hearing, or unable to speak"), "114", by="sms")

TO_SAFETY = _("Danger: first get to safety")
SAFE = _("I am safe: continue")
USUAL = DangerHelp(TO_SAFETY, (EUROPE, FIRE_BRIGADE, TEXT), SAFE)
CALLED = _("I have called: continue")
BY_CODE = {
    "GAZ-01": DangerHelp(TO_SAFETY, (GAS, FIRE_BRIGADE, EUROPE, TEXT), SAFE),
    "GAZ-02": DangerHelp(TO_SAFETY, (FIRE_BRIGADE, AMBULANCE, EUROPE, TEXT), SAFE),
    "ELE-01": DangerHelp(TO_SAFETY, (FIRE_BRIGADE, AMBULANCE, EUROPE, TEXT), SAFE),
    "SIN-02": DangerHelp(TO_SAFETY, (FIRE_BRIGADE, EUROPE, TEXT), SAFE),
    "ASC-01": DangerHelp(
        _("Trapped in the lift: stay calm, do not open the doors"),
        (FIRE_BRIGADE, EUROPE, TEXT),
        CALLED,
        landlord_first=True,
    ),
    "VOI-05": DangerHelp(
        _("Someone attacks or threatens you: call for help"), (POLICE, EUROPE, TEXT), SAFE
    ),
    "VOI-06": DangerHelp(
        _("Someone hurts you at home: call for help"),
        (POLICE, LISTENING, TEXT),
        _("I can write now: continue"),
        quick_exit=True,
    ),
    "VOI-11": DangerHelp(
        _("You are worried about a neighbour: call for help"),
        (AMBULANCE, FIRE_BRIGADE, EUROPE, TEXT),
        CALLED,
    ),
}


def help_for(code: str) -> DangerHelp:
    """Return whom to call for the category ``code``; the usual numbers for any other danger."""
    return BY_CODE.get(code, USUAL)
