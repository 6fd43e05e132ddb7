"""Events of the telephone system: ``{"id", "event": "missed"

"answered", "from", "at"}``.
"""

import json
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal import phones
from requests.channels.models import Intake
from requests.inbound import missed_calls

EVENTS = ("missed", "answered")


def check(body: bytes) -> dict:
    """Return the event as the system posted it. Raises ValueError; other events are no errors."""
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict) or not isinstance(found.get("id"), (str, int)):
        raise ValueError("an event needs its id")
    return found


def read(intake: Intake, now: datetime) -> None:
    """Put one stored event where it belongs. Raises ValueError for a number nobody can call."""
    event = check(bytes(intake.raw))
    number = phones.to_e164(str(event.get("from") or ""))
    if not number:
        raise ValueError("a call from a hidden or impossible number")
    said = event.get("at")
    at = parse_datetime(said) if isinstance(said, str) else None
    if at is None or timezone.is_naive(at) or at > now:
        at = intake.received_at
    missed_calls.record_telephone_event(
        intake_id=intake.pk, number=number, answered=event["event"] == "answered", at=at
    )
