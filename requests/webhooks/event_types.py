"""Pure: which events of a claim other systems may be told of, and what a message says.

A message is thin: it names the claim and its state, no person, place, category or word. Who wants
more asks the API, where access is checked and written down.
"""

import uuid
from datetime import datetime, timezone
from typing import Any

from django.utils.translation import gettext as _

from requests.claims.events import Event

TEST = "palier.test"
PREFIX = "claim."
# In the order of a claim's life, as the form lists them.
TOLD = (
    Event.FILED,
    Event.ROUTED,
    Event.TAKE_CHARGE,
    Event.HAND_OVER,
    Event.RECLASSIFY,
    Event.RELOCATE,
    Event.ASK,
    Event.TENANT_ANSWERED,
    Event.MESSAGE_IN,
    Event.MESSAGE_OUT,
    Event.VISIT_OFFERED,
    Event.PLAN,
    Event.UNPLAN,
    Event.ON_THE_WAY,
    Event.START,
    Event.VISIT_LATE,
    Event.REPORT_DONE,
    Event.ANSWER,
    Event.REFUSE,
    Event.VERIFIED,
    Event.NOT_VERIFIED,
    Event.KEPT_DONE,
    Event.SAY_FIXED,
    Event.SAY_NOT_FIXED,
    Event.SEND_BACK,
    Event.CLOSE_UNANSWERED,
    Event.REOPEN,
    Event.WITHDRAW,
    Event.MERGE,
    Event.ME_TOO,
    Event.JOINED_INCIDENT,
    Event.INFORM,
    Event.LATE,
    Event.RESCHEDULED,
    Event.ESCALATED,
    Event.COMPLAINED,
    Event.SECOND_STAGE,
    Event.FORMAL_NOTICE,
    Event.FEEDBACK,
)
# Who somebody is, who may read, which colleague: other systems have no business with it. The rest
# are our own attempts to reach a person, which change nothing of the claim.
KEPT_INSIDE = frozenset(
    {
        Event.IDENTIFY,
        Event.PROXY_USED,
        Event.NOT_AUTHOR,
        Event.IDENTITY_MERGED,
        Event.IDENTITY_UNMERGED,
        Event.LINK_RENEWED,
        Event.LINK_CLOSED,
        Event.MADE_CONFIDENTIAL,
        Event.SHARED_AGAIN,
        Event.LENT,
        Event.LENT_BACK,
        Event.ASSIGNED,
        Event.SNOOZED,
        Event.LABELLED,
        Event.CALLED,
        Event.PHOTO_ASKED,
        Event.UNREADABLE,
        Event.TOO_BIG,
        Event.VISIT_REMINDER,
        Event.CALL_WANTED,
        Event.CLOSING_REMINDER,
        Event.CLOSING_ATTEMPT,
        Event.FEEDBACK_ASKED,
    }
)


def type_of(event: str) -> str:
    """Return the type that receivers read: ``claim.filed``."""
    return f"{PREFIX}{event}"


def choices() -> list[tuple[str, str]]:
    """Return the types with their labels, for a form."""
    return [(type_of(event), str(event.label)) for event in TOLD]


def label_of(kind: str) -> str:
    """Return what staff read for a type."""
    name = kind.removeprefix(PREFIX)
    return str(Event(name).label) if name in Event.values else _("Test message")


def payload(*, kind: str, at: datetime, site: str, claim: uuid.UUID | None, state: str) -> dict:
    """Return the body of a message about a claim; ``claim`` None: a test."""
    data: dict[str, Any] = {}
    if claim:
        address = f"{site}/api/v1/claims/{claim}/"
        data = {"id": str(claim), "state": state, "url": address}
    moment = at.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return {"type": kind, "timestamp": moment.replace("+00:00", "Z"), "data": data}
