"""Make, keep, pause and renew promises, in the transaction of the caller.

Each action loads the ledger of the claim, changes it by the pure rules and writes it
(requests/promises/ledger.py). The callers are the effect of this slice and the slices above.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from agencies.models import Unit
from portal.actor import Actor
from requests.catalogue.models import Category
from requests.claims.access import ClaimQuerySet
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import record
from requests.kit.choices import CALENDAR_URGENCIES, OPEN
from requests.promises import deadlines, followers, store
from requests.promises import rules as promise_rules
from requests.promises.ledger import AT_FIRST, WAITS_FOR_ACCESS
from requests.promises.models import EscalationStep, EscalationTold, Pause, Promise
from requests.promises.outlook import first_news


def start_promises(
    claim: Claim, *, now: datetime, why: str = "filed", kinds: Iterable[str] = AT_FIRST
) -> None:
    """Make the promises of the terms, counted from the report; after a reopening, from ``now``."""
    book = store.load(claim, now)
    book.start(kinds, since=claim.filed_at if why == "filed" else now, why=why)
    book.join(claim.state)
    store.save(claim, book)


def first_news_date(
    *,
    category: Category,
    urgency: str,
    since: datetime,
    calendar: deadlines.Calendar,
    on_call: bool = False,
) -> datetime:
    """Return the date that the tenant will be shown for such a claim, in UTC. Writes nothing.

    ``on_call``: the desk that gets it is there at every hour. Raises ValueError when the calendar
    never opens.
    """
    terms = store.terms_of(category, urgency, calendar, on_call=on_call)
    found = first_news(terms=terms, since=since)
    assert found is not None  # every urgency has a first answer
    return found


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
    store.write_shown_date(
        claim,
        store.load(claim, at).shown(
            state=claim.state, visit_end=claim.visit_until or claim.visit_at
        ),
    )


def apply_event(claim: Claim, event: str, *, now: datetime, given: datetime | None = None) -> None:
    """Keep, pause, resume, end or make the promises as the event requires.

    ``given`` is a date that a person says with it. The claim already has its new state.
    """
    book = store.load(claim, now)
    book.take(event, state=claim.state, given=given, visit_end=claim.visit_until or claim.visit_at)
    store.save(claim, book)


def promise_news(claim: Claim, *, due: datetime, now: datetime, why: str = "said") -> None:
    """Promise news for ``due``, a date that a person gave; the tenant sees it until it is kept."""
    book = store.load(claim, now)
    book.say(due, why=why)
    store.save(claim, book)


def promise_deadline(claim: Claim, kind: str, *, due: datetime, why: str, now: datetime) -> None:
    """Promise ``kind`` for ``due``, which a law or a complaint stage sets; keep an earlier date."""
    book = store.load(claim, now)
    current = book.lines.get(kind)
    if current and current.due and current.due <= due:
        return
    book.say(due, kind=kind, why=why)
    store.save(claim, book)


def working_days(claim: Claim, days: int, *, now: datetime) -> datetime:
    """Return the instant ``days`` working days after ``now``, in the unit's calendar, in UTC."""
    counted = None if claim.urgency in CALENDAR_URGENCIES else store.calendar_for(claim, now)
    return deadlines.add_time(now, timedelta(hours=8 * days), counted)


def pause(claim: Claim, *, reason: str, now: datetime) -> None:
    """Stop the clock of the claim; a promise that is already due stays due."""
    book = store.load(claim, now)
    book.pause(reason)
    store.save(claim, book)


def resume(claim: Claim, *, now: datetime) -> None:
    """Let the clock run again after no access; move the promises by the working time lost."""
    book = store.load(claim, now)
    if book.end_pause():
        book.renew("resumed")
        store.save(claim, book)


def renew(claim: Claim, *, why: str, now: datetime) -> int:
    """Compute every open promise again and return how many dates moved.

    Called when calendars, categories or terms change. A moved date ends the old row and makes a
    new one; dates that a person gave stay. When the date that is told moves, the tenant is told.
    """
    told = claim.promise_at
    book = store.load(claim, now)
    moved = book.renew(why)
    if moved:
        store.save(claim, book)
        record_move(claim, told, now=now, why=why)
    return moved


def record_move(claim: Claim, told: datetime | None, *, now: datetime, why: str) -> None:
    """Record that the date which was ``told`` is another now, so that the tenant hears of it."""
    if claim.promise_at and claim.promise_at != told:
        date = claim.promise_at.isoformat()
        record(claim, Event.RESCHEDULED, actor=Actor.SYSTEM, now=now, promised=date, cause=why)


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
    book = store.load(claim, now)
    book.keep([promise_rules.FIRST_VISIT])
    if not access and claim.state in OPEN:
        book.pause(WAITS_FOR_ACCESS)
    store.save(claim, book)


def promise_new_date(claim: Claim, *, now: datetime) -> datetime:
    """Promise and return a new date for a late claim (requests/promises/ledger.py: later)."""
    book = store.load(claim, now)
    due = book.shared or book.terms.later(now)
    book.say(due)
    store.save(claim, book)
    followers.pass_on(claim, now=now)
    return due
