"""Notice periods of planned works, and the form in which people must be told. Pure.

The text behind each fact, and what is still to be confirmed: docs/legal.md.

- Works in the dwelling: law 89-462 of 6 July 1989, art. 7 e): a notice of works, with their nature
  and how they are carried out, handed over in person or sent by registered letter with
  acknowledgement of receipt before they begin; none on Saturdays, Sundays and public holidays
  without the tenant's express agreement. The law gives no number of days: the eight days here are
  the project's choice. The same holds for works in the common parts that need access to the
  dwelling: announce them as works in the dwellings. Beyond 21 days of works, art. 1724 of the Code
  civil lowers the rent.
- Cuts of water, power and heating: no national number of days was found for a cut that the
  landlord makes. Two days are common practice, to be confirmed.
- Lift and common parts: no number of days was found. Two weeks are the project's choice, because
  people who cannot use the stairs need time to prepare. Works of improvement that change rents or
  charges require a meeting and consultation first (law 86-1290, art. 44 quater), which is not done
  here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Works(models.TextChoices):
    """The kinds of works that can be announced."""

    WATER = "water", _("Water cut")
    POWER = "power", _("Power cut")
    HEATING = "heating", _("Heating or hot water cut")
    LIFT = "lift", _("Works on the lift")
    COMMON = "common", _("Works in the common parts")
    DWELLING = "dwelling", _("Works in the dwellings")


@dataclass(frozen=True)
class Rule:
    """The notice period of one kind of works, with its source.

    ``by_hand``: only in person or by registered letter. ``sure`` is False when no legal text was
    found: the page says that it is to be confirmed.
    """

    days: int
    source: str | Promise
    sure: bool
    by_hand: bool = False


_USAGE = _("usage of the local services")
RULES: dict[str, Rule] = {
    Works.WATER: Rule(2, _USAGE, sure=False),
    Works.POWER: Rule(2, _USAGE, sure=False),
    Works.HEATING: Rule(2, _USAGE, sure=False),
    Works.LIFT: Rule(14, _("our own rule; the law gives no number of days"), sure=False),
    Works.COMMON: Rule(14, _("our own rule; the law gives no number of days"), sure=False),
    Works.DWELLING: Rule(
        8,
        _("law of 6 July 1989, art. 7 e: by hand or registered letter; the eight days are ours"),
        sure=True,
        by_hand=True,
    ),
}
# The codes of the faults that works of each kind explain.
EXPLAINS: dict[str, set[str]] = {
    Works.WATER: {"PLO-09", "PLO-10", "PLO-11", "PLO-12"},
    Works.POWER: {"ELE-02", "ELE-03", "ELE-04", "COM-01"},
    Works.HEATING: {"CHA-01", "CHA-04", "CHA-05", "CHA-07", "CHA-08"},
    Works.LIFT: {"ASC-02", "ASC-05", "ASC-06"},
    Works.COMMON: {"TRA-03", "TRA-04"},
    Works.DWELLING: {"TRA-03", "TRA-04"},
}


def problems(
    kind: str, starts: datetime, ends: datetime, now: datetime, days_off: Collection[date]
) -> list[str | Promise]:
    """Return the reasons against announcing these works now; [] when there is none.

    Instants are aware; civil days are those of the current time zone, ``days_off`` its holidays.
    """
    rule = RULES[kind]
    found: list[str | Promise] = []
    if starts - now < timedelta(days=rule.days):
        found.append(
            _("Too late for %(kind)s: %(days)s days’ notice (%(source)s).")
            % {"kind": Works(kind).label, "days": rule.days, "source": rule.source}
        )
    if kind == Works.DWELLING:
        edges = {timezone.localdate(starts), timezone.localdate(ends)}
        if any(day.weekday() > 4 or day in days_off for day in edges):
            found.append(
                _(
                    "No works in a dwelling on a Saturday, a Sunday or a holiday without the "
                    "tenant’s own agreement (law of 6 July 1989, art. 7 e)."
                )
            )
    return found
