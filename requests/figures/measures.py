"""What each figure means, and which facts a claim gives to it. Pure: no ORM.

The words are those of the screen, so that a definition is written once. Every day is a local day of
the unit that the claim counts for: that of its place or, without a place, of its owning desk.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import STAFF_ROLES
from portal.actor import PROXY
from requests.claims.events import Event


class Measure(TextChoices):
    """What is counted. The values are stored."""

    RECEIVED = "received", _("Came in")
    SETTLED = "settled", pgettext_lazy("claims", "Settled")
    FIXED = "fixed", _("“Yes, it is fixed”")
    NOT_FIXED = "not_fixed", _("“No, it is not”")
    SILENT = "silent", _("No answer yet")
    BACK = "back", _("Came back")
    KEPT = "kept", _("Promises kept")
    BROKEN = "broken", _("Promises not kept")
    PERSON = "person", _("Answered by a person")
    STEPS = "steps", _("Steps of our staff")
    CORRECTED = "corrected", _("Corrections of the sorting")
    ACCEPTED = "accepted", _("Proposals accepted")
    CHANGED = "changed", _("Proposals changed")
    ORDERED = "ordered", _("Orders done")
    RETURNED = "returned", _("Came back after an order")


M = Measure
DEFINITIONS = {
    M.RECEIVED: _("Each report on the day it was filed, through any channel, doubles included."),
    M.SETTLED: _(
        "Claims whose work was reported done, or that were answered or refused, and that did not "
        "come back since; on that day. Withdrawn and grouped claims are not among them."
    ),
    M.FIXED: _(
        "Each time we said that it is done, on that day: the first word of the tenant after it. A "
        "claim that came back is asked again and counts again."
    ),
    M.NOT_FIXED: _(
        "Each time we said that it is done and the tenant then says that it is not fixed or "
        "reopens the claim."
    ),
    M.SILENT: _(
        "Each time we said that it is done and the tenant said nothing so far. Never counted as a "
        "yes."
    ),
    M.BACK: _("Each reopening, “not fixed” of a tenant and refusal of a caretaker, on its day."),
    M.KEPT: _(
        "Promises whose date has passed, by the day of the date, kept by then. Those that another "
        "date replaced before are not counted."
    ),
    M.BROKEN: _(
        "Promises whose date has passed, by the day of the date, not kept by then, whatever came "
        "after."
    ),
    M.PERSON: _(
        "Settled claims in which a member of staff wrote to the tenant or called them before."
    ),
    M.STEPS: _("What our staff did in a settled claim, from its filing to the day it was settled."),
    M.CORRECTED: _("Hand-overs and changed categories or places among those steps."),
    M.ACCEPTED: _("Proposals of a rule that a person accepted as they stood, on that day."),
    M.CHANGED: _("Proposals of a rule that a person changed, on that day."),
    M.ORDERED: _("Orders that a contractor reported done, on that day."),
    M.RETURNED: _("Claims that came back after an order was reported done, on the day they did."),
}
WAITING = _(
    "Days from the day of filing to the day it was settled, reopenings included. Half of the "
    "claims took at most the median, nine in ten at most the ninth decile."
)

SETTLING = frozenset({Event.REPORT_DONE, Event.ANSWER, Event.REFUSE})
ASKING = frozenset({Event.REPORT_DONE, Event.ANSWER})
RETURNING = frozenset({Event.SAY_NOT_FIXED, Event.SEND_BACK, Event.REOPEN})
WORDS = {
    Event.SAY_FIXED: M.FIXED,
    Event.SAY_NOT_FIXED: M.NOT_FIXED,
    Event.REOPEN: M.NOT_FIXED,
}
SPOKEN = frozenset({
    Event.MESSAGE_OUT,
    Event.ASK,
    Event.ANSWER,
    Event.REFUSE,
    Event.INFORM,
    Event.CALLED,
})  # fmt: skip
CORRECTING = frozenset({Event.HAND_OVER, Event.RECLASSIFY, Event.RELOCATE})
HELPERS = STAFF_ROLES | {PROXY}


class Happening(NamedTuple):
    """An event of the claim that stands; ``proposal``: whether a rule's was kept, None if none."""

    name: str
    at: datetime
    role: str
    proposal: bool | None = None


