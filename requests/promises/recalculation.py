"""When calendars, categories or terms change, open promises are reckoned again, by a job.

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

UNIT, CATEGORY, EVERY = "unit", "category", "every"


def _order(what: str, which: object = "") -> None:
    # A job is done once: each change is one of its own.
    enqueue(Job.Kind.RENEW, uuid.uuid4().hex, what=what, which=str(which))


def calendar_changed(unit: Unit | None) -> None:
    """Hours, closures or holidays of ``unit`` changed; None: those of every unit."""
    if unit is None:
        _order(EVERY)
    else:
        _order(UNIT, unit.pk)


def category_changed(category: Category) -> None:
    """The deadlines of a category changed."""
    _order(CATEGORY, category.pk)


def terms_changed() -> None:
    """The landlord's own lengths of promises changed."""
    _order(EVERY)


def renew(*, key: str, now: datetime, what: str, which: str) -> int:
    """Carry out one order; twice is as once. Returns how many promises moved."""
    claims = Claim.objects.system("renewal").filter(state__in=OPEN, routed_at__isnull=False)
    if what == UNIT:
        claims = promises.looked_after(claims, int(which))
    elif what == CATEGORY:
        claims = claims.filter(category=which)
    why = "calendar" if what == UNIT else "terms"
    return sum(_one(pk, why, now) for pk in claims.values_list("pk", flat=True).iterator())


@transaction.atomic
def _one(pk, why: str, now: datetime) -> int:
    claim = (
        Claim.objects.system("renewal")
        .select_for_update(of=("self",))
        .select_related("category", "residence__unit", "owner__unit")
        .get(pk=pk)
    )
    return promises.renew(claim, why=why, now=now) if claim.state in OPEN else 0
