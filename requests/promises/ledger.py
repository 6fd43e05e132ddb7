"""What a step does to the promises of a claim, computed before anything is written. Pure: no ORM.

The step itself and every text that announces it compute the future here, so that what is said
before is what stands after (docs/adr/0047-one-truth-for-the-promise.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from requests.claims.events import Event
from requests.kit.choices import CALENDAR_URGENCIES, OPEN, State, Urgency
from requests.promises import deadlines, rules
from requests.promises.deadlines import Pause

AT_FIRST = (rules.ACKNOWLEDGEMENT, rules.TAKE_CHARGE, rules.FIRST_VISIT, rules.RESOLUTION)
AFTER_REOPENING = (rules.ACKNOWLEDGEMENT, rules.RESOLUTION)
OPENS_AGAIN = frozenset({Event.REOPEN, Event.SAY_NOT_FIXED, Event.SEND_BACK})
CORRECTIONS = frozenset({Event.RECLASSIFY, Event.RELOCATE})
WAITS_FOR_TENANT, WAITS_FOR_ACCESS = "tenant", "access"
# States in which a neighbour's claim about the same fault says when there is news.
UNDECIDED = frozenset({State.RECEIVED.value, State.IN_REVIEW.value})


@dataclass(frozen=True)
class Line:
    """One open promise. ``pk`` None: not written yet. ``due`` None: the clock is paused."""

    kind: str
    starts: datetime
    due: datetime | None
    hours: float | None
    why: str
    pk: int | None = None


@dataclass(frozen=True)
class Terms:
    """How long is promised for a claim, by kind, and in which hours.

    ``on_call``: its desk is there at every hour.
    """

    urgency: str
    hours: Mapping[str, float]
    calendar: deadlines.Calendar | None
    on_call: bool = False

    def due(self, starts: datetime, hours: float, pauses: Iterable[Pause]) -> datetime | None:
        """Return the date of ``hours`` from ``starts`` on; None during an open pause."""
        return deadlines.promise(
            starts, self.urgency, hours, self.calendar, pauses, on_call=self.on_call
        )

    def later(self, now: datetime) -> datetime:
        """Return a new date for what is late: one working day more, or an hour for emergencies.

        To the full minute; the hour becomes what follows it when somebody is there again.
        """
        now = deadlines.full_minute(now)
        if self.urgency not in CALENDAR_URGENCIES:
            return deadlines.add_time(now, timedelta(hours=8), self.calendar)
        due = now + timedelta(hours=1)
        if self.calendar is None or self.on_call:
            return due
        kept = deadlines.attended(due, now, self.calendar)
        return min(due, kept) if self.urgency == Urgency.U0 else kept


@dataclass
class Ledger:
    """The open promises of a claim, and what changes in them at the instant ``now``.

    ``pauses`` are over; ``paused`` is the reason of the open one, which began at ``paused_at``.
    ``shared`` is the date told to whoever reported the same fault first; ``told`` is the date told
    for this claim until now.
    """

    terms: Terms
    now: datetime
    lines: dict[str, Line] = field(default_factory=dict)
    pauses: list[Pause] = field(default_factory=list)
    paused: str = ""
    paused_at: datetime | None = None
    shared: datetime | None = None
    told: datetime | None = None
    kept: list[Line] = field(default_factory=list)
    ended: list[Line] = field(default_factory=list)
    pause_began: bool = False
    pause_ended: bool = False

    def take(
        self,
        event: str,
        *,
        state: str,
        given: datetime | None = None,
        visit_end: datetime | None = None,
    ) -> None:
        """Keep, pause, resume, end or make promises as ``event`` requires.

        ``state`` and ``visit_end`` are the claim's after it; ``given`` is a date that a person says
        with it. A step never gives a date that is over: it gives a new one.
        """
        self.keep(kind for kind, names in rules.KEPT_BY.items() if event in names)
        if state not in OPEN:
            self.end(list(self.lines))
            self.end_pause()
        elif state in rules.PAUSED_IN:
            self.pause(WAITS_FOR_TENANT)
        elif self.end_pause(access=event in rules.ACCESS_AGAIN):
            self.renew("resumed")
        if event in OPENS_AGAIN:
            self.start(AFTER_REOPENING, since=self.now, why="reopened")
        if event in CORRECTIONS:
            # A correction by the landlord must not delay the tenant.
            self.renew(str(event), sooner_only=True)
        if given:
            self.say(given)
        visited = state == State.PLANNED and visit_end and visit_end > self.now
        if visit_end and visited and rules.NEWS not in self.lines:
            # Whatever else was said meanwhile, the visit stays the next news.
            self.say(visit_end, why="visit")
        self.join(state)
        after = self.shown(state=state, visit_end=visit_end)
        if after and after <= self.now and after != self.told:
            self.say(self.terms.later(self.now), why="late")

    def shown(self, *, state: str, visit_end: datetime | None) -> datetime | None:
        """Return the date that is told as the promises stand."""
        dates = {kind: line.due for kind, line in self.lines.items()}
        return shown(dates, state=state, visit_end=visit_end)

    def join(self, state: str) -> None:
        """Say the date of the first report of the same fault, unless a person gave another."""
        if self.shared and state in UNDECIDED and rules.NEWS not in self.lines:
            self.say(self.shared, why="shared")

    def start(self, kinds: Iterable[str], *, since: datetime, why: str) -> None:
        """Make the promises of the terms, counted from ``since``."""
        self.end(kind for kind in kinds if kind in self.lines)
        for kind in kinds:
            hours = self.terms.hours.get(kind)
            if hours is not None:
                due = self.terms.due(since, hours, self._stops())
                self.lines[kind] = Line(kind, since, due, hours, why)

    def say(self, due: datetime, *, kind: str = rules.NEWS, why: str = "said") -> None:
        """Promise ``kind`` for a date that a person, a law or a neighbour's claim gives."""
        self.end([kind] if kind in self.lines else [])
        self.lines[kind] = Line(kind, self.now, due, None, why)

    def keep(self, kinds: Iterable[str]) -> None:
        """Count the open promises of these kinds as kept."""
        for kind in [kind for kind in kinds if kind in self.lines]:
            self.kept.append(self.lines.pop(kind))

    def end(self, kinds: Iterable[str]) -> None:
        """End the open promises of these kinds: replaced or void."""
        for kind in list(kinds):
            self.ended.append(self.lines.pop(kind))

    def pause(self, reason: str) -> None:
        """Stop the clock; a promise that is already due stays due."""
        if not self.paused:
            self.paused, self.paused_at, self.pause_began = reason, self.now, True
            self.renew("paused")

    def end_pause(self, *, access: bool = True) -> bool:
        """End the pause and return whether there was one; without ``access``, one for it goes on.

        A server's clock may go back: no pause ends before it began.
        """
        if not self.paused or (self.paused == WAITS_FOR_ACCESS and not access):
            return False
        assert self.paused_at is not None  # set with ``paused``
        self.pauses.append(Pause(self.paused_at, max(self.paused_at, self.now)))
        self.paused, self.paused_at, self.pause_ended = "", None, True
        return True

    def renew(self, why: str, *, sooner_only: bool = False) -> int:
        """Compute every open promise again and return how many dates moved.

        Dates that a person gave stay. With ``sooner_only`` no date becomes later.
        """
        moved = 0
        for kind, line in list(self.lines.items()):
            hours = self.terms.hours.get(kind)
            if kind not in AT_FIRST or hours is None:
                continue
            due = self.terms.due(line.starts, hours, self._stops())
            if sooner_only and due and line.due:
                due = min(due, line.due)
            if due != line.due:
                self.ended.append(line)
                self.lines[kind] = replace(line, due=due, hours=hours, why=why, pk=None)
                moved += 1
        return moved

    def _stops(self) -> list[Pause]:
        return [*self.pauses, Pause(self.paused_at)] if self.paused_at else self.pauses


def shown(
    dates: Mapping[str, datetime | None], *, state: str, visit_end: datetime | None
) -> datetime | None:
    """Return the date that is told: what a person gave, else the visit, else the next promise.

    ``dates`` are those of the open promises, by kind. None while the clock is paused.
    """
    rest = dict(dates)
    given = rest.pop(rules.NEWS, None)
    if state not in OPEN:
        return None
    if state == State.PLANNED and visit_end:
        return given or visit_end
    return given or min((due for due in rest.values() if due), default=None)
