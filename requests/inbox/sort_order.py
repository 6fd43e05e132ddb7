"""The order of a list and its groups: dangers and open incidents first, then as the person likes.

What each group is called, in SQL for the numbers of all pages and in words for its heading.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Concat, TruncDate
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portal import windows
from portal.dates import day
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.dangers.lists import danger_condition
from requests.inbox.models import ListDisplay
from requests.kit.choices import ENDED, OPEN, State

Sort, Group, Column = ListDisplay.Sort, ListDisplay.Group, ListDisplay.Column
NEAR_DAYS = 7
MOST_COLUMNS = 3
PLACE = "place-"
GROUPS = {
    "danger": _("Danger"),
    "incident": _("Open incidents"),
    "none": _("No promise yet"),
    "late": _("Late"),
    "later": _("Later"),
    "earlier": _("Earlier"),
    "never": _("No message yet"),
    "nowhere": _("Place not known"),
    "open": _("Open requests"),
    "ended": _("Ended"),
}

# Groups of claims that are there for another reason than the date promised.
UNDATED = frozenset({"danger", "incident", "none", "ended"})


@dataclass(frozen=True)
class Display:
    """How a person has the list; the defaults are those of somebody who chose nothing."""

    sort: str = Sort.PROMISE
    group: str = Group.DATE
    columns: tuple[str, ...] = (Column.CHANNEL, Column.HOLDER)

    @classmethod
    def of(cls, sort: str, group: str, columns: str) -> "Display":
        """Return the display as stored; what is not known any more is left out."""
        return cls(
            sort if sort in Sort.values else Sort.PROMISE,
            group if group in Group.values else Group.DATE,
            tuple(name for name in columns.split(",") if name in Column.values)[:MOST_COLUMNS],
        )

    @property
    def needs_last(self) -> bool:
        """Return whether the rows need the moment of their last message."""
        return self.sort == Sort.LAST or Column.LAST in self.columns


def promised(numbers: Mapping[str, int | str], display: Display) -> set[str]:
    """Return the groups whose number is one of promises: dated, and told in full.

    « 400+ » is the number of a group in which the window ends.
    """
    if display.sort != Sort.PROMISE:
        return set()
    return {name for name, number in numbers.items() if isinstance(number, int)} - UNDATED


def last_said(field: str) -> Subquery:
    """Return ``field`` of the last message between tenant and landlord; notes are left out."""
    said = Message.objects.of(claim=OuterRef("pk")).exclude(direction=Message.Direction.NOTE)
    return Subquery(said.order_by("-at").values(field)[:1])


def incident_condition() -> Q:
    """Return the condition for claims of an incident that is still open, and not finished."""
    return Q(state__in=OPEN - {State.DONE}, open_incident__isnull=False)


def arrange(claims: QuerySet, display: Display, moment: datetime) -> QuerySet:
    """Return ``claims`` in order, each with ``kind``: the name of its group, before ``fold``.

    Dangers, open incidents, the other open claims, then the ended ones, the last ended first.
    """
    rows, order = _with_order(claims, display, moment)
    ended = F("ended_at").desc(nulls_last=True)
    return rows.order_by("over", ended, *order.values(), "filed_at", "pk")


def arrange_parts(parts: Sequence[QuerySet[Claim]], display: Display, moment: datetime) -> QuerySet:
    """Return key and group of the claims in ``parts``, in the order of ``arrange``.

    None is in two of them, and all are open. Each part is read by an index of its own, where their
    OR would read the claims; the index knows nothing of an end.
    """
    if len(parts) == 1:
        rows, order = _with_order(parts[0], display, moment)
        rows = rows.order_by("over", *order.values(), "filed_at", "pk")
        return rows.values_list("pk", "kind")
    asked = [_with_order(part, display, moment) for part in parts]
    order = asked[0][1]
    first, *rest = (
        rows.order_by().values_list("pk", "kind", "over", *order, "filed_at")
        for rows, _same in asked
    )
    return first.union(*rest, all=True).order_by("over", *order.values(), "filed_at", "pk")


def _with_order(
    claims: QuerySet, display: Display, moment: datetime
) -> tuple[QuerySet, dict[str, OrderBy]]:
    """Return ``claims`` with ``over`` and ``kind``, and by what the open ones are ordered."""
    if display.needs_last:
        claims = claims.annotate(last_at=last_said("at"))
    over = Case(
        When(danger_condition(), then=-2),
        When(incident_condition(), then=-1),
        When(state__in=ENDED, then=1),
        default=0,
        output_field=IntegerField(),
    )
    order: dict[str, OrderBy] = {}
    if display.group == Group.PLACE:
        order["residence__name"] = F("residence__name").asc(nulls_last=True)
        order["residence_id"] = F("residence_id").asc()
    if display.sort == Sort.PROMISE:
        order["promise_at"] = F("promise_at").asc(nulls_first=True)
    elif display.sort == Sort.LAST:
        order["last_at"] = F("last_at").desc(nulls_last=True)
    return claims.annotate(over=over, kind=_kind(display, moment)), order


def newest_ended(
    shares: list[QuerySet[Claim]], behind: tuple | None, most: int
) -> list[tuple[datetime, UUID]]:
    """Return when and which claims ended last, at most ``most``, those ``behind`` a place.

    ``shares`` may overlap (``ClaimQuerySet.share_of``); each is read in the order of its index.
    """
    ended = [share.filter(state__in=ENDED, ended_at__isnull=False) for share in shares]
    return windows.merged(ended, ("-ended_at", "-pk"), behind, most)


def _kind(display: Display, moment: datetime) -> Case:
    whens, default = _open_kinds(display, moment)
    return Case(
        When(danger_condition(), then=Value("danger")),
        When(incident_condition(), then=Value("incident")),
        When(state__in=ENDED, then=Value("ended")),
        *whens,
        default=default,
        output_field=CharField(),
    )


def _open_kinds(display: Display, moment: datetime) -> tuple[list[When], object]:
    """Return how the open claims are grouped: special cases, and the rest."""
    if display.group == Group.NONE:
        return [], Value("open")
    if display.group == Group.PLACE:
        name = Concat(Value(PLACE), Cast("residence_id", CharField()))
        return [When(residence__isnull=True, then=Value("nowhere"))], name
    if display.sort == Sort.PROMISE:
        later = moment + timedelta(days=NEAR_DAYS + 1)
        whens = [
            When(promise_at__isnull=True, then=Value("none")),
            When(promise_at__lt=moment, then=Value("late")),
            When(promise_at__gte=later, then=Value("later")),
        ]
        return whens, Cast(TruncDate("promise_at"), CharField())
    field = "filed_at" if display.sort == Sort.RECEIVED else "last_at"
    old = moment - timedelta(days=NEAR_DAYS + 1)
    whens = [
        When(**{f"{field}__isnull": True}, then=Value("never")),
        When(**{f"{field}__lt": old}, then=Value("earlier")),
    ]
    return whens, Cast(TruncDate(field), CharField())


def fold(kind: str, moment: datetime) -> str:
    """Return the group of a ``kind``: itself, or "later" and "earlier" for days out of reach."""
    if kind in GROUPS or kind.startswith(PLACE):
        return kind
    distance = (date.fromisoformat(kind) - timezone.localdate(moment)).days
    if distance >= NEAR_DAYS:
        return "later"
    return "earlier" if distance <= -NEAR_DAYS else kind


def heading(group: str, claims: Iterable[Claim] = ()) -> str:
    """Return the words of a heading: « Aujourd'hui », « lundi 1er décembre », « En retard »."""
    if group in GROUPS:
        return str(GROUPS[group])
    if group.startswith(PLACE):
        return str(next(iter(claims)).residence)
    return capfirst(day(datetime.fromisoformat(group).date()))
