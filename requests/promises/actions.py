"""Make, keep, pause and renew promises, in the transaction of the caller.

The callers are the effect of this slice and routing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Greatest

from agencies.models import Unit
from requests.catalogue.models import Category
from requests.claims.access import ClaimQuerySet
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import CALENDAR_URGENCIES, OPEN, State
from requests.promises import deadlines
from requests.promises import rules as promise_rules
from requests.promises.models import (
    EscalationStep,
    EscalationTold,
    Pause,
    Promise,
    PromiseTerm,
    open_condition,
)
from requests.promises.working_time import calendar_of

AT_FIRST = (
    promise_rules.ACKNOWLEDGEMENT,
    promise_rules.TAKE_CHARGE,
    promise_rules.FIRST_VISIT,
    promise_rules.RESOLUTION,
)
AFTER_REOPENING = (promise_rules.ACKNOWLEDGEMENT, promise_rules.RESOLUTION)


def start_promises(
    claim: Claim, *, now: datetime, why: str = "filed", kinds: Iterable[str] = AT_FIRST
) -> None:
    """Make the promises of the terms, counted from the report; after a reopening, from ``now``."""
    starts = claim.filed_at if why == "filed" else now
    calendar, pauses = _calendar(claim, now), _pauses(claim)
    _open(claim).filter(kind__in=kinds).update(ended_at=now)
    _save(
        _new_promise(
            claim, kind, starts, hours, _due(claim, starts, hours, calendar, pauses), now, why
        )
        for kind, hours in _hours(claim.category, claim.urgency, kinds).items()
    )
    _update_shown_date(claim)


def first_news_date(
    *, category: Category, urgency: str, since: datetime, calendar: deadlines.Calendar
) -> datetime:
    """Return the date that the tenant will be shown for such a claim, in UTC. Writes nothing.

    Raises ValueError when the calendar never opens.
    """
    return min(
        deadlines.due_date(since, urgency, hours, calendar)
        for hours in _hours(category, urgency, AT_FIRST).values()
    )


def revert(claim: Claim, *, at: datetime) -> None:
    """Delete or reset what this module wrote at the instant ``at``; for an undone step only."""
    made = Promise.objects.filter(claim=claim, made_at=at)
    EscalationTold.objects.filter(step__promise__in=made).delete()
    EscalationStep.objects.filter(promise__in=made).delete()
    made.delete()
    Pause.objects.filter(claim=claim, starts_at=at).delete()
    Pause.objects.filter(claim=claim, ends_at=at).update(ends_at=None)
    Promise.objects.filter(claim=claim, kept_at=at).update(kept_at=None)
    Promise.objects.filter(claim=claim, ended_at=at).update(ended_at=None)


def promise_news(claim: Claim, *, due: datetime, now: datetime) -> None:
    """Promise news for ``due``, a date that a person gave; the tenant sees it until it is kept."""
    _open(claim).filter(kind=promise_rules.NEWS).update(ended_at=now)
    _save([_new_promise(claim, promise_rules.NEWS, now, None, due, now, "said")])
    _update_shown_date(claim)


def promise_deadline(claim: Claim, kind: str, *, due: datetime, why: str, now: datetime) -> None:
    """Promise ``kind`` for ``due``, which a law or a complaint stage sets; keep an earlier date."""
    current = _open(claim).filter(kind=kind).first()
    if current and current.due_at and current.due_at <= due:
        return
    _open(claim).filter(kind=kind).update(ended_at=now)
    _save([_new_promise(claim, kind, now, None, due, now, why)])
    _update_shown_date(claim)


def working_days(claim: Claim, days: int, *, now: datetime) -> datetime:
    """Return the instant ``days`` working days after ``now``, in the unit's calendar, in UTC."""
    return deadlines.add_time(now, timedelta(hours=8 * days), _calendar(claim, now))


