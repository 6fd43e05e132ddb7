"""Make dated slots from a contractor's week, six weeks ahead, and withdraw those no longer valid.

A slot that a tenant was offered is never deleted: whoever picks it is offered the next dates.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Contractor, Sector
from requests.promises.working_time import public_holidays
from requests.work_orders.appointment_models import OfferOption, Slot
from requests.work_orders.open_slots import Span, free_slots_of, publish_slots
from requests.work_orders.slot_models import Unavailability, WeeklySlot

WEEKS = 6


def lanes(row: WeeklySlot) -> list[str]:
    """Return one team name for each visit that fits at the same time."""
    return [row.team, *(f"{row.team} {n}".strip() for n in range(2, row.capacity + 1))]


def _pieces(row: WeeklySlot, day: date) -> Iterator[Span]:
    """Yield the aware spans of ``row`` on ``day``; a rest shorter than a visit is left out."""
    starts, ends = (timezone.make_aware(datetime.combine(day, at)) for at in (row.starts, row.ends))
    length = timedelta(minutes=row.minutes) if row.minutes else ends - starts
    while starts + length <= ends:
        yield starts, starts + length
        starts += length


def _days_off(contractor: Contractor, today: date) -> set[date]:
    """Return public holidays and days of absence from ``today`` on."""
    closed = set(public_holidays(today.year))
    for row in Unavailability.objects.filter(contractor=contractor, last_day__gte=today):
        span = range(row.first_day.toordinal(), row.last_day.toordinal() + 1)
        closed.update(map(date.fromordinal, span))
    return closed


def _withdraw(slots: QuerySet[Slot]) -> None:
    """Delete the slots; those that a tenant was offered are only marked as withdrawn."""
    slots.update(withdrawn=True, by_week=True)
    slots.exclude(
        pk__in=OfferOption.objects.system("slots nobody was offered").values("slot")
    ).delete()


@transaction.atomic
def refresh(contractor: Contractor, now: datetime) -> int:
    """Adapt the slots of the next weeks to the week and the absences; return how many are new.

    Agreed visits are not changed. Idempotent.
    """
    Contractor.objects.select_for_update(no_key=True).get(pk=contractor.pk)
    today = timezone.localdate(now)
    closed = _days_off(contractor, today)
    wanted: dict[tuple[str, datetime], tuple[datetime, WeeklySlot]] = {}
    rows = list(WeeklySlot.objects.filter(contractor=contractor))
    for offset in range(1, WEEKS * 7 + 1):
        day = today + timedelta(days=offset)
        for row in rows:
            if row.weekday != day.weekday() or day in closed:
                continue
            for starts, ends in _pieces(row, day):
                for lane in lanes(row):
                    wanted.setdefault((lane, starts), (ends, row))
    tomorrow = timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))
    gone = []
    for slot in Slot.objects.filter(contractor=contractor, starts__gte=tomorrow):
        found = wanted.pop((slot.team, slot.starts), None)
        if found:
            slot.ends, slot.weekly, slot.withdrawn = found[0], found[1], False
            slot.save(update_fields=["ends", "weekly", "withdrawn"])
        elif slot.by_week:
            gone.append(slot.pk)
    _withdraw(Slot.objects.filter(pk__in=gone))
    made = Slot.objects.bulk_create(
        [
            Slot(
                contractor=contractor,
                team=lane,
                starts=starts,
                ends=ends,
                weekly=row,
                by_week=True,
            )
            for (lane, starts), (ends, row) in wanted.items()
        ],
        ignore_conflicts=True,
    )
    return len(made)


def roll(now: datetime) -> None:
    """Refresh the slots of every contractor; Celery beat calls it."""
    for contractor in Contractor.objects.filter(active=True, weekly_slots__isnull=False).distinct():
        refresh(contractor, now)


@transaction.atomic
def add_week(
    *,
    contractor: Contractor,
    days: Iterable[int],
    sectors: Iterable[Sector] = (),
    now: datetime,
    **span: Any,
) -> None:
    """Write the same span on several weekdays (0 = Monday); replace an existing one.

    ``span`` holds ``team``, ``starts``, ``ends`` (local times), ``minutes`` and ``capacity``.
    """
    for weekday in days:
        key = {"team": span["team"], "weekday": weekday, "starts": span["starts"]}
        rest = {name: span[name] for name in ("ends", "minutes", "capacity")}
        row, _new = WeeklySlot.objects.update_or_create(contractor=contractor, **key, defaults=rest)
        row.sectors.set(sectors)
    refresh(contractor, now)


@transaction.atomic
def drop_week(*, row: WeeklySlot, now: datetime) -> None:
    """Delete a weekly span and its future slots."""
    contractor = row.contractor
    row.delete()
    refresh(contractor, now)


@transaction.atomic
def add_absence(
    *, contractor: Contractor, first_day: date, last_day: date, reason: str, now: datetime
) -> None:
    """Withdraw the slots of these days; agreed visits stay until a person moves them."""
    Unavailability.objects.create(
        contractor=contractor, first_day=first_day, last_day=last_day, reason=reason
    )
    days = {"starts__date__gte": first_day, "starts__date__lte": last_day}
    _withdraw(Slot.objects.filter(contractor=contractor, starts__gt=now, **days))
    refresh(contractor, now)


@transaction.atomic
def drop_absence(*, row: Unavailability, now: datetime) -> None:
    """Delete an absence and make its slots again."""
    contractor = row.contractor
    row.delete()
    refresh(contractor, now)


def add_dates(*, contractor: Contractor, spans: Iterable[Span]) -> int:
    """Write single dates beside the week; return how many were written."""
    return publish_slots(contractor, spans)


def next_free(contractor: Contractor, now: datetime, most: int) -> list[Slot]:
    """Return the next free slots of all teams and sectors, for the contractor's own page."""
    return list(free_slots_of(contractor, now).order_by("starts", "team")[:most])
