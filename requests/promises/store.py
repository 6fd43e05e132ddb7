"""Load the ledger of a claim, and write what changed in it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from agencies.models import Desk, Unit
from portal.clock import not_before
from portal.database.related_rows import kept
from portal.memory import once
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.promises import deadlines, ledger
from requests.promises import rules as promise_rules
from requests.promises.followers import leading_date
from requests.promises.ledger import Ledger, Line, Terms
from requests.promises.models import EscalationStep, Pause, Promise, PromiseTerm, open_condition
from requests.promises.working_time import calendar_of


def open_promises(claim: Claim) -> QuerySet[Promise]:
    """Return the promises of the claim that are neither kept nor ended."""
    return Promise.objects.filter(open_condition(), claim=claim)


def calendar_for(claim: Claim, now: datetime) -> deadlines.Calendar:
    """Return the working time of the unit of the place or, without a place, of the owning desk.

    Head office's when neither is known. Raises Unit.DoesNotExist.
    """
    if claim.residence:
        unit = claim.residence.unit
    elif claim.owner:
        unit = claim.owner.unit
    else:
        unit = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    return calendar_of(unit, min(claim.filed_at, now).date())


def is_on_call(desk: Desk | None) -> bool:
    """Return whether somebody of the desk is there at every hour."""
    return desk is not None and desk.kind == Desk.Kind.ON_CALL


def terms_of(
    category: Category,
    urgency: str,
    calendar: deadlines.Calendar | None,
    *,
    on_call: bool,
    kinds: Iterable[str] = ledger.AT_FIRST,
    known: Iterable[PromiseTerm] | None = None,
) -> Terms:
    """Return the lengths by kind: the category's term, else the urgency's, else the catalogue's.

    ``known`` are the terms of the urgency and of the category, where the caller has them.
    """
    if known is None:
        mine = Q(category=category) | Q(category__isnull=True)
        rows = PromiseTerm.objects.filter(mine, urgency=urgency)
        known = once(("terms", urgency, category.pk), lambda: list(rows))
    terms = {(term.kind, term.category_id): float(term.hours) for term in known}
    found: dict[str, float] = {}
    for kind in kinds:
        usual = promise_rules.default_hours(
            kind, urgency, float(category.ack_hours), float(category.resolve_days)
        )
        hours = terms.get((kind, category.pk), terms.get((kind, None), usual))
        if hours is not None:
            found[kind] = hours
    return Terms(urgency, found, calendar, on_call)


def load(claim: Claim, now: datetime) -> Ledger:
    """Return the ledger of the claim as it stands.

    That of a claim that is not routed yet holds what routing will promise.
    """
    terms = terms_of(
        claim.category,
        claim.urgency,
        calendar_for(claim, now),
        on_call=is_on_call(claim.owner),
        known=kept(claim, "terms"),
    )
    found = Ledger(terms, now, shared=leading_date(claim, now), told=claim.promise_at)
    for pause in claim.pauses.all():
        if pause.ends_at is None:
            found.paused, found.paused_at = pause.reason, pause.starts_at
        else:
            found.pauses.append(deadlines.Pause(pause.starts_at, pause.ends_at))
    for row in claim.promises.all():
        if row.ended_at is not None or row.kept_at is not None:
            continue
        hours = None if row.hours is None else float(row.hours)
        found.lines[row.kind] = Line(row.kind, row.starts_at, row.due_at, hours, row.why, row.pk)
    if claim.routed_at is None and not found.lines:
        found.start(ledger.AT_FIRST, since=claim.filed_at, why="filed")
        found.join(claim.state)
    return found


def save(claim: Claim, changed: Ledger) -> None:
    """Write what changed: rows kept, ended and made, the pause, and the date that is told."""
    now = changed.now
    written = [line.pk for line in changed.ended if line.pk]
    Promise.objects.filter(pk__in=[line.pk for line in changed.kept if line.pk]).update(kept_at=now)
    Promise.objects.filter(pk__in=written).update(ended_at=now)
    if changed.pause_ended and (ends := changed.pauses[-1].end):
        Pause.objects.filter(claim=claim, ends_at__isnull=True).update(
            ends_at=not_before("starts_at", ends)
        )
    if changed.paused and changed.pause_began:
        Pause.objects.get_or_create(
            claim=claim, ends_at=None, defaults={"reason": changed.paused, "starts_at": now}
        )
    _write_new(claim, [line for line in changed.lines.values() if line.pk is None], now)
    write_shown_date(
        claim, changed.shown(state=claim.state, visit_end=claim.visit_until or claim.visit_at)
    )


def _write_new(claim: Claim, lines: Iterable[Line], now: datetime) -> None:
    """Write new promises, and the dated steps at which they would be escalated."""
    saved = Promise.objects.bulk_create(
        Promise(
            claim=claim,
            kind=line.kind,
            starts_at=line.starts,
            due_at=line.due,
            hours=line.hours,
            urgency=claim.urgency,
            made_at=now,
            why=line.why,
        )
        for line in lines
    )
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


def write_shown_date(claim: Claim, told: datetime | None) -> None:
    """Write the date that is told; nothing else writes it but an undone step."""
    if claim.promise_at != told:
        claim.promise_at = told
        Claim.objects.system("promise").filter(pk=claim.pk).update(promise_at=told)
