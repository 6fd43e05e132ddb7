"""The date that is told in the seconds before routing has stored the promise."""

from datetime import datetime

from agencies.models import Desk, Unit
from requests.claims.models import Claim
from requests.promises.outlook import Outlook, promise_said
from requests.routing.actions import plan


def expected_desk(claim: Claim, now: datetime) -> Desk | None:
    """Return the desk to which routing will give the claim; None when it cannot be routed."""
    try:
        return plan(
            category=claim.category,
            urgency=claim.urgency,
            residence=claim.residence,
            since=claim.filed_at,
            now=now,
            channel=claim.channel,
            tenant=claim.tenant,
        ).desk
    except (Desk.DoesNotExist, Unit.DoesNotExist, ValueError):
        return None


def outlook_of(claim: Claim, now: datetime) -> Outlook | None:
    """Return what is promised after each step; None for a claim that cannot be routed."""
    desk = claim.owner or expected_desk(claim, now)
    return Outlook(claim, now, desk=desk) if desk else None


def news_said(claim: Claim, now: datetime) -> datetime | None:
    """Return ``promise_said``; before routing, the date that routing will promise."""
    if claim.routed_at is not None:
        return promise_said(claim)
    outlook = outlook_of(claim, now)
    return outlook.now_said() if outlook else None
