"""Compute open promises again, in a job, when calendars, categories or terms change.

The old promise stays in the history: ``promises.renew`` ends it and makes another.
"""

import uuid
from datetime import datetime

from django.db import transaction

from agencies.models import Unit
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.jobs.queue import enqueue
from requests.kit.choices import OPEN
from requests.promises import actions as promises
from requests.promises import followers
from requests.promises.ledger import UNDECIDED
from requests.promises.outlook import promise_said

UNIT, CATEGORY, EVERY = "unit", "category", "every"


def _enqueue(what: str, which: object = "") -> None:
    """Write the job of one change."""
    # A job with a known key is not written again, so each change gets a key of its own.
    enqueue(Job.Kind.RENEW, uuid.uuid4().hex, what=what, which=str(which))


def calendar_changed(unit: Unit | None) -> None:
    """Recalculate after a change of hours, closures or holidays of ``unit``; None: of all units."""
    if unit is None:
        _enqueue(EVERY)
    else:
        _enqueue(UNIT, unit.pk)


def category_changed(category: Category) -> None:
    """Recalculate after a change of the deadlines of a category."""
    _enqueue(CATEGORY, category.pk)


def terms_changed() -> None:
    """Recalculate after a change of the landlord's own lengths of promises."""
    _enqueue(EVERY)


def renew(*, key: str, now: datetime, what: str, which: str) -> int:
    """Run one job of this module or of ``sharing``; idempotent. Returns how many promises moved."""
    if what == followers.SHARED:
        return _tell_followers(which, now)
    claims = Claim.objects.system("renewal").filter(state__in=OPEN, routed_at__isnull=False)
    if what == UNIT:
        claims = promises.filter_by_unit_hours(claims, int(which))
    elif what == CATEGORY:
        claims = claims.filter(category=which)
    why = "calendar" if what == UNIT else "terms"
    return sum(_one(pk, why, now) for pk in claims.values_list("pk", flat=True).iterator())


def _tell_followers(leader_pk: str, now: datetime) -> int:
    """Give the date of a claim to those who reported the same fault; return to how many."""
    leader = Claim.objects.system("one fault").select_related("category").get(pk=leader_pk)
    due = promise_said(leader)
    if due is None or due <= now:
        return 0
    return sum(
        _follow(pk, due, now) for pk in followers.followers(leader).values_list("pk", flat=True)
    )


@transaction.atomic
def _follow(pk: uuid.UUID, due: datetime, now: datetime) -> bool:
    """Give one claim the date of the first report, under its lock; False when it has another."""
    claim = _locked(pk)
    told = claim.promise_at
    if claim.state not in UNDECIDED or told == due or claim.routed_at is None:
        return False
    promises.promise_news(claim, due=due, now=now, why=followers.SHARED)
    promises.record_move(claim, told, now=now, why=followers.SHARED)
    return True


@transaction.atomic
def _one(pk: uuid.UUID, why: str, now: datetime) -> int:
    """Compute the promises of one claim again, under its lock; return how many moved."""
    claim = _locked(pk)
    return promises.renew(claim, why=why, now=now) if claim.state in OPEN else 0


def _locked(pk: uuid.UUID) -> Claim:
    return (
        Claim.objects.system("renewal")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit", "owner__unit")
        .get(pk=pk)
    )
