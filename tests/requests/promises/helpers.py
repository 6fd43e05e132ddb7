"""A claim with promises, and the moments that their tests share."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from requests.claims.models import Claim
from requests.jobs.models import Job
from requests.promises import escalation
from requests.promises.deadlines import (
    Calendar,
)
from requests.promises.models import Promise
from requests.routing.actions import route_claim
from tests.factories import leak

PARIS = ZoneInfo("Europe/Paris")
# A Tuesday morning, half an hour after the agency opened.
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=PARIS).astimezone(UTC)


def at(hours: float) -> datetime:
    return TUESDAY + timedelta(hours=hours)


def routed(landlord, key="k") -> Claim:
    claim = leak(landlord, TUESDAY, key=key)
    route_claim(claim_id=claim.pk, now=TUESDAY)
    claim.refresh_from_db()
    return claim


def open_promises(claim) -> dict:
    rows = Promise.objects.filter(claim=claim, kept_at=None, ended_at=None)
    return {p.kind: p.due_at for p in rows}


def climb_all(now) -> list:
    escalation.sweep(now=now)
    due = Job.objects.filter(kind="escalate", done_at=None)
    climbed = [job.key for job in due if escalation.carry_out_step(step_id=job.key, now=now)]
    due.update(done_at=now)
    return climbed


DAY = [(time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))]


WEEK = Calendar("Europe/Paris", {d: DAY for d in range(5)}, frozenset({date(2026, 5, 1)}))
