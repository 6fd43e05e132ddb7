"""Three years of months from sums: the drawn line, the usual range, and what lies a year before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from requests.figures.cube import Answer, Ask, Span, Sums, month_end
from requests.figures.fact_models import Grain
from requests.figures.forms import Choice
from requests.figures.measures import Measure
from requests.figures.period import MEMORY, MONTHS, month_starts, usual_range

Value = Callable[[Sums], float | None]


@dataclass(frozen=True)
class Months:
    """The sums of ``MEMORY`` months of one unit or of all; the last month is under way."""

    starts: Sequence[date]
    sums: Sequence[Sums]

    def line(self, value: Value) -> list[float | None]:
        """Return the values of the months that are drawn."""
        return [value(sums) for sums in self.sums[-MONTHS:]]

    def year_before(self, value: Value) -> list[float | None]:
        """Return the values of the same months a year earlier."""
        return [value(sums) for sums in self.sums[-2 * MONTHS : -MONTHS]]

    def is_under_way(self, last: date) -> bool:
        """Return whether the last month goes on after the ``last`` day that is counted."""
        return last < month_end(self.starts[-1])

    def usual(self, value: Value) -> tuple[float, float] | None:
        """Return the usual range of the months before the one under way."""
        return usual_range(value(sums) for sums in self.sums[:-1])


def asks(choice: Choice, measures: Sequence[Measure]) -> list[Ask]:
    """Return what to ask for ``months``: whole months, and the days of the one under way."""
    last = choice.span.last
    starts = month_starts(last, MEMORY)
    base = choice.base()
    return [
        Ask(
            "months",
            Span(starts[0], starts[-2]),
            measures,
            keep=("unit", "start"),
            grain=Grain.MONTH,
            **base,
        ),
        Ask("this_month", Span(starts[-1], last), measures, keep=("unit",), **base),
    ]


def months(found: Mapping[str, Answer], last: date, unit: int | None = None) -> Months:
    """Return the months of a unit, or of all together, from the answers to ``asks``."""
    starts = month_starts(last, MEMORY)
    kept = [row for row in found["months"].rows if unit in (None, row.unit)]
    by_start = Answer(kept).by("start")
    now = Answer([row for row in found["this_month"].rows if unit in (None, row.unit)]).all
    return Months(starts, [*(by_start.get(start, Sums()) for start in starts[:-1]), now])
