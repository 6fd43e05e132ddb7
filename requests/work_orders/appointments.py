"""Offer dates, book, move and cancel visits; the database refuses a double booking.

Locks are always taken in the order contractor, order, claim.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from agencies.models import Contractor
from portal.actor import Actor
from portal.dates import moment
from requests.claims import workflow
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.work_orders.actions import advance_order
from requests.work_orders.appointment_models import (
    Appointment,
    Offer,
    OfferOption,
    Slot,
)
from requests.work_orders.models import WorkOrder
from requests.work_orders.open_slots import (
    Span,
    dates_to_offer,
    free_slots_of,
    place_condition,
    publish_slots,
)
from requests.work_orders.workflow import ENDED, OrderStep

REMINDER_AT = time(17, 0)  # the day before, local time


class OfferClosed(Exception):
    """The offer was answered or replaced, or its order has ended."""


class OfferChanged(Exception):
    """Other dates are free now than those that a person read before offering them."""


class SlotTaken(Exception):
    """The slot was booked meanwhile, or has begun."""


@dataclass(frozen=True)
class PickResult:
    """The result of ``pick``: the booked ``visit``, or None when the date was no longer free.

    Then ``offer`` holds the next dates, or None when no date is left.
    """

    visit: Appointment | None
    offer: Offer | None


def chooses_a_date() -> Exists:
    """Return the condition of a query of claims: dates are offered and wait for the tenant.

    Whoever asked to be called waits for us.
    """
    offers = Offer.objects.of(order__claim=OuterRef("pk"))
    return Exists(offers.filter(closed_at__isnull=True, called_for=False))


def active_visit(order: WorkOrder) -> Appointment | None:
    """Return the agreed visit of the order, if any."""
    active = (row for row in order.appointments.all() if row.state in Appointment.ACTIVE)
    return next(active, None)


@transaction.atomic
def offer_dates(
    *,
    order: WorkOrder,
    actor: Actor,
    now: datetime,
    channel: str = Channel.WEB,
    tell: bool = True,
    seen: Sequence[int] | None = None,
) -> Offer | None:
    """Offer ``dates_to_offer`` and close an earlier offer; None when nothing is free.

    ``tell`` records the event by which the tenant is notified; staff can undo it meanwhile
    (``effects.py``). ``seen``: the slots that a person read before. Raises ``OfferClosed`` when
    the order has ended, ``OfferChanged`` when other dates would be offered than were seen.
    """
    order = (
        WorkOrder.objects.system("offer")
        .select_for_update(of=("self",))
        .select_related("claim__residence", "claim__category", "contractor")
        .get(pk=order.pk)
    )
    if order.state in ENDED:
        raise OfferClosed(str(order))
    slots = dates_to_offer(order, now)
    if seen is not None and [slot.pk for slot in slots] != list(seen):
        raise OfferChanged(str(order))
    replaced = _close_offers(order, now)
    if not slots:
        return None
    offer = Offer.objects.create(order=order, channel=channel, made_at=now)
    OfferOption.objects.bulk_create(
        OfferOption(offer=offer, number=number, slot=slot) for number, slot in enumerate(slots, 1)
    )
    if tell:
        facts = {**_offer_facts(offer), "replaces": replaced}
        _record_on_claim(order, Event.VISIT_OFFERED, actor=actor, now=now, undoable=True, **facts)
    return offer


def _close_offers(order: WorkOrder, now: datetime) -> list[int]:
    """Close the open offers of the order and return their keys."""
    rows = order.offers.filter(closed_at__isnull=True)
    keys = list(rows.values_list("pk", flat=True))
    rows.update(closed_at=now)
    return keys


@transaction.atomic
def renotify_offer(*, offer: Offer, now: datetime) -> None:
    """Notify the tenant of an open offer again, after an answer with an unknown number."""
    _record_on_claim(
        offer.order, Event.VISIT_OFFERED, actor=Actor.SYSTEM, now=now, **_offer_facts(offer)
    )


def _offer_facts(offer: Offer) -> dict[str, Any]:
    """Return what the event stores of an offer: its link and its numbered dates."""
    options = offer.options.select_related("slot").order_by("number")
    return {
        "offer": offer.pk,
        "offer_link": settings.PALIER_URL + reverse("visit", args=[offer.token]),
        "dates": [
            [str(o.number), o.slot.starts.isoformat(), o.slot.ends.isoformat()] for o in options
        ],
    }


def _record_on_claim(
    order: WorkOrder,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    undoable: bool = False,
    **facts: Any,
) -> None:
    """Record one event on the claim; the tenant is notified from it, by their own channel."""
    claim = Claim.objects.system("visit").get(pk=order.claim_id)
    record(
        claim,
        name,
        actor=actor,
        now=now,
        undoable=undoable,
        order=str(order.pk),
        contractor=order.contractor.name,
        **facts,
    )


def pick(
    *, offer: Offer, number: int, now: datetime, channel: str, actor: Actor = Actor.TENANT
) -> PickResult:
    """Book option ``number``; when it is no longer free, offer the next dates at once.

    Raises ``OfferClosed`` when the offer is closed, ``OfferOption.DoesNotExist`` for a number that
    was not offered, ``workflow.NotAllowed`` when the order's state does not allow a visit.
    """
    with transaction.atomic():
        # One booking at a time per contractor: otherwise two overlapping inserts could wait for
        # each other, and one would fail with a deadlock instead of ``SlotTaken``.
        Contractor.objects.select_for_update(no_key=True).get(pk=offer.order.contractor_id)
        current = Offer.objects.system("appointments").select_for_update().get(pk=offer.pk)
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
            return PickResult(None, fresh)
        current.closed_at = now
        current.save(update_fields=["closed_at"])
    return PickResult(visit, current)


def _first_free(
    order: WorkOrder, slot: Slot, *, actor: Actor, now: datetime, channel: str
) -> Appointment | None:
    """Book ``slot``, or the same hours with another team; return None when all are taken."""
    same = free_slots_of(order.contractor, now).filter(
        place_condition(order), starts=slot.starts, ends=slot.ends
    )
    for one in [slot, *same.exclude(pk=slot.pk).order_by("team")]:
        if not one.withdrawn:
            with contextlib.suppress(SlotTaken):
                return _book(
                    order, one.starts, one.ends, one.team, actor=actor, now=now, channel=channel
                )
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
    """Book a date agreed directly, by phone or by the contractor. Raises ``SlotTaken``."""
    Contractor.objects.select_for_update(no_key=True).get(pk=order.contractor_id)
    visit = _book(order, starts, ends, team, actor=actor, now=now, channel=channel)
    order.offers.filter(closed_at__isnull=True).update(closed_at=now)
    return visit


def _book(
    order: WorkOrder,
    starts: datetime,
    ends: datetime,
    team: str,
    *,
    actor: Actor,
    now: datetime,
    channel: str,
) -> Appointment:
    """Write the visit, move the order, and plan the reminder. Raises ``SlotTaken``."""
    if starts <= now:
        raise SlotTaken("past")
    # All visits of an order are one calendar event, so its sequence goes on (RFC 5545, 3.8.7.4).
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
        datetime.combine(timezone.localdate(starts) - timedelta(days=1), REMINDER_AT)
    )
    if at > now:
        enqueue(Job.Kind.REMIND, visit.pk, delay=at - now)
    return visit


@transaction.atomic
def cancel_visit(*, order: WorkOrder, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel the visit, keep the order, and offer new dates."""
    advance_order(order=order, transition=OrderStep.UNBOOK, actor=actor, now=now, reason=reason)
    offer_dates(order=order, actor=actor, now=now)


