"""The promise as it is said, now and after a step that nobody has taken yet. Writes nothing."""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import datetime

from agencies.models import Desk
from requests.claims.models import Claim
from requests.claims.workflow import TRANSITIONS
from requests.kit.choices import OPEN, State, Urgency
from requests.promises import deadlines, ledger, rules, store
from requests.promises.ledger import AT_FIRST, Ledger


def promise_said(claim: Claim) -> datetime | None:
    """Return the date of the next news as everybody reads it; None when none is promised.

    Messages, pages, lists, calls, the API and papers quote this one, from the row after the step.
    """
    return claim.promise_at if claim.state in OPEN else None


def visit_said(claim: Claim) -> datetime | None:
    """Return the beginning of the visit that stands; None when it was cancelled or is over."""
    return claim.visit_at if claim.visit_stands else None


class Outlook:
    """What would be promised after each step of a claim, as the step itself computes it."""

    def __init__(self, claim: Claim, now: datetime, *, desk: Desk | None = None) -> None:
        """``desk``: to which routing will give a claim that it has not read yet."""
        if claim.owner is None and desk is not None:
            claim = copy(claim)
            claim.owner = desk
        self.claim = claim
        self._book = store.load(claim, now)
        self._visit_end = claim.visit_until or claim.visit_at

    def now_said(self) -> datetime | None:
        """Return the date as it stands; for a claim not routed yet, as routing will write it."""
        return self._book.shown(state=self.claim.state, visit_end=self._visit_end)

    def after(
        self,
        event: str,
        *,
        given: datetime | None = None,
        visit_at: datetime | None = None,
        visit_until: datetime | None = None,
    ) -> datetime | None:
        """Return ``promise_said`` after ``event``; None when nothing would be promised.

        ``given`` is a date said with the step; a visit is the next news unless one is.
        """
        row = TRANSITIONS.get(event)
        state = (row and row.target) or self.claim.state
        book = _copied(self._book)
        said = visit_until or visit_at
        visit_end = said or self._visit_end
        book.take(event, state=state, given=given or said, visit_end=visit_end)
        return book.shown(state=state, visit_end=visit_end)

    def first_answer(self) -> datetime:
        """Return by when news can be promised from now on, to the full minute."""
        terms, now = self._book.terms, self._book.now
        due = terms.due(now, terms.hours[rules.ACKNOWLEDGEMENT], ())
        assert due is not None  # only a pause gives None
        return deadlines.full_minute(due)

    def later(self) -> datetime:
        """Return a date to propose where one must be given, to the full minute."""
        return self._book.terms.later(self._book.now)

    def is_attended(self, at: datetime) -> bool:
        """Return whether somebody is there at ``at`` to keep a promise made for then."""
        return self.nearest_attended(at) == at

    def nearest_attended(self, at: datetime) -> datetime:
        """Return ``at``, or the nearest moment when somebody is there; in UTC when it moved."""
        terms = self._book.terms
        if terms.on_call or terms.calendar is None or terms.urgency == Urgency.U0:
            return at
        return deadlines.attended(at, self._book.now, terms.calendar)


def _copied(book: Ledger) -> Ledger:
    return replace(
        book,
        lines=dict(book.lines),
        pauses=list(book.pauses),
        kept=list(book.kept),
        ended=list(book.ended),
    )


def first_news(
    *, terms: ledger.Terms, since: datetime, kinds: Iterable[str] = AT_FIRST
) -> datetime | None:
    """Return the date that routing shows first for such terms. Writes nothing."""
    book = Ledger(terms, since)
    book.start(kinds, since=since, why="filed")
    return book.shown(state=State.RECEIVED, visit_end=None)