def apply_event(claim: Claim, event: str, *, now: datetime) -> None:
    """Keep, pause, resume or end the promises as the event requires."""
    kept_kinds = [kind for kind, names in promise_rules.KEPT_BY.items() if event in names]
    if kept_kinds:
        _open(claim).filter(kind__in=kept_kinds).update(kept_at=now)
    if claim.state not in OPEN:
        _open(claim).update(ended_at=now)
        _end_pause(claim, now)
    elif claim.state in promise_rules.PAUSED_IN:
        pause(claim, reason=Pause.Reason.TENANT, now=now)
    elif _end_pause(claim, now, access=event in promise_rules.ACCESS_AGAIN):
        renew(claim, why="resumed", now=now)
    if event in {Event.REOPEN, Event.SAY_NOT_FIXED, Event.SEND_BACK}:
        start_promises(claim, now=now, why="reopened", kinds=AFTER_REOPENING)
    _update_shown_date(claim)


def pause(claim: Claim, *, reason: str, now: datetime) -> None:
    """Stop the clock of the claim; a promise that is already due stays due."""
    _pause, created = Pause.objects.get_or_create(
        claim=claim, ends_at=None, defaults={"reason": reason, "starts_at": now}
    )
    if created:
        renew(claim, why="paused", now=now)


def resume(claim: Claim, *, now: datetime) -> None:
    """Let the clock run again after no access; move the promises by the working time lost."""
    if _end_pause(claim, now):
        renew(claim, why="resumed", now=now)
        _update_shown_date(claim)


def renew(claim: Claim, *, why: str, now: datetime, sooner_only: bool = False) -> int:
    """Compute every open promise again and return how many dates moved.

    Called when calendars, urgencies, owners or pauses change. A moved date ends the old row and
    makes a new one. Dates that a person gave stay. With ``sooner_only`` no date becomes later: a
    correction by the landlord must not delay the tenant.
    """
    calendar, pauses = _calendar(claim, now), _pauses(claim)
    hours_now = _hours(claim.category, claim.urgency, AT_FIRST)
    moved: list[Promise] = []
    ended: list[int] = []
    for promise in _open(claim).exclude(kind=promise_rules.NEWS):
        hours = hours_now.get(promise.kind)
        if hours is None:
            continue
        due = _due(claim, promise.starts_at, hours, calendar, pauses)
        if sooner_only and due and promise.due_at:
            due = min(due, promise.due_at)
        if due == promise.due_at:
            continue
        ended.append(promise.pk)
        moved.append(_new_promise(claim, promise.kind, promise.starts_at, hours, due, now, why))
    Promise.objects.filter(pk__in=ended).update(ended_at=now)
    _save(moved)
    _update_shown_date(claim)
    return len(moved)


def renew_unit(unit: Unit | None, *, now: datetime) -> int:
    """Compute the promises of the unit's open claims again, after a change of hours or closures.

    ``unit`` None: the landlord's own days changed. Returns how many promises moved.
    """
    claims = Claim.objects.system("calendar change").filter(state__in=OPEN, routed_at__isnull=False)
    if unit is not None:
        claims = filter_by_unit_hours(claims, unit.pk)
    return sum(renew(claim, why="calendar", now=now) for claim in claims.iterator())


def filter_by_unit_hours(claims: ClaimQuerySet, unit_pk: int) -> ClaimQuerySet:
    """Return those of ``claims`` whose promises run on the working hours of the unit."""
    return claims.filter(Q(residence__unit=unit_pk) | Q(residence=None, owner__unit=unit_pk))


def record_visit(claim: Claim, *, now: datetime, access: bool) -> None:
    """Keep the promise of a first visit; without ``access``, pause until a new visit is planned."""
    _open(claim).filter(kind=promise_rules.FIRST_VISIT).update(kept_at=now)
    if not access and claim.state in OPEN:
        pause(claim, reason=Pause.Reason.ACCESS, now=now)
    _update_shown_date(claim)


def _open(claim: Claim) -> QuerySet[Promise]:
    """Return the promises of the claim that are neither kept nor ended."""
    return Promise.objects.filter(open_condition(), claim=claim)


