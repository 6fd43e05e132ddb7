"""Visits: offer dates, take one, move it, cancel it; the database refuses a double booking.

Locks are always taken in the order contractor, order, claim.
"""

import contextlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agencies.models import Contractor
from portal.actor import Actor
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.work_orders.actions import advance_order
from requests.work_orders.appointment_models import (
    Appointment,
    Offer,
    OfferOption,
    Slot,
)
from requests.work_orders.models import WorkOrder
from requests.work_orders.slot_models import WeeklySlot
from requests.work_orders.workflow import ENDED, VISITING, OrderStep

NOTICE = timedelta(hours=2)  # nobody is offered a date that begins sooner
OPTIONS = 3
REMINDED_AT = time(17, 0)  # the day before, local time
GRACE = timedelta(hours=2)  # a visit that lasts: details stay open a little


class OfferClosed(Exception):
    """The offer was answered, replaced or its order has ended."""


class SlotTaken(Exception):
    """Somebody else was faster."""


@dataclass(frozen=True)
class Picked:
    """``visit`` when the date was free; else ``offer`` holds the next dates, or None left."""

    visit: Appointment | None
    offer: Offer | None


def active_visit(order: WorkOrder) -> Appointment | None:
    """The visit that stands, if any."""
    return order.appointments.filter(state__in=Appointment.ACTIVE).first()


def publish_slots(contractor: Contractor, spans, team: str = "") -> int:
    """Write the spans (aware start, end) a team is available; known ones are left alone."""
    rows = [Slot(contractor=contractor, team=team, starts=a, ends=b) for a, b in spans]
    made = len(Slot.objects.bulk_create(rows, ignore_conflicts=True))
    # What was withdrawn with the week or an absence is said anew, by itself.
    again = Slot.objects.filter(contractor=contractor, team=team, withdrawn=True)
    again.filter(starts__in=[row.starts for row in rows]).update(
        withdrawn=False, by_week=False, weekly=None
    )
    return made


def free_of(contractor: Contractor, now: datetime) -> QuerySet[Slot]:
    """The contractor's slots that still hold a visit and leave time to say so."""
    taken = Appointment.objects.filter(
        contractor=OuterRef("contractor"),
        team=OuterRef("team"),
        state__in=Appointment.ACTIVE,
        starts__lt=OuterRef("ends"),
        ends__gt=OuterRef("starts"),
    )
    return Slot.objects.filter(
        ~Exists(taken), contractor=contractor, withdrawn=False, starts__gte=now + NOTICE
    )


def _comes_to(order: WorkOrder) -> Q:
    """Slots of teams that come to the place of ``order``; without a sector they come everywhere."""
    residence = order.claim.residence
    elsewhere = WeeklySlot.objects.filter(
        contractor=order.contractor_id, sectors__isnull=False
    ).exclude(sectors=residence.sector_id if residence else None)
    return Q(weekly__isnull=True) | ~Q(weekly__in=elsewhere)


def free_slots(
    contractor: Contractor,
    *,
    now: datetime,
    availability=(),
    where: Q | None = None,
    most: int = OPTIONS,
):
    """The next free slots among ``where``; the tenant's half-days first, if any."""
    slots = list(
        free_of(contractor, now).filter(where or Q()).order_by("starts", "team")[: most * 40]
    )
    unique = {}
    for slot in slots:
        unique.setdefault((slot.starts, slot.ends), slot)
    wanted = {half for half in availability if half in {"weekday_am", "weekday_pm"}}

    def suits(slot: Slot) -> bool:
        local = timezone.localtime(slot.starts)
        return local.weekday() < 5 and f"weekday_{'am' if local.hour < 12 else 'pm'}" in wanted

    # Different days first: three hours of one day are hardly a choice.
    days, ranked = defaultdict(int), []
    for slot in sorted(unique.values(), key=lambda s: (bool(wanted) and not suits(s), s.starts)):
        day = timezone.localdate(slot.starts)
        ranked.append((bool(wanted) and not suits(slot), days[day], slot.starts, slot))
        days[day] += 1
    first = sorted(ranked, key=lambda row: row[:3])[:most]
    return [row[-1] for row in sorted(first, key=lambda row: row[2])]


