"""The slots of contractors: write them, and find those that can be offered."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agencies.models import Contractor
from requests.claims.models import Claim
from requests.work_orders.appointment_models import Appointment, Slot
from requests.work_orders.models import WorkOrder
from requests.work_orders.slot_models import WeeklySlot

MIN_LEAD = timedelta(hours=2)  # a date that begins sooner is not offered
OPTIONS = 3
Span = tuple[datetime, datetime]


def publish_slots(contractor: Contractor, spans: Iterable[Span], team: str = "") -> int:
    """Write the spans (aware start, end) in which a team can come, and return how many.

    Slots that exist already are left unchanged.
    """
    rows = [Slot(contractor=contractor, team=team, starts=a, ends=b) for a, b in spans]
    made = len(Slot.objects.bulk_create(rows, ignore_conflicts=True))
    # A slot withdrawn with its week or for an absence becomes a single slot again.
    again = Slot.objects.filter(contractor=contractor, team=team, withdrawn=True)
    again.filter(starts__in=[row.starts for row in rows]).update(
        withdrawn=False, by_week=False, weekly=None
    )
    return made


def free_slots_of(contractor: Contractor, now: datetime) -> QuerySet[Slot]:
    """Return the contractor's slots without a visit that begin ``MIN_LEAD`` from now or later."""
    taken = Appointment.objects.of(contractor=OuterRef("contractor")).filter(
        team=OuterRef("team"),
        state__in=Appointment.ACTIVE,
        starts__lt=OuterRef("ends"),
        ends__gt=OuterRef("starts"),
    )
    return Slot.objects.filter(
        ~Exists(taken), contractor=contractor, withdrawn=False, starts__gte=now + MIN_LEAD
    )


def place_condition(order: WorkOrder) -> Q:
    """Return the condition for slots of teams that serve the place of ``order``.

    A weekly slot without sectors serves every place.
    """
    residence = order.claim.residence
    elsewhere = WeeklySlot.objects.filter(
        contractor=order.contractor_id, sectors__isnull=False
    ).exclude(sectors=residence.sector_id if residence else None)
    return Q(weekly__isnull=True) | ~Q(weekly__in=elsewhere)


def limit_condition(order: WorkOrder, now: datetime) -> Q:
    """Return the condition for slots that begin before the order's own limit.

    Once the limit is over, the soonest dates are all that is left to offer.
    """
    return Q(starts__lte=order.respond_by) if order.respond_by > now else Q()


def needs_somebody_home(claim: Claim) -> bool:
    """Return whether somebody must open a door: nobody must for the common parts."""
    return claim.dwelling_id is not None and claim.category.asset == "dwelling"


def dates_to_offer(order: WorkOrder, now: datetime) -> list[Slot]:
    """Return the dates that the tenant of ``order`` can be offered now, in order.

    None after the order's own limit while that lies ahead, and none at all for a place where
    nobody must be home: the contractor comes when it suits them.
    """
    if not needs_somebody_home(order.claim):
        return []
    return free_slots(
        order.contractor,
        now=now,
        availability=order.claim.availability,
        where=place_condition(order) & limit_condition(order, now),
    )


def free_slots(
    contractor: Contractor,
    *,
    now: datetime,
    availability: Iterable[str] = (),
    where: Q | None = None,
    most: int = OPTIONS,
) -> list[Slot]:
    """Return the next free slots among ``where``, in order; the tenant's half-days are preferred.

    ``availability`` holds "weekday_am" and "weekday_pm", in local time.
    """
    slots = list(
        free_slots_of(contractor, now).filter(where or Q()).order_by("starts", "team")[: most * 40]
    )
    unique: dict[tuple[datetime, datetime], Slot] = {}
    for slot in slots:
        unique.setdefault((slot.starts, slot.ends), slot)
    wanted = {half for half in availability if half in {"weekday_am", "weekday_pm"}}

    def suits(slot: Slot) -> bool:
        """Return whether the slot is in one of the tenant's half-days."""
        local = timezone.localtime(slot.starts)
        return local.weekday() < 5 and f"weekday_{'am' if local.hour < 12 else 'pm'}" in wanted

    # Prefer different days: three hours of one day are hardly a choice.
    days: defaultdict[date, int] = defaultdict(int)
    ranked: list[tuple[bool, int, datetime, Slot]] = []
    for slot in sorted(unique.values(), key=lambda s: (bool(wanted) and not suits(s), s.starts)):
        day = timezone.localdate(slot.starts)
        ranked.append((bool(wanted) and not suits(slot), days[day], slot.starts, slot))
        days[day] += 1
    first = sorted(ranked, key=lambda row: row[:3])[:most]
    return [row[-1] for row in sorted(first, key=lambda row: row[2])]
