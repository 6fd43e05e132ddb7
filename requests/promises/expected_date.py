"""The date that the page shows in the seconds before routing has stored the promise."""

from datetime import datetime

from agencies.models import Unit
from requests.claims.models import Claim
from requests.promises import actions as promises
from requests.promises.working_time import calendar_of


def expected_news(claim: Claim, now: datetime) -> datetime | None:
    """Return the date that routing will promise, in UTC; None without head office or hours."""
    unit = claim.residence.unit if claim.residence else None
    unit = unit or Unit.objects.filter(kind=Unit.Kind.HEAD_OFFICE).first()
    if unit is None:
        return None
    try:
        return promises.first_news_date(
            category=claim.category,
            urgency=claim.urgency,
            since=claim.filed_at,
            calendar=calendar_of(unit, now.date()),
        )
    except ValueError:
        return None