@transaction.atomic
def offer_dates(
    *, order: WorkOrder, actor: Actor, now: datetime, channel: str = Channel.WEB, tell: bool = True
) -> Offer | None:
    """Offer up to three free dates; an earlier offer closes. None when nothing is free.

    ``tell`` records the event from which the tenant is told by their own channel.
    """
    order = (
        WorkOrder.objects.system("offer")
        .select_for_update(of=("self",))
        .select_related("claim__residence", "contractor")
        .get(pk=order.pk)
    )
    if order.state in ENDED:
        raise OfferClosed(str(order))
    slots = free_slots(
        order.contractor,
        now=now,
        availability=order.claim.availability,
        where=_comes_to(order),
    )
    order.offers.filter(closed_at__isnull=True).update(closed_at=now)
    if not slots:
        return None
    offer = Offer.objects.create(order=order, channel=channel, made_at=now)
    OfferOption.objects.bulk_create(
        OfferOption(offer=offer, number=number, slot=slot) for number, slot in enumerate(slots, 1)
    )
    if tell:
        _tell(order, Event.VISIT_OFFERED, actor=actor, now=now, **_offered(offer))
    return offer


@transaction.atomic
def tell_again(*, offer: Offer, now: datetime) -> None:
    """Say an open offer once more, to somebody who answered with a number that it has not."""
    _tell(offer.order, Event.VISIT_OFFERED, actor=Actor.SYSTEM, now=now, **_offered(offer))


def _offered(offer: Offer) -> dict:
    """What the tenant must read of an offer, kept with the event: its link and numbered dates."""
    options = offer.options.select_related("slot").order_by("number")
    return {
        "offer": offer.pk,
        "offer_link": settings.PALIER_URL + reverse("visit", args=[offer.token]),
        "dates": [
            [str(o.number), o.slot.starts.isoformat(), o.slot.ends.isoformat()] for o in options
        ],
    }


def _tell(order: WorkOrder, name: str, *, actor: Actor, now: datetime, **facts) -> None:
    """One event on the claim: the tenant is told from it, by their own channel."""
    claim = Claim.objects.system("visit").get(pk=order.claim_id)
    record(
        claim,
        name,
        actor=actor,
        now=now,
        order=str(order.pk),
        contractor=order.contractor.name,
        **facts,
    )


def pick(
    *, offer: Offer, number: int, now: datetime, channel: str, actor: Actor = Actor.TENANT
) -> Picked:
    """Take option ``number``. When somebody was faster, the next dates are offered at once.

    Raises ``OfferClosed`` when the offer no longer counts, OfferOption.DoesNotExist for a number
    that was not offered, ``workflow.NotAllowed`` when the order has moved on.
    """
    with transaction.atomic():
        # One booking at a time per contractor; without this two overlapping inserts could wait
        # for each other and one would die of a deadlock instead of a clean refusal.
        Contractor.objects.select_for_update(no_key=True).get(pk=offer.order.contractor_id)
        current = Offer.objects.select_for_update().get(pk=offer.pk)
        if current.closed_at:
            raise OfferClosed(str(offer))
        slot = current.options.select_related("slot").get(number=number).slot
        visit = _first_free(offer.order, slot, actor=actor, now=now, channel=channel)
        if visit is None:
            fresh = offer_dates(
                order=offer.order,
                actor=actor,
                now=now,
                channel=channel,
                tell=channel != Channel.WEB,
            )
            return Picked(None, fresh)
        current.closed_at = now
        current.save(update_fields=["closed_at"])
    return Picked(visit, current)


def _first_free(order, slot: Slot, **who) -> Appointment | None:
    """Book ``slot``, or the same hours with another team that comes there; None when all are."""
    same = free_of(order.contractor, who["now"]).filter(
        _comes_to(order), starts=slot.starts, ends=slot.ends
    )
    for one in [slot, *same.exclude(pk=slot.pk).order_by("team")]:
        if not one.withdrawn:
            with contextlib.suppress(SlotTaken):
                return _book(order, one.starts, one.ends, one.team, **who)
    return None


@transaction.atomic
def book(
    *,
    order: WorkOrder,
    starts: datetime,
    ends: datetime,
    actor: Actor,
    now: datetime,
    channel: str,
    team: str = "",
) -> Appointment:
    """A date agreed directly, on the phone or by the contractor. Raises ``SlotTaken``."""
    Contractor.objects.select_for_update(no_key=True).get(pk=order.contractor_id)
    visit = _book(order, starts, ends, team, actor=actor, now=now, channel=channel)
    order.offers.filter(closed_at__isnull=True).update(closed_at=now)
    return visit


