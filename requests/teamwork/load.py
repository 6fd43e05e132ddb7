"""Whether a desk has more open claims than its own habit: never compared with another desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q

from agencies.models import Desk
from requests.claims.models import Claim
from requests.kit.choices import OPEN
from requests.kit.disclosure import SMALL

WEEKS = 8
ENOUGH = 4  # weeks with claims, without which there is no habit
MORE = 1.25  # times the habit
LEAST = 5  # claims above it


@dataclass(frozen=True)
class Load:
    """Open claims of one desk now, and the median of its last weeks."""

    desk: Desk
    open: int
    usual: int

    @property
    def over(self) -> int:
        """Return how many claims are above the habit."""
        return self.open - self.usual


def overloaded_desks(*, now: datetime, unit: int | None = None) -> list[Load]:
    """Return the desks clearly above their own habit, in alphabetical order; one statement.

    ``unit`` None: of every unit. A week is counted as it stood; a claim counts for the desk that
    owns it today. Nothing under ten is shown (docs/principles.md, D4).
    """
    starts = [now - timedelta(weeks=n) for n in range(1, WEEKS + 1)]
    rows = Claim.objects.system("load of desks").filter(
        Q(state__in=OPEN) | Q(ended_at__gte=starts[-1]), owner__isnull=False
    )
    if unit is not None:
        rows = rows.filter(owner__unit=unit)
    counted = (
        rows.order_by()
        .values("owner")
        .annotate(
            open_now=Count("pk", filter=Q(state__in=OPEN)),
            **{
                f"week{n}": Count(
                    "pk",
                    filter=Q(filed_at__lte=at) & (Q(ended_at__isnull=True) | Q(ended_at__gt=at)),
                )
                for n, at in enumerate(starts)
            },
        )
    )
    found = {}
    for row in counted:
        weeks = [row[f"week{n}"] for n in range(WEEKS)]
        if sum(1 for number in weeks if number) < ENOUGH or row["open_now"] < SMALL:
            continue
        usual = round(median(weeks))
        if row["open_now"] >= max(usual * MORE, usual + LEAST):
            found[row["owner"]] = (row["open_now"], usual)
    desks = Desk.objects.filter(pk__in=found).select_related("unit").order_by("unit__name", "name")
    return [Load(desk, *found[desk.pk]) for desk in desks] if found else []
