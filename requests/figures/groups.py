"""Delay, promises and a person's answer by group of homes or people, with their intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from requests.figures import charts
from requests.figures.boards import (
    Card,
    Cell,
    Head,
    Said,
    Table,
    count,
    days,
    of_n,
    percent,
    said_days,
    said_percent,
)
from requests.figures.cards import FEW, interval
from requests.figures.charts import Range
from requests.figures.cube import Sums
from requests.figures.measures import Measure
from requests.kit.intervals import median_interval, share_interval

M = Measure
READ = (M.RECEIVED, M.SETTLED, M.PERSON, M.KEPT, M.BROKEN)
MOST_DRAWN = 12


@dataclass(frozen=True)
class Group:
    """A group that is compared: its name, its sums, and the address of the claims of a measure."""

    name: str
    sums: Sums
    behind: Callable[[Measure], str]

    @property
    def range(self) -> Range:
        """Return the median with its interval, as it is drawn."""
        median = self.sums.median or 0
        low, high = median_interval(self.sums.values[M.SETTLED])
        title = _("%(name)s: %(median)s, between %(low)s and %(high)s (%(n)s)") % {
            "name": self.name,
            "median": said_days(median),
            "low": said_days(low),
            "high": said_days(high),
            "n": of_n(self.sums[M.SETTLED]),
        }
        return Range(self.name, low, median, high, title, self.behind(M.SETTLED))

    @property
    def line(self) -> list[Cell]:
        """Return its line of the table."""
        sums, person = self.sums, share_interval(self.sums[M.PERSON], self.sums[M.SETTLED])
        bounds = _("%(low)s to %(high)s")
        return [
            Cell(self.name),
            count(sums[M.RECEIVED], self.behind(M.RECEIVED)),
            count(sums[M.SETTLED], self.behind(M.SETTLED)),
            days(sums.median, self.behind(M.SETTLED)),
            Cell(interval(sums)),
            percent(sums.share(M.KEPT, M.BROKEN), self.behind(M.BROKEN)),
            percent(
                sums[M.PERSON] / sums[M.SETTLED] if sums[M.SETTLED] else None,
                self.behind(M.PERSON),
            ),
            Cell(
                bounds % {"low": said_percent(person[0]), "high": said_percent(person[1])}
                if person
                else None
            ),
        ]


def card(
    slug: str,
    question: str,
    definition: str,
    table: tuple[str, str],
    groups: Sequence[Group],
    *,
    drawing: str,
    empty: str,
    says: Sequence[Said] = (),
) -> Card:
    """Return the card of ``groups`` in their order.

    ``table``: its caption and the head of its first column. ``says`` comes before the sentence
    that compares them.
    """
    caption, first = table
    drawn = [group for group in groups if group.sums.median is not None]
    return Card(
        slug,
        question,
        definition,
        Table(
            caption,
            [
                Head(first, number=False),
                Head(str(M.RECEIVED.label)),
                Head(pgettext("claims", "Settled")),
                Head(_("Median")),
                Head(_("Interval of the median")),
                Head(_("Promises kept")),
                Head(str(M.PERSON.label)),
                Head(_("Interval of the share")),
            ],
            [group.line for group in groups],
        ),
        [
            *says,
            *_compared(
                [group.range for group in drawn if group.sums[M.SETTLED] >= FEW],
                is_first=not says,
            ),
        ],
        charts.ranges([group.range for group in drawn[:MOST_DRAWN]], words=said_days, says=drawing),
        empty=empty,
    )


def _compared(ranges: Sequence[Range], *, is_first: bool) -> list[Said]:
    """Say whether two groups differ by more than chance; the first sentence of a card is strong."""
    if len(ranges) < 2:
        return []
    apart = max(one.low for one in ranges) > min(one.high for one in ranges)
    return [
        Said(
            _("The delays differ by more than chance.")
            if apart
            else _("The delays differ by no more than chance."),
            strong=is_first,
        )
    ]
