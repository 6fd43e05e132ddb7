"""What is open now, counted from the claims themselves: one statement for any number of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import BooleanField, Case, Count, QuerySet, When
from django.db.models.functions import Coalesce, TruncDate

from agencies.models import Membership
from portal.arrays import one_of
from requests.catalogue.models import Category
from requests.claims.access import SHARES, ClaimQuerySet
from requests.claims.models import Claim
from requests.figures.forms import Choice
from requests.kit.choices import OPEN


class Open(NamedTuple):
    """Open claims of one unit in one state, whose next news is promised for ``day``."""

    unit: int
    state: str
    day: date | None
    late: bool


@dataclass
class Now:
    """How many claims are open, by ``Open``."""

    rows: Counter[Open] = field(default_factory=Counter)

    def total(self, fits: Callable[[Open], bool] = lambda row: True) -> int:
        """Return how many fit."""
        return sum(n for row, n in self.rows.items() if fits(row))

    def late(self, unit: int | None = None) -> int:
        """Return how many are past their promise, of a unit or in all."""
        return self.total(lambda row: row.late and unit in (None, row.unit))

    def states(self, names: Iterable[str]) -> int:
        """Return how many are in one of the states."""
        wanted = set(names)
        return self.total(lambda row: row.state in wanted)


def open_claims(membership: Membership, choice: Choice) -> ClaimQuerySet:
    """Return the open claims that the member may see, of what the board speaks of."""
    return _narrowed(Claim.objects.visible_to(membership), choice)


def _narrowed(claims: ClaimQuerySet, choice: Choice) -> ClaimQuerySet:
    found = claims.filter(state__in=OPEN)
    # Whose residence it is, else whose desk has it: the claim's own columns say so, and an index.
    found = found.annotate(counts_for=Coalesce("beside", "unit", 0))
    if choice.units is not None:
        found = found.filter(counts_for__in=choice.units)
    if choice.neighbourhood:
        found = found.filter(residence__district=choice.neighbourhood)
    if choice.family:
        kinds = Category.objects.filter(family__code=choice.family)
        found = found.filter(one_of("category", kinds))
    if choice.channel:
        found = found.filter(channel=choice.channel)
    return found


def of_rows(rows: Iterable[dict]) -> Now:
    """Return what is open now from the rows of ``asked``, as ``ask_together`` gives them."""
    found = Now()
    for row in rows:
        day = date.fromisoformat(row["due"]) if row["due"] else None
        found.rows[Open(row["counts_for"], row["state"], day, row["late"])] += row["n"]
    return found


def asked(membership: Membership, choice: Choice, now: datetime) -> QuerySet:
    """Return the query for what is open now, in shares that an index each answers alone."""
    late = Case(When(promise_at__lt=now, then=True), default=False, output_field=BooleanField())
    unit = membership.unit_id
    first, *rest = (
        _narrowed(Claim.objects.share_of(membership, share), choice)
        .order_by()
        .annotate(due=TruncDate("promise_at"), late=late)
        .values("counts_for", "state", "due", "late")
        .annotate(n=Count("pk"))
        for share in SHARES
    )
    lent = rest.pop()  # what is lent to a unit that has a share of it anyway is in that share
    rest.append(lent.exclude(unit=unit).exclude(beside=unit))
    return first.union(*rest, all=True)
