"""A contractor's week becomes dated slots, six weeks ahead; what no longer holds is withdrawn.

A slot that some tenant was offered is never deleted: whoever picks it is offered the next dates.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from agencies.models import Contractor
from requests.promises.working_time import public_holidays
from requests.work_orders.appointment_models import OfferOption, Slot
from requests.work_orders.appointments import free_of, publish_slots
from requests.work_orders.slot_models import Unavailability, WeeklySlot

WEEKS = 6


def lanes(row: WeeklySlot) -> list[str]:
    """One team name per visit that fits at a time; a lane is never in two places at once."""
    return [row.team, *(f"{row.team} {n}".strip() for n in range(2, row.capacity + 1))]


def _pieces(row: WeeklySlot, day: date):
    """The aware spans of ``row`` on ``day``; a rest shorter than one visit is left out."""
    starts, ends = (timezone.make_aware(datetime.combine(day, at)) for at in (row.starts, row.ends))
    length = timedelta(minutes=row.minutes) if row.minutes else ends - starts
    while starts + length <= ends:
        yield starts, starts + length
        starts += length


def _closed(contractor: Contractor, today: date) -> set[date]:
    closed = set(public_holidays(today.year))
    for row in Unavailability.objects.filter(contractor=contractor, last_day__gte=today):
        span = range(row.first_day.toordinal(), row.last_day.toordinal() + 1)
        closed.update(map(date.fromordinal, span))
    return closed


def _withdraw(slots) -> None:
    slots.update(withdrawn=True, by_week=True)
    slots.exclude(pk__in=OfferOption.objects.values("slot")).delete()


@transaction.atomic
def refresh(contractor: Contractor, now: datetime) -> int:
    """Make the slots of the coming weeks what the week and the absences say; returns new ones.

    Agreed visits stand. Idempotent.
    """
    Contractor.objects.select_for_update(no_key=True).get(pk=contractor.pk)
    today = timezone.localdate(now)
    closed = _closed(contractor, today)
    wanted = {}
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
    """Let every contractor's six weeks move on; beat calls it."""
    for contractor in Contractor.objects.filter(active=True, weekly_slots__isnull=False).distinct():
        refresh(contractor, now)


@transaction.atomic
def add_week(*, contractor: Contractor, days, sectors=(), now: datetime, **span) -> None:
    """The same span on several weekdays; one that is known is replaced."""
    for weekday in days:
        key = {"team": span["team"], "weekday": weekday, "starts": span["starts"]}
        rest = {name: span[name] for name in ("ends", "minutes", "capacity")}
        row, _new = WeeklySlot.objects.update_or_create(contractor=contractor, **key, defaults=rest)
        row.sectors.set(sectors)
    refresh(contractor, now)


@transaction.atomic
def drop_week(*, row: WeeklySlot, now: datetime) -> None:
    """This span is offered no more."""
    contractor = row.contractor
    row.delete()
    refresh(contractor, now)


@transaction.atomic
def add_absence(*, contractor: Contractor, first_day, last_day, reason: str, now: datetime) -> None:
    """Nothing is offered on these days; visits already agreed stand until somebody moves them."""
    Unavailability.objects.create(
        contractor=contractor, first_day=first_day, last_day=last_day, reason=reason
    )
    days = {"starts__date__gte": first_day, "starts__date__lte": last_day}
    _withdraw(Slot.objects.filter(contractor=contractor, starts__gt=now, **days))
    refresh(contractor, now)


@transaction.atomic
def drop_absence(*, row: Unavailability, now: datetime) -> None:
    """They come after all."""
    contractor = row.contractor
    row.delete()
    refresh(contractor, now)


def add_dates(*, contractor: Contractor, spans) -> int:
    """Single dates beyond the week; returns how many are new."""
    return publish_slots(contractor, spans)


def next_free(contractor: Contractor, now: datetime, most: int) -> list[Slot]:
    """The next free slots of all teams and sectors, for the contractor's own eyes."""
    return list(free_of(contractor, now).order_by("starts", "team")[:most])