def _end_pause(claim: Claim, now: datetime, *, access: bool = True) -> bool:
    """End the claim's pause and return whether there was one.

    With ``access`` False, a pause that waits for access to the dwelling goes on.
    """
    pauses = Pause.objects.filter(claim=claim, ends_at__isnull=True)
    if not access:
        pauses = pauses.exclude(reason=Pause.Reason.ACCESS)
    # A server's clock may go back: no pause ends before it began, and no step fails for that.
    return bool(pauses.update(ends_at=Greatest("starts_at", Value(now))))


def _calendar(claim: Claim, now: datetime) -> deadlines.Calendar | None:
    """Return the working time of the unit of the place or, without a place, of the owning desk.

    None for emergencies, whose clock counts every hour.
    """
    if claim.urgency in CALENDAR_URGENCIES:
        return None
    if claim.residence:
        unit = claim.residence.unit
    else:
        assert claim.owner is not None  # promises begin when routing has given the claim its desk
        unit = claim.owner.unit
    return calendar_of(unit, min(claim.filed_at, now).date())


def _pauses(claim: Claim) -> list[deadlines.Pause]:
    """Return the pauses of the claim as plain data."""
    return [deadlines.Pause(p.starts_at, p.ends_at) for p in Pause.objects.filter(claim=claim)]


def _hours(category: Category, urgency: str, kinds: Iterable[str]) -> dict[str, float]:
    """Return hours by kind: the category's term, else the urgency's, else the catalogue's."""
    terms = {
        (term.kind, term.category_id): float(term.hours)
        for term in PromiseTerm.objects.filter(urgency=urgency).filter(
            Q(category=category) | Q(category__isnull=True)
        )
    }
    found: dict[str, float] = {}
    for kind in kinds:
        usual = promise_rules.default_hours(
            kind, urgency, float(category.ack_hours), float(category.resolve_days)
        )
        hours = terms.get((kind, category.pk), terms.get((kind, None), usual))
        if hours is not None:
            found[kind] = hours
    return found


def _due(
    claim: Claim,
    starts: datetime,
    hours: float,
    calendar: deadlines.Calendar | None,
    pauses: list[deadlines.Pause],
) -> datetime | None:
    """Return when ``hours`` have passed since ``starts``, in UTC; None during an open pause."""
    length = deadlines.promised_length(claim.urgency, hours)
    return deadlines.due(starts, length, calendar, pauses)


def _new_promise(
    claim: Claim,
    kind: str,
    starts: datetime,
    hours: float | None,
    due: datetime | None,
    now: datetime,
    why: str,
) -> Promise:
    """Return an unsaved promise of the claim."""
    return Promise(
        claim=claim,
        kind=kind,
        starts_at=starts,
        due_at=due,
        hours=hours,
        urgency=claim.urgency,
        made_at=now,
        why=why,
    )


def _save(promises: Iterable[Promise]) -> None:
    """Write the promises and the dated steps at which they would be escalated."""
    saved = Promise.objects.bulk_create(promises)
    EscalationStep.objects.bulk_create(
        EscalationStep(
            promise=promise,
            level=level.name,
            due_at=promise_rules.level_at(
                level, promise.starts_at, promise.due_at, promise.urgency
            ),
        )
        for promise in saved
        if promise.due_at
        for level in promise_rules.LEVELS
    )


def _update_shown_date(claim: Claim) -> None:
    """Write the date that the tenant reads: what a person gave, else the next promise.

    A planned visit comes before the next promise. None while the clock is paused.
    """
    rows = {p.kind: p.due_at for p in _open(claim)}
    given = rows.pop(promise_rules.NEWS, None)
    shown = given or min((due for due in rows.values() if due), default=None)
    if claim.state == State.PLANNED and claim.visit_at:
        shown = given or claim.visit_at
    if claim.promise_at != shown:
        claim.promise_at = shown
        Claim.objects.system("promise").filter(pk=claim.pk).update(promise_at=shown)


def promise_new_date(claim: Claim, *, now: datetime) -> datetime:
    """Promise and return a new date for a late claim: one working day more, or an hour.

    Emergencies get the hour.
    """
    calendar = _calendar(claim, now)
    length = timedelta(hours=8) if calendar else timedelta(hours=1)
    due = deadlines.add_time(now, length, calendar)
    promise_news(claim, due=due, now=now)
    return due
