"""What the page of a claim says of the people who share it."""

from django.utils import timezone

from requests.claims.events import Event
from requests.claims.panels import ClaimPage, Panel
from requests.teamwork import assignment


def holder_panel(page: ClaimPage) -> dict | None:
    """Return who has the claim in hand on the day of the page; None when nobody has."""
    held = assignment.holder(page.claim, timezone.localdate(page.moment))
    return {"held": held, "membership": page.membership} if held else None


def hand_over_panel(page: ClaimPage) -> dict | None:
    """Return the last hand-over; None when there was none."""
    found = [event for event in page.events if event.name == Event.HAND_OVER]
    return {"handed": found[-1]} if found else None


ASSIGNMENT = Panel("assignment", "requests/teamwork/_assignment.html", holder_panel)
HANDED_OVER = Panel("handed-over", "requests/teamwork/_handed_over.html", hand_over_panel)
