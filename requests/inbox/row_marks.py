"""What a row of the list says of its claim beside the claim's own columns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from agencies import absences
from portal.dates import clock, short_day
from requests.claims.event_models import WHY
from requests.claims.models import Claim
from requests.inbox import sort_order
from requests.inbox.incident_rows import Gathered
from requests.inbox.sort_order import Column, Display
from requests.kit.choices import CALENDAR_URGENCIES, ENDED, Channel
from requests.labels.queries import keys_of_row
from requests.teamwork.attention_models import Snooze

BACK_FOR = timedelta(days=1)  # how long a row says that it came back
MOST_LABELS = 1  # on one row; the others are counted


def with_marks(claims: QuerySet, moment: datetime) -> QuerySet:
    """Add who has each claim in hand today (``held_by_name``, ``held_by_away``).

    And until when it is put aside, and why (``aside_until``, ``aside_why``); and the keys of its
    labels (``label_keys``).
    """
    away = absences.absences_on(timezone.localdate(moment)).filter(
        membership__charges__claim=OuterRef("pk"), membership__charges__ends_at__isnull=True
    )
    put = Snooze.objects.filter(claim=OuterRef("pk"), ended_at__isnull=True)
    # Joined, not asked for each row: at most one is open, and there are few members.
    held = FilteredRelation("charges", condition=Q(charges__ends_at__isnull=True))
    return claims.annotate(
        held=held,
        held_by_name=F("held__membership__user__first_name"),
        held_by_away=Exists(away),
        aside_until=Subquery(put.values("until")[:1]),
        aside_why=Subquery(put.values("why")[:1]),
        label_keys=keys_of_row(),
    )


@dataclass(frozen=True)
class RowDate:
    """The date at the end of a row: for machines, in words, and whether it is urgent."""

    iso: str
    words: str
    urgent: bool


@dataclass(frozen=True)
class Marks:
    """What the rows of one page need, fetched once for all.

    ``likely``: who probably wrote, by claim · ``given``: by whom, by claim · ``news``: followed
    claims with something new · ``labels``: name and sign, by key · ``incidents``: those that have a
    row, by the claim in whose place it stands.
    """

    moment: datetime
    display: Display
    likely: Mapping[UUID, str]
    given: Mapping[str, str]
    news: Collection[str]
    labels: Mapping[int, tuple[str, str]]
    incidents: Mapping[UUID, Gathered]

    def write(self, claim: Claim) -> None:
        """Add to a row what its template says of it."""
        claim.what = str(claim.category)
        claim.tick = gettext("Tick %(what)s, %(reference)s") % {
            "what": claim.what,
            "reference": claim.spoken_reference,
        }
        claim.group = sort_order.fold(claim.kind, self.moment)
        claim.in_danger = claim.group == "danger"
        claim.in_open_incident = claim.group == "incident"
        claim.gathered = self.incidents.get(claim.pk)
        claim.date = self._date(claim)
        claim.subject = self._subject(claim)
        claim.given_by = self.given.get(str(claim.pk), "")
        claim.has_news = str(claim.pk) in self.news
        until = claim.aside_until
        claim.aside = until if until and until > self.moment else None
        claim.back = bool(until and self.moment - BACK_FOR < until <= self.moment)
        claim.why_aside = WHY.get(claim.aside_why or "", "")
        borne = [self.labels[key] for key in claim.label_keys if key in self.labels]
        claim.labels = borne[:MOST_LABELS]
        claim.labels_more = borne[MOST_LABELS:]
        claim.marked = any((borne, claim.given_by, claim.has_news, claim.aside, claim.back))
        cells = (self._cell(claim, name) for name in self.display.columns)
        claim.cells = " · ".join(cell for cell in cells if cell)

    def _date(self, claim: Claim) -> RowDate | None:
        """Return the date of a row: the promise, or the end."""
        at = claim.promise_at
        if not at or claim.group == "ended":
            if not (at := claim.ended_at):
                return None
            return RowDate(timezone.localtime(at).isoformat(), short_day(at), urgent=False)
        local, today = timezone.localtime(at), timezone.localdate(self.moment)
        near = local.date() == today
        if self.display.sort == sort_order.Sort.PROMISE and self.display.group == "date":
            near = near or claim.group not in sort_order.GROUPS
        urgent = claim.urgency in CALENDAR_URGENCIES and claim.state not in ENDED
        return RowDate(local.isoformat(), clock(at) if near else short_day(at), urgent)

    def _subject(self, claim: Claim) -> str:
        """Return whom and which place a claim is about."""
        who, place = claim.contact_name, claim.place_note
        if claim.tenant:
            who = str(claim.tenant)
        elif likely := self.likely.get(claim.pk):
            who = gettext("probably %(name)s") % {"name": likely}
        if claim.residence:
            place = str(claim.residence)
            if claim.staircase:
                place += f", {claim.staircase.street}"
            if claim.dwelling and claim.dwelling.floor is not None:
                place += ", " + gettext("floor %(floor)s") % {"floor": claim.dwelling.floor}
        return " · ".join(part for part in (who, place) if part)

    def _cell(self, claim: Claim, column: str) -> str:
        """Return what a row says in one of the columns that the member chose."""
        if column == Column.CHANNEL:
            return str(Channel(claim.channel).label)
        if column == Column.HOLDER:
            if not claim.held_by_away:
                return claim.held_by_name or ""
            return gettext("%(name)s, away") % {"name": claim.held_by_name}
        if column == Column.REFERENCE:
            return claim.spoken_reference
        if column == Column.URGENCY:
            return claim.urgency
        if column == Column.STATE:
            return claim.staff_label
        if column == Column.DESK:
            return str(claim.owner or "")
        at = claim.filed_at if column == Column.RECEIVED else claim.last_at
        today = at and timezone.localdate(at) == timezone.localdate(self.moment)
        return clock(at) if today else short_day(at)
