"""Announce works, change them, cancel them; each time every household is told (notices.py)."""

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
    """A notice period is over and no reason was given; ``args`` are the problems in words."""


def check(
    unit: Unit, kind: str, starts: datetime, ends: datetime, override: str, now: datetime
) -> None:
    """Raises ``TooLate`` unless the notice periods hold or somebody said why not."""
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
    """Write the works; a job tells every household. Raises ``TooLate``."""
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
    """Other dates or words; everybody is told again. Raises ``TooLate``, ``Conflict``,
    ``NotAllowed``. Works that have begun only end earlier or later."""
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
    """They do not take place; everybody is told. Raises ``Conflict``, ``NotAllowed``."""
    held = _hold(works, version, now)
    held.cancelled_at, held.cancel_reason, held.version = now, reason, held.version + 1
    held.save(update_fields=["cancelled_at", "cancel_reason", "version"])
    _enqueue(held, Event.CANCELLED)
    return held


def _enqueue(works: PlannedWorks, event: str) -> None:
    """The job that writes one notice per household (notices.py)."""
    enqueue(
        Job.Kind.PLANNED,
        f"{works.pk}:{works.version}:{event[:2]}",
        works=str(works.pk),
        version=works.version,
        event=event,
    )


@transaction.atomic
def handed_over(*, works: PlannedWorks, notices, by, now: datetime) -> int:
    """A person delivered these (keys of notices); returns how many were still waiting."""
    rows = works.notices.filter(pk__in=notices, state=State.TO_HAND)
    return rows.update(state=State.HANDED, done_at=now, done_by=by)


def explaining(category, staircase, dwelling, now: datetime):
    """Works under way or about to begin that explain a fault at a place, before it is filed."""
    kinds = [kind for kind, codes in notice_periods.EXPLAINS.items() if category.code in codes]
    soon = now + timedelta(hours=2)
    rows = PlannedWorks.objects.ahead(now).at(staircase, dwelling)
    return rows.filter(kind__in=kinds, starts__lte=soon).order_by("starts")
