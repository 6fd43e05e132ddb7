"""Make, keep, pause and renew promises. Run by its effect and by routing, in their transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from agencies.models import Unit
from requests.catalogue.models import Category
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
    standing,
)
from requests.promises.working_time import calendar_of

AT_FIRST = (
    promise_rules.ACKNOWLEDGEMENT,
    promise_rules.TAKE_CHARGE,
    promise_rules.FIRST_VISIT,
    promise_rules.RESOLUTION,
)
AFTER_REOPENING = (promise_rules.ACKNOWLEDGEMENT, promise_rules.RESOLUTION)


def begin(claim: Claim, *, now: datetime, why: str = "filed", kinds: Iterable[str] = AT_FIRST):
    """Promise what the terms say, from the report on; after a reopening from ``now`` on."""
    starts = claim.filed_at if why == "filed" else now
    calendar, pauses = _calendar(claim, now), _pauses(claim)
    _open(claim).filter(kind__in=kinds).update(ended_at=now)
    _keep(
        _made(claim, kind, starts, hours, _due(claim, starts, hours, calendar, pauses), now, why)
        for kind, hours in _hours(claim.category, claim.urgency, kinds).items()
    )
    _show(claim)


def first_news(
    *, category: Category, urgency: str, since: datetime, calendar: deadlines.Calendar
) -> datetime:
    """The date the tenant will be shown for such a claim, in UTC. Writes nothing."""
    return min(
        deadlines.promise(since, urgency, hours, calendar)
        for hours in _hours(category, urgency, AT_FIRST).values()
    )


def revert(claim: Claim, *, at: datetime) -> None:
    """Take back what ``after`` and its kin did at the instant ``at``; for an undone step only."""
    made = Promise.objects.filter(claim=claim, made_at=at)
    EscalationTold.objects.filter(step__promise__in=made).delete()
    EscalationStep.objects.filter(promise__in=made).delete()
    made.delete()
    Pause.objects.filter(claim=claim, starts_at=at).delete()
    Pause.objects.filter(claim=claim, ends_at=at).update(ends_at=None)
    Promise.objects.filter(claim=claim, kept_at=at).update(kept_at=None)
    Promise.objects.filter(claim=claim, ended_at=at).update(ended_at=None)


def say(claim: Claim, *, due: datetime, now: datetime) -> None:
    """A person promised news for ``due``: the tenant is shown this date until it is kept."""
    _open(claim).filter(kind=promise_rules.NEWS).update(ended_at=now)
    _keep([_made(claim, promise_rules.NEWS, now, None, due, now, "said")])
    _show(claim)


def dated(claim: Claim, kind: str, *, due: datetime, why: str, now: datetime) -> None:
    """Promise ``kind`` for an instant that a law or a stage sets; the earlier of two stands."""
    kept = _open(claim).filter(kind=kind).first()
    if kept and kept.due_at and kept.due_at <= due:
        return
    _open(claim).filter(kind=kind).update(ended_at=now)
    _keep([_made(claim, kind, now, None, due, now, why)])
    _show(claim)


def working_days(claim: Claim, days: int, *, now: datetime) -> datetime:
    """The instant ``days`` working days after ``now``, in the unit's calendar, in UTC."""
    due = deadlines.due(now, timedelta(hours=8 * days), _calendar(claim, now))
    assert due is not None  # no pause was given
    return due


def after(claim: Claim, event: str, *, now: datetime) -> None:
    """What an event does to the promises: keeps some, pauses or resumes all, ends the rest."""
    kept = [kind for kind, names in promise_rules.KEPT_BY.items() if event in names]
    if kept:
        _open(claim).filter(kind__in=kept).update(kept_at=now)
    if claim.state not in OPEN:
        _open(claim).update(ended_at=now)
        _end_pause(claim, now)
    elif claim.state in promise_rules.PAUSED_IN:
        pause(claim, reason=Pause.Reason.TENANT, now=now)
    elif _end_pause(claim, now, access=event in promise_rules.ACCESS_AGAIN):
        renew(claim, why="resumed", now=now)
    if event in {Event.REOPEN, Event.SAY_NOT_FIXED, Event.SEND_BACK}:
        begin(claim, now=now, why="reopened", kinds=AFTER_REOPENING)
    _show(claim)


def pause(claim: Claim, *, reason: str, now: datetime) -> None:
    """Stop the clock; what is already due stays due."""
    _made, created = Pause.objects.get_or_create(
        claim=claim, ends_at=None, defaults={"reason": reason, "starts_at": now}
    )
    if created:
        renew(claim, why="paused", now=now)


def resume(claim: Claim, *, now: datetime) -> None:
    """Let the clock run again after no access; the promises move by the working time lost."""
    if _end_pause(claim, now):
        renew(claim, why="resumed", now=now)
        _show(claim)