def _book(order, starts, ends, team, *, actor, now, channel) -> Appointment:
    if starts <= now:
        raise SlotTaken("past")
    # One calendar event per order, whatever became of its earlier visits (RFC 5545, 3.8.7.4).
    last = order.appointments.aggregate(last=Max("sequence"))["last"]
    sequence = 0 if last is None else last + 1
    try:
        with transaction.atomic():
            order.appointments.filter(state__in=Appointment.ACTIVE).update(
                state=Appointment.State.MOVED
            )
            visit = Appointment.objects.create(
                order=order,
                contractor_id=order.contractor_id,
                team=team,
                starts=starts,
                ends=ends,
                channel=channel,
                made_at=now,
                sequence=sequence,
            )
    except IntegrityError as error:
        raise SlotTaken from error
    advance_order(
        order=order,
        transition=OrderStep.BOOK,
        actor=actor,
        now=now,
        visit_at=starts,
        visit=str(visit.pk),
    )
    at = timezone.make_aware(
        datetime.combine(timezone.localdate(starts) - timedelta(days=1), REMINDED_AT)
    )
    if at > now:
        enqueue(Job.Kind.REMIND, visit.pk, delay=at - now)
    return visit


@transaction.atomic
def cancel_visit(*, order: WorkOrder, reason: str, actor: Actor, now: datetime) -> None:
    """The visit does not take place; the order lives on and new dates are offered."""
    advance_order(order=order, transition=OrderStep.UNBOOK, actor=actor, now=now, reason=reason)
    offer_dates(order=order, actor=actor, now=now)


@transaction.atomic
def confirm(*, order: WorkOrder, actor: Actor, now: datetime, version: int | None = None) -> None:
    """The contractor confirms the date that was agreed. Raises NotAllowed without one."""
    visit = active_visit(order)
    if visit is None:
        raise workflow.NotAllowed("no date to confirm")
    advance_order(
        order=order,
        transition=OrderStep.CONFIRM,
        actor=actor,
        now=now,
        version=version,
        visit_at=visit.starts,
    )


@transaction.atomic
def propose_dates(*, order: WorkOrder, spans, reason: str, actor: Actor, now: datetime) -> Offer:
    """The contractor offers other dates: written as availability, then offered to the tenant."""
    if active_visit(order):
        advance_order(order=order, transition=OrderStep.UNBOOK, actor=actor, now=now, reason=reason)
    publish_slots(order.contractor, spans)
    order.offers.filter(closed_at__isnull=True).update(closed_at=now)
    offer = Offer.objects.create(order=order, channel=Channel.WEB, made_at=now)
    slots = Slot.objects.filter(
        contractor=order.contractor, team="", starts__in=[starts for starts, _ends in spans]
    )
    OfferOption.objects.bulk_create(
        OfferOption(offer=offer, number=number, slot=slot)
        for number, slot in enumerate(slots.order_by("starts"), 1)
    )
    _tell(order, Event.VISIT_OFFERED, actor=actor, now=now, **_offered(offer), reason=reason)
    return offer


@transaction.atomic
def no_access(*, order: WorkOrder, text: str, actor: Actor, now: datetime) -> Offer | None:
    """Nobody opened: the proof is kept, the tenant is told, and new dates are offered."""
    advance_order(order=order, transition=OrderStep.NO_ACCESS, actor=actor, now=now, text=text)
    return offer_dates(order=order, actor=Actor.SYSTEM, now=now)


@transaction.atomic
def running_late(*, order: WorkOrder, until: datetime, actor: Actor, now: datetime) -> None:
    """The contractor says how late; the tenant reads it before waiting."""
    advance_order(order=order, transition=OrderStep.LATE, actor=actor, now=now, until=until)
    _tell(order, Event.VISIT_LATE, actor=actor, now=now, until=until.isoformat())


@transaction.atomic
def ask_for_call(*, offer: Offer, now: datetime) -> None:
    """No date suits: the tenant is called by a person."""
    if not offer.called_for:
        Offer.objects.filter(pk=offer.pk).update(called_for=True)
        _tell(offer.order, Event.CALL_WANTED, actor=Actor.TENANT, now=now)


@transaction.atomic
def remind(*, key: str, now: datetime) -> None:
    """Job of the day before: one event, if the visit still stands."""
    visit = (
        Appointment.objects.select_related("order__contractor", "order__claim")
        .filter(pk=key)
        .first()
    )
    if visit is None or visit.state not in Appointment.ACTIVE or visit.starts <= now:
        return
    told = ClaimEvent.objects.filter(
        claim=visit.order.claim_id, name=Event.VISIT_REMINDER, facts__visit=str(visit.pk)
    )
    if not told.exists():
        _tell(
            visit.order,
            Event.VISIT_REMINDER,
            actor=Actor.SYSTEM,
            now=now,
            visit=str(visit.pk),
            visit_at=visit.starts.isoformat(),
        )


def details_open(order: WorkOrder, visit: Appointment | None, now: datetime) -> bool:
    """Whether phone and door code may be shown: from confirmation to the end of the visit."""
    if order.state not in VISITING or visit is None:
        return False
    return now <= max(visit.ends, visit.late_until or visit.ends) + GRACE
