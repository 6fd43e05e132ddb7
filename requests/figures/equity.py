"""The same for everyone? Delay, promises and a person's answer by who filed, and where."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from requests.figures import groups
from requests.figures.boards import Card, Said, said_percent
from requests.figures.cards import behind
from requests.figures.cube import Answer
from requests.figures.forms import Choice
from requests.figures.groups import Group
from requests.figures.measures import Measure

M = Measure


def _behind(choice: Choice, key: tuple[str, str]) -> Callable[[Measure], str]:
    """Return who gives the address of a group's claims; families and channels are not apart."""
    wide = choice.without("family", "channel")
    return lambda measure: behind(wide, measure, group="-".join(key))


def equity(found: Answer, choice: Choice) -> Card:
    """The same for everyone? Filed alone or with help, in a priority district or elsewhere."""
    names = {
        ("alone", "other"): _("Filed alone, elsewhere"),
        ("alone", "priority"): _("Filed alone, priority district"),
        ("helped", "other"): _("Filed with help, elsewhere"),
        ("helped", "priority"): _("Filed with help, priority district"),
    }
    by_group, whole = found.by("one", "two"), found.all
    says = []
    if whole[M.SETTLED]:
        share = said_percent(whole[M.PERSON] / whole[M.SETTLED])
        words = _("A person wrote or called in %(share)s of the settled claims.")
        says.append(Said(words % {"share": share}, strong=True))
    return groups.card(
        "equity",
        _("The same delay for everyone?"),
        _(
            "Median days with its interval of 95 per cent. Filed with help: by our staff or a "
            "proxy for the tenant. All families and channels."
        ),
        (_("Delay, promises and answers, by group"), _("Group")),
        [Group(name, by_group[key], _behind(choice, key)) for key, name in names.items()],
        says=says,
        drawing=_("Median days of waiting by group"),
        empty=_("Nothing was settled in this period."),
    )
