"""The same for every neighbourhood? Delay, promises and a person's answer by where people live."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from portal.text import plain
from requests.figures import groups
from requests.figures.boards import Card
from requests.figures.cards import behind
from requests.figures.cube import Answer, Ask
from requests.figures.fact_models import By
from requests.figures.forms import Choice
from requests.figures.groups import Group
from requests.figures.measures import Measure

M = Measure


def ask(choice: Choice) -> Ask:
    """Return what the card asks for; all channels, since sums by neighbourhood know none."""
    return Ask(
        "areas",
        choice.span,
        groups.READ,
        by=By.AREA,
        keep=("one",),
        **choice.where(),
        two=(choice.family,),  # "" is every family
    )


def _behind(choice: Choice, area: str) -> Callable[[Measure], str]:
    """Return who gives the address of an area's claims; channels are not apart."""
    wide = choice.without("channel")
    return lambda measure: behind(wide, measure, neighbourhood=area) if area else ""


def neighbourhoods(found: Answer, choice: Choice) -> Card:
    """Return the card, in alphabetical order; nothing where no residence has a neighbourhood."""
    by_area = {
        area: sums for area, sums in found.by("one").items() if sums[M.RECEIVED] or sums[M.SETTLED]
    }
    if set(by_area) == {""}:
        by_area = {}
    return groups.card(
        "neighbourhoods",
        _("The same delay in every neighbourhood?"),
        _(
            "Median days with its interval of 95 per cent, by the neighbourhood of the residence, "
            "in alphabetical order. All channels."
        ),
        (_("Delay, promises and answers, by neighbourhood"), _("Neighbourhood")),
        [
            Group(
                area or _("no neighbourhood named"),
                by_area[area],
                _behind(choice, area),
            )
            for area in sorted(by_area, key=lambda name: (not name, plain(name)))
        ],
        drawing=_("Median days of waiting by neighbourhood"),
        empty=_("No residence has a neighbourhood: the console and the import take it."),
    )