@transaction.atomic
def confirm(*, order: WorkOrder, actor: Actor, now: datetime, version: int | None = None) -> None:
    """Confirm the agreed date, for the contractor. Raises NotAllowed without an agreed date."""
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
def propose_dates(
    *, order: WorkOrder, spans: Sequence[Span], reason: str, actor: Actor, now: datetime
) -> Offer:
    """Offer the contractor's own dates: write them as slots, then offer them to the tenant.

    The agency finds a note where they are after the order's limit, which lies ahead.
    """
    if order.is_after_limit(min(starts for starts, _ends in spans), now):
        with translation.override(settings.LANGUAGE_CODE):
            said = gettext(
                "%(company)s offers dates after the limit of the order, %(limit)s: %(reason)s"
            )
            words = {"company": order.contractor, "limit": moment(order.respond_by)}
            outgoing.write_note(order.claim, said % {**words, "reason": reason}, now)
    if active_visit(order):
        advance_order(order=order, transition=OrderStep.UNBOOK, actor=actor, now=now, reason=reason)
    publish_slots(order.contractor, spans)
    _close_offers(order, now)
    offer = Offer.objects.create(order=order, channel=Channel.WEB, made_at=now)
    slots = Slot.objects.filter(
        contractor=order.contractor, team="", starts__in=[starts for starts, _ends in spans]
    )
    OfferOption.objects.bulk_create(
        OfferOption(offer=offer, number=number, slot=slot)
        for number, slot in enumerate(slots.order_by("starts"), 1)
    )
    _record_on_claim(
        order, Event.VISIT_OFFERED, actor=actor, now=now, **_offer_facts(offer), reason=reason
    )
    return offer


@transaction.atomic
def no_access(*, order: WorkOrder, text: str, actor: Actor, now: datetime) -> Offer | None:
    """Record that nobody opened, and offer new dates. The tenant is notified."""
    advance_order(order=order, transition=OrderStep.NO_ACCESS, actor=actor, now=now, text=text)
    return offer_dates(order=order, actor=Actor.SYSTEM, now=now)


@transaction.atomic
def running_late(*, order: WorkOrder, until: datetime, actor: Actor, now: datetime) -> None:
    """Record until when the contractor may come instead. The tenant is notified."""
    advance_order(order=order, transition=OrderStep.LATE, actor=actor, now=now, until=until)
    _record_on_claim(order, Event.VISIT_LATE, actor=actor, now=now, until=until.isoformat())


@transaction.atomic
def ask_for_call(*, offer: Offer, now: datetime) -> None:
    """Record that no date suits and that the tenant asks for a call."""
    if not offer.called_for:
        Offer.objects.system("appointments").filter(pk=offer.pk).update(called_for=True)
        _record_on_claim(offer.order, Event.CALL_WANTED, actor=Actor.TENANT, now=now)


@transaction.atomic
def remind(*, key: str, now: datetime) -> None:
    """Record the reminder of the day before, once, if the visit still takes place.

    ``key`` is the primary key of the visit, as a job gives it.
    """
    visit = (
        Appointment.objects.system("appointments")
        .select_related("order__contractor", "order__claim")
        .filter(pk=key)
        .first()
    )
    if visit is None or visit.state not in Appointment.ACTIVE or visit.starts <= now:
        return
    earlier = ClaimEvent.objects.system("appointments").filter(
        claim=visit.order.claim_id, name=Event.VISIT_REMINDER, facts__visit=str(visit.pk)
    )
    if not earlier.exists():
        _record_on_claim(
            visit.order,
            Event.VISIT_REMINDER,
            actor=Actor.SYSTEM,
            now=now,
            visit=str(visit.pk),
            visit_at=visit.starts.isoformat(),
            visit_until=visit.ends.isoformat(),
        )
