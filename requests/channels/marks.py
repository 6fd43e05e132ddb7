"""Signed marks that bring an answer back to its conversation; nobody else can make one.

There are five: the Message-ID of each mail we send, which its envelope's sender repeats for
bounces, a short mark in its text, the same mark in the address that answers go to, and the code
printed on letters. All are keyed with SECRET_KEY; those of a former key stay genuine while
SECRET_KEY_FALLBACKS names it.
"""

import base64
import hmac
import re
from uuid import UUID

from django.conf import settings

from portal.signatures import signatures

# In base 32, so that the header fits on one line and survives a change of case.
MESSAGE_ID = re.compile(r"\bp\.([a-z2-7]{26})\.([a-z2-7]{14})@[\w.-]{1,200}", re.IGNORECASE)
# Capitals and few signs: a QR code holds them in fewer, and so larger, dots.
PRINTED = re.compile(r"P\.([A-Z2-7]{26})\.([A-Z2-7]{14})")
MARK = re.compile(r"\b([2-9A-HJKMNP-TW-Z]{6})[.-]([a-z2-7]{16})\b", re.IGNORECASE)
REFERENCE = re.compile(r"(?<![\w])([2-9A-HJKMNP-TW-Z]{3})[ \u00a0-]?([2-9A-HJKMNP-TW-Z]{3})(?!\w)")


def _short(data: bytes, length: int) -> str:
    return base64.b32encode(data).decode().lower()[:length]


def _signed(what: str, value: str, length: int) -> list[str]:
    """Return the signature under the current key, then those under the former ones."""
    made = signatures("palier.marks", f"{what}:{value}".encode())
    return [_short(signature, length) for signature in made]


def _is_genuine(signature: str, what: str, value: str) -> bool:
    given = signature.lower()
    return any(hmac.compare_digest(made, given) for made in _signed(what, value, len(given)))


def message_id(delivery: UUID) -> str:
    """Return the Message-ID of one delivery: equal at each attempt, so that doubles are folded."""
    signature = _signed("delivery", delivery.hex, 14)[0]
    return f"<p.{_short(delivery.bytes, 26)}.{signature}@{settings.PALIER_MAIL_HOST}>"


def bounce_address(address: str, delivery: UUID) -> str:
    """Return ``name+p.….…@host``: what comes back to the envelope's sender names its delivery.

    « Variable envelope return path »; "" where the name would be too long (RFC 5321, 4.5.3.1.1).
    """
    name, _, host = address.rpartition("@")
    mark = message_id(delivery)[1:].partition("@")[0]
    return f"{name}+{mark}@{host}" if name and len(name) + len(mark) < 64 else ""


def marked_deliveries(text: str) -> list[UUID]:
    """Return deliveries whose genuine Message-ID is in ``text`` (headers or a bounce's body)."""
    found = []
    for number, signature in MESSAGE_ID.findall(text[:200_000]):
        delivery = UUID(bytes=base64.b32decode(number.upper() + "======"))
        if _is_genuine(signature, "delivery", delivery.hex):
            found.append(delivery)
    return list(dict.fromkeys(found))


def printed_code(delivery: UUID) -> str:
    """Return what the code on each page of a letter says: its delivery, signed."""
    signature = _signed("letter", delivery.hex, 14)[0]
    return f"P.{_short(delivery.bytes, 26)}.{signature}".upper()


def printed_delivery(code: str) -> UUID | None:
    """Return the delivery that a code of ours names; None for any other code."""
    found = PRINTED.fullmatch(code)
    if found is None:
        return None
    try:
        delivery = UUID(bytes=base64.b32decode(found[1] + "======"))
    except ValueError:
        return None
    return delivery if _is_genuine(found[2], "letter", delivery.hex) else None


def claim_mark(reference: str) -> str:
    """Return ``ABC234-xxxxxxxxxxxxxxxx``: the claim's reference and its signature."""
    return f"{reference}-{_signed('claim', reference, 16)[0]}"


def marked_references(text: str) -> list[str]:
    """Return references whose genuine mark appears in ``text``."""
    found = []
    for reference, signature in MARK.findall(text[:200_000]):
        if _is_genuine(signature, "claim", reference.upper()):
            found.append(reference.upper())
    return list(dict.fromkeys(found))


def named_references(text: str) -> list[str]:
    """Return bare references, read aloud or typed; they identify, they never authorise."""
    return list(dict.fromkeys(a + b for a, b in REFERENCE.findall(text[:2_000].upper())))


def reply_address(address: str, reference: str) -> str:
    """Return ``name+ABC234-xxxx@host``: answers keep the mark even without headers."""
    name, _, host = address.rpartition("@")
    return f"{name}+{claim_mark(reference)}@{host}" if name else address