def renew(claim: Claim, *, why: str, now: datetime, sooner_only: bool = False) -> int:
    """Reckon every open promise again; a moved date ends the old row. Returns how many moved.

    For changed calendars, classes, owners and pauses. Dates that a person said stay. With
    ``sooner_only`` no date is put off: a correction of ours costs the tenant nothing.
    """
    calendar, pauses = _calendar(claim, now), _pauses(claim)
    hours_now = _hours(claim.category, claim.urgency, AT_FIRST)
    moved, ended = [], []
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
        moved.append(_made(claim, promise.kind, promise.starts_at, hours, due, now, why))
    Promise.objects.filter(pk__in=ended).update(ended_at=now)
    _keep(moved)
    _show(claim)
    return len(moved)


def renew_unit(unit: Unit | None, *, now: datetime) -> int:
    """After a change of hours or closures: reckon again for all open claims of the unit.

    ``unit`` None: the landlord's own days changed. Returns how many promises moved.
    """
    claims = Claim.objects.system("calendar change").filter(state__in=OPEN, routed_at__isnull=False)
    if unit is not None:
        claims = looked_after(claims, unit.pk)
    return sum(renew(claim, why="calendar", now=now) for claim in claims.iterator())


def looked_after(claims, unit_pk: int):
    """Of ``claims``, those whose promises run on the hours of the unit."""
    return claims.filter(Q(residence__unit=unit_pk) | Q(residence=None, owner__unit=unit_pk))


def visited(claim: Claim, *, now: datetime, access: bool) -> None:
    """Somebody came. Without ``access`` the clock stands still until a new visit is planned."""
    _open(claim).filter(kind=promise_rules.FIRST_VISIT).update(kept_at=now)
    if not access and claim.state in OPEN:
        pause(claim, reason=Pause.Reason.ACCESS, now=now)
    _show(claim)


def _open(claim: Claim):
    return Promise.objects.filter(standing(), claim=claim)


def _end_pause(claim: Claim, now: datetime, *, access: bool = True) -> bool:
    """``access`` False leaves a pause alone that waits for access to the dwelling."""
    pauses = Pause.objects.filter(claim=claim, ends_at__isnull=True)
    if not access:
        pauses = pauses.exclude(reason=Pause.Reason.ACCESS)
    return bool(pauses.update(ends_at=now))


def _calendar(claim: Claim, now: datetime) -> deadlines.Calendar | None:
    """The working time of the unit that looks after the place, or of the owner's."""
    if claim.urgency in CALENDAR_URGENCIES:
        return None
    unit = claim.residence.unit if claim.residence else claim.owner.unit
    return calendar_of(unit, min(claim.filed_at, now).date())


def _pauses(claim: Claim) -> list[deadlines.Pause]:
    return [deadlines.Pause(p.starts_at, p.ends_at) for p in Pause.objects.filter(claim=claim)]


def _hours(category: Category, urgency: str, kinds: Iterable[str]) -> dict[str, float]:
    """Hours by kind: the category's own term, else the urgency's, else the catalogue's."""
    terms = {
        (term.kind, term.category_id): float(term.hours)
        for term in PromiseTerm.objects.filter(urgency=urgency).filter(
            Q(category=category) | Q(category__isnull=True)
        )
    }
    found = {}
    for kind in kinds:
        usual = promise_rules.default_hours(
            kind, urgency, category.ack_hours, category.resolve_days
        )
        hours = terms.get((kind, category.pk), terms.get((kind, None), usual))
        if hours is not None:
            found[kind] = hours
    return found


def _due(claim, starts, hours, calendar, pauses) -> datetime | None:
    length = deadlines.promised_length(claim.urgency, hours)
    return deadlines.due(starts, length, calendar, pauses)


def _made(claim, kind, starts, hours, due, now, why) -> Promise:
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


def _keep(made: Iterable[Promise]) -> None:
    """Write the rows, and the dated steps by which their lateness would climb."""
    kept = Promise.objects.bulk_create(made)
    EscalationStep.objects.bulk_create(
        EscalationStep(
            promise=promise,
            level=level.name,
            due_at=promise_rules.level_at(
                level, promise.starts_at, promise.due_at, promise.urgency
            ),
        )
        for promise in kept
        if promise.due_at
        for level in promise_rules.LEVELS
    )


def _show(claim: Claim) -> None:
    """The date the tenant reads: what a person said, else the next promise; None while paused."""
    rows = {p.kind: p.due_at for p in _open(claim)}
    said = rows.pop(promise_rules.NEWS, None)
    shown = said or min((due for due in rows.values() if due), default=None)
    if claim.state == State.PLANNED and claim.visit_at:
        shown = said or claim.visit_at
    if claim.promise_at != shown:
        claim.promise_at = shown
        Claim.objects.system("promise").filter(pk=claim.pk).update(promise_at=shown)


def lateness_told(claim: Claim, *, now: datetime) -> datetime:
    """A new date for a late claim: one working day more, or an hour for emergencies."""
    calendar = _calendar(claim, now)
    length = timedelta(hours=8) if calendar else timedelta(hours=1)
    due = deadlines.due(now, length, calendar)
    assert due is not None  # no pause was given
    say(claim, due=due, now=now)
    return due
