"""File a complaint about how a claim was handled; log a formal notice and its deadline."""

import hashlib
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.actor import Actor
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import lock, record
from requests.complaints.models import Complaint, FormalNotice
from requests.complaints.recourse import CATEGORY, decency_deadline, end_of_day
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import OPEN
from requests.promises import actions as promises
from requests.promises import rules as kinds
from requests.routing.actions import route_claim


def open_complaint_about(claim: Claim) -> Complaint | None:
    """Return the open complaint about ``claim``, or None."""
    open_ones = (row for row in claim.complaints.all() if row.claim.state in OPEN)
    return next(open_ones, None)


@transaction.atomic
def file(*, about: Claim, words: str, channel: str, actor: Actor, now: datetime) -> Claim:
    """File the complaint as a claim of its own and route it; return the open one if there is one.

    The same words sent twice make one complaint.
    """
    lock(about)
    known = open_complaint_about(about)
    if known:
        return known.claim
    digest = hashlib.sha256(words.encode()).hexdigest()[:24]
    claim = file_claim(
        Filing(
            channel=channel,
            key=f"complaint:{about.pk}:{digest}",
            category=CATEGORY,
            words=words,
            dwelling=about.dwelling_id,
            staircase=about.staircase_id,
            building=about.building_id,
            residence=about.residence_id,
            tenant=str(about.tenant_id) if about.tenant_id else None,
            contact_name=about.contact_name,
            contact_email=about.contact_email,
            contact_phone=about.contact_phone,
            language=about.language,
        ),
        actor=actor,
        now=now,
    )
    route_claim(claim_id=claim.pk, now=now)
    Complaint.objects.filter(claim=claim).update(about=about)
    record(about, Event.COMPLAINED, actor=actor, now=now, reason=claim.spoken_reference)
    claim.refresh_from_db()
    return claim


@transaction.atomic
def record_formal_notice(
    *,
    claim: Claim,
    kind: str,
    dated: date,
    received: date,
    answer_by: date | None,
    channel: str,
    words: str,
    actor: Actor,
    now: datetime,
) -> FormalNotice:
    """Save a formal notice with its dates and promise an answer; the tenant is told the date.

    The deadline of a demand for a decent home is two months after its receipt (law of 6 July 1989,
    article 20-1), or the earlier date that the letter sets.
    """
    held = lock(claim)
    unit = held.residence.unit if held.residence else held.owner.unit if held.owner else None
    zone = unit.time_zone if unit else settings.TIME_ZONE
    dues = [end_of_day(answer_by, zone)] if answer_by else []
    if kind == FormalNotice.Kind.DECENCY:
        dues.append(decency_deadline(received, zone))
    due = min(dues, default=None)
    notice = FormalNotice.objects.create(
        claim=held,
        kind=kind,
        dated=dated,
        received=received,
        channel=channel,
        words=words,
        answer_by=due,
        logged_by=actor.user,
        logged_at=now,
    )
    facts: dict[str, Any] = {}
    if due is not None and held.state in OPEN:
        promises.promise_deadline(held, kinds.LEGAL, due=due, why="notice", now=now)
        facts["promise_at"] = due.isoformat()
    record(held, Event.FORMAL_NOTICE, actor=actor, now=now, notice=notice.pk, **facts)
    return notice
