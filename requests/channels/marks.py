"""Signed marks that bring an answer back to its conversation; nobody else can make one.

There are three: the Message-ID of each mail we send, a short mark in its text, and the same mark
in the address that answers go to. All are keyed with SECRET_KEY.
"""

import base64
import hashlib
import hmac
import re
from uuid import UUID

from django.conf import settings

# In base 32, so that the header fits on one line and survives a change of case.
MESSAGE_ID = re.compile(r"\bp\.([a-z2-7]{26})\.([a-z2-7]{14})@[\w.-]{1,200}", re.IGNORECASE)
MARK = re.compile(r"\b([2-9A-HJKMNP-TW-Z]{6})[.-]([a-z2-7]{16})\b", re.IGNORECASE)
REFERENCE = re.compile(r"(?<![\w])([2-9A-HJKMNP-TW-Z]{3})[ \u00a0-]?([2-9A-HJKMNP-TW-Z]{3})(?!\w)")


def _digest(purpose: str, value: str) -> bytes:
    key = hashlib.sha256(b"palier.marks" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{purpose}:{value}".encode(), hashlib.sha256).digest()


def _short(data: bytes, length: int) -> str:
    return base64.b32encode(data).decode().lower()[:length]


def message_id(delivery: UUID) -> str:
    """Return the Message-ID of one delivery: equal at each attempt, so that doubles are folded."""
    signature = _short(_digest("delivery", delivery.hex), 14)
    return f"<p.{_short(delivery.bytes, 26)}.{signature}@{settings.PALIER_MAIL_HOST}>"


def marked_deliveries(text: str) -> list[UUID]:
    """Return deliveries whose genuine Message-ID is in ``text`` (headers or a bounce's body)."""
    found = []
    for number, signature in MESSAGE_ID.findall(text[:200_000]):
        delivery = UUID(bytes=base64.b32decode(number.upper() + "======"))
        expected = _short(_digest("delivery", delivery.hex), 14)
        if hmac.compare_digest(expected, signature.lower()):
            found.append(delivery)
    return list(dict.fromkeys(found))


def claim_mark(reference: str) -> str:
    """Return ``ABC234-xxxxxxxxxxxxxxxx``: the claim's reference and its signature."""
    return f"{reference}-{_short(_digest('claim', reference), 16)}"


def marked_references(text: str) -> list[str]:
    """Return references whose genuine mark appears in ``text``."""
    found = []
    for reference, signature in MARK.findall(text[:200_000]):
        expected = claim_mark(reference.upper())
        if hmac.compare_digest(expected, f"{reference.upper()}-{signature.lower()}"):
            found.append(reference.upper())
    return list(dict.fromkeys(found))


def named_references(text: str) -> list[str]:
    """Return bare references, read aloud or typed; they identify, they never authorise."""
    return list(dict.fromkeys(a + b for a, b in REFERENCE.findall(text[:2_000].upper())))


def reply_address(address: str, reference: str) -> str:
    """Return ``name+ABC234-xxxx@host``: answers keep the mark even without headers."""
    name, _, host = address.rpartition("@")
    return f"{name}+{claim_mark(reference)}@{host}" if name else address
