"""Announce, change and cancel works; notices.py then tells every household."""

from datetime import datetime, timedelta

from django.db import transaction

from agencies.models import Unit
from requests.claims.transitions import Conflict
from requests.claims.workflow import NotAllowed
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.planned_works import notice_periods
from requests.planned_works.models import PlannedNotice, PlannedWorks
from requests.promises.working_time import holidays_around

Event = PlannedNotice.Event
State = PlannedNotice.State


class TooLate(Exception):
    """The notice period is too short and no reason was given; ``args`` are the problems."""


def check(
    unit: Unit, kind: str, starts: datetime, ends: datetime, override: str, now: datetime
) -> None:
    """Raise ``TooLate`` when the notice period is too short, unless ``override`` gives a reason."""
    off = holidays_around(unit, starts) | holidays_around(unit, ends)
    found = notice_periods.problems(kind, starts, ends, now, off)
    if found and not override:
        raise TooLate(*found)


@transaction.atomic
def announce(
    *,
    kind: str,
    title: str,
    text: str,
    residence,
    starts: datetime,
    ends: datetime,
    membership,
    now: datetime,
    staircases=(),
    dwellings=(),
    contractor=None,
    override: str = "",
) -> PlannedWorks:
    """Save the works and enqueue the job that tells every household. Raises ``TooLate``."""
    check(residence.unit, kind, starts, ends, override, now)
    works = PlannedWorks.objects.create(
        kind=kind,
        title=title,
        text=text,
        residence=residence,
        contractor=contractor,
        starts=starts,
        ends=ends,
        override=override,
        announced_at=now,
        announced_by=membership.user,
    )
    works.staircases.set(staircases)
    works.dwellings.set(dwellings)
    _enqueue(works, Event.ANNOUNCED)
    return works


def _hold(works: PlannedWorks, version: int | None, now: datetime) -> PlannedWorks:
    held = PlannedWorks.objects.select_for_update(of=("self",)).get(pk=works.pk)
    if version is not None and held.version != version:
        raise Conflict
    if held.cancelled_at or held.ends <= now:
        raise NotAllowed("these works are over or cancelled")
    return held


@transaction.atomic
def change(
    *,
    works: PlannedWorks,
    text: str,
    starts: datetime,
    ends: datetime,
    now: datetime,
    override: str = "",
    version: int | None = None,
) -> PlannedWorks:
    """Change the dates or the text and tell every household again.

    Raises ``TooLate``, ``Conflict``, ``NotAllowed``. Works that have begun may only change their
    end.
    """
    held = _hold(works, version, now)
    if starts != held.starts:
        check(held.residence.unit, held.kind, starts, ends, override, now)
    held.text, held.starts, held.ends = text, starts, ends
    held.override = override or held.override
    held.version += 1
    held.save(update_fields=["text", "starts", "ends", "override", "version"])
    _enqueue(held, Event.CHANGED)
    return held


@transaction.atomic
def cancel(
    *, works: PlannedWorks, reason: str, now: datetime, version: int | None = None
) -> PlannedWorks:
    """Cancel the works and tell every household. Raises ``Conflict``, ``NotAllowed``."""
    held = _hold(works, version, now)
    held.cancelled_at, held.cancel_reason, held.version = now, reason, held.version + 1
    held.save(update_fields=["cancelled_at", "cancel_reason", "version"])
    _enqueue(held, Event.CANCELLED)
    return held


def _enqueue(works: PlannedWorks, event: str) -> None:
    """Enqueue the job that writes one notice per household (notices.py)."""
    enqueue(
        Job.Kind.PLANNED,
        f"{works.pk}:{works.version}:{event[:2]}",
        works=str(works.pk),
        version=works.version,
        event=event,
    )


@transaction.atomic
def record_handed_notices(*, works: PlannedWorks, notices, by, now: datetime) -> int:
    """Record that a person delivered these notices (keys); return how many were waiting."""
    rows = works.notices.filter(pk__in=notices, state=State.TO_HAND)
    return rows.update(state=State.HANDED, done_at=now, done_by=by)


def works_explaining_fault(category, staircase, dwelling, now: datetime):
    """Return works under way, or starting within two hours, that explain a fault at a place.

    The filing pages show them before the fault is reported.
    """
    kinds = [kind for kind, codes in notice_periods.EXPLAINS.items() if category.code in codes]
    soon = now + timedelta(hours=2)
    rows = PlannedWorks.objects.ahead(now).at(staircase, dwelling)
    return rows.filter(kind__in=kinds, starts__lte=soon).order_by("starts")
