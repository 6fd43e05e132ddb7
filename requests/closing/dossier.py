"""Build the dossier of a claim as plain data with one hash: events, messages, promises.

It holds no internal note, full name, phone number or door code, because its link may be shared.
"""

import hashlib
import json
from datetime import datetime

from agencies import landlord
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.claims.events import INSIDE
from requests.claims.models import Claim
from requests.work_orders.appointment_models import Appointment


def _promises(claim: Claim, until: datetime) -> list[dict]:
    """Return promises and visits, each with its outcome at ``until``."""
    rows = [
        {
            "kind": promise.kind,
            "made": promise.made_at.isoformat(),
            "at": promise.due_at.isoformat() if promise.due_at else "",
            # Its clock stands still while we wait for the tenant.
            "verdict": promise.outcome(until) if promise.due_at else "paused",
        }
        for promise in claim.promises.order_by("made_at", "due_at", "pk")
    ]
    visits = Appointment.objects.of(order__claim=claim).exclude(state="moved")
    verdicts = {"kept": "kept", "no_access": "no_access", "cancelled": "cancelled"}
    for visit in visits.order_by("starts"):
        verdict = verdicts.get(visit.state) or ("not_kept" if until > visit.ends else "to_come")
        rows.append(
            {"kind": "visit", "made": "", "at": visit.starts.isoformat(), "verdict": verdict}
        )
    return rows


def place(claim: Claim) -> list[str]:
    """Return where it is, a line each; the home's own street stays out: the link may be shared."""
    street = claim.staircase.street if claim.staircase and not claim.dwelling_id else ""
    residence = claim.residence
    if residence is None:
        return [street] if street else []
    town = f"{residence.postcode} {residence.commune}".strip()
    return [line for line in (residence.name, street, town) if line]


def files_of(claim: Claim) -> list[Attachment]:
    """Return the files of the claim in their order, but those of internal notes."""
    files = claim.attachments.order_by("at", "place", "id").select_related("message")
    note = Message.Direction.NOTE
    return [f for f in files if f.message is None or f.message.direction != note]


def build(claim: Claim, *, now: datetime) -> dict:
    """Return the dossier as JSON values in a fixed order; times in ISO 8601 with their zone."""
    events = list(claim.events.exclude(name__in=INSIDE).order_by("at", "id"))
    messages = claim.messages.exclude(direction=Message.Direction.NOTE).order_by("at", "id")
    return {
        "reference": claim.spoken_reference,
        "category": claim.category.code,
        "landlord": landlord.current().name,
        "place": place(claim),
        "filed_at": claim.filed_at.isoformat(),
        "state": claim.state,
        "made_at": now.isoformat(),
        "events": [
            {
                "at": event.at.isoformat(),
                "name": event.name,
                "role": event.role,
                "state": event.state,
                "text": event.facts.get("text")
                or event.facts.get("report")
                or event.facts.get("reason")
                or "",
                # The date that was told with it.
                "promised": event.facts.get("promised", ""),
            }
            for event in events
        ],
        "messages": [
            {
                "at": message.at.isoformat(),
                "direction": message.direction,
                "channel": message.channel,
                "text": message.text,
            }
            for message in messages
        ],
        "photos": [
            {"at": file.at.isoformat(), "name": file.name, "sha256": file.sha256}
            for file in files_of(claim)
        ],
        "promises": _promises(claim, now),
    }


def digest(content: dict) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8), in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