class Pledge(NamedTuple):
    """A promise: when it is due, was kept and was replaced."""

    due: datetime
    kept: datetime | None = None
    ended: datetime | None = None


class Job(NamedTuple):
    """An order: its contractor and trade, when it was sent and reported done."""

    contractor: int
    trade: str
    sent: datetime
    done: datetime


class Cell(NamedTuple):
    """One thing counted; the rest of a ``Fact`` says what the claim is about."""

    measure: str
    day: date
    value: int = 0
    contractor: int = 0
    trade: str = ""


@dataclass(frozen=True)
class Story:
    """All that is recorded of one claim that figures look at; events in their order."""

    filed: datetime
    zone: tzinfo
    happenings: list[Happening] = field(default_factory=list)
    pledges: list[Pledge] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    about: Mapping[str, Any] = field(default_factory=dict)  # the columns of ``Fact`` beside

    def day(self, at: datetime) -> date:
        """Return the local day of ``at``."""
        return at.astimezone(self.zone).date()


def is_assisted(happenings: Iterable[Happening]) -> bool:
    """Return whether somebody else filed the claim for the tenant: our staff or a proxy."""
    return any(h.name == Event.FILED and h.role in HELPERS for h in happenings)


def cells(story: Story, now: datetime) -> Counter[Cell]:
    """Return what the claim gives to each measure at ``now``.

    Only promises depend on ``now``: one is counted once its day is over.
    """
    found: Counter[Cell] = Counter()
    found[Cell(M.RECEIVED, story.day(story.filed))] += 1
    _turns(story, found)
    today = story.day(now)
    for pledge in story.pledges:
        day = story.day(pledge.due)
        measure = _outcome(pledge)
        if measure and day < today:
            found[Cell(measure, day)] += 1
    for job in story.jobs:
        days = (story.day(job.done) - story.day(job.sent)).days
        place = (job.contractor, job.trade)
        found[Cell(M.ORDERED, story.day(job.done), max(days, 0), *place)] += 1
    return found


def _outcome(pledge: Pledge) -> str | None:
    if pledge.kept and pledge.kept <= pledge.due:
        return M.KEPT
    if pledge.ended and pledge.ended <= pledge.due:
        return None
    return M.BROKEN


def _turns(story: Story, found: Counter[Cell]) -> None:
    """Count what happens from filing to each return, and from the last one on."""
    asked: datetime | None = None
    settled: datetime | None = None
    word: str | None = None
    steps = corrections = 0
    spoken = False
    at_settling = (0, 0, False)
    for event in story.happenings:
        if event.proposal is not None:
            measure = M.ACCEPTED if event.proposal else M.CHANGED
            found[Cell(measure, story.day(event.at))] += 1
        by_staff = event.role in STAFF_ROLES
        steps += by_staff
        corrections += by_staff and event.name in CORRECTING
        spoken = spoken or (by_staff and event.name in SPOKEN)
        if event.name in ASKING and asked is None:
            asked = event.at
        if event.name in SETTLING and settled is None:
            settled, at_settling = event.at, (steps, corrections, spoken)
        if asked and word is None and event.name in WORDS:
            word = WORDS[Event(event.name)]
        if event.name in RETURNING:
            found[Cell(M.BACK, story.day(event.at))] += 1
            _returned(story, event.at, found)
            # What a caretaker refuses was never for the tenant to judge.
            if asked and (word or event.name != Event.SEND_BACK):
                found[Cell(word or M.SILENT, story.day(asked))] += 1
            asked = settled = word = None
    if asked:
        found[Cell(word or M.SILENT, story.day(asked))] += 1
    if settled:
        day = story.day(settled)
        waited = max((day - story.day(story.filed)).days, 0)
        steps, corrections, spoken = at_settling
        found[Cell(M.SETTLED, day, waited)] += 1
        found[Cell(M.STEPS, day, steps)] += 1
        if corrections:
            found[Cell(M.CORRECTED, day, corrections)] += 1
        if spoken:
            found[Cell(M.PERSON, day)] += 1


def _returned(story: Story, at: datetime, found: Counter[Cell]) -> None:
    """Count a return for the contractor whose order was reported done last before it."""
    before = [job for job in story.jobs if job.done <= at]
    if before:
        last = max(before, key=lambda job: job.done)
        found[Cell(M.RETURNED, story.day(at), 0, last.contractor, last.trade)] += 1
