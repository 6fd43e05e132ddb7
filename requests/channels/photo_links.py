"""The link that adds photos to one claim, and to it alone, for some days.

26 characters, so that it leaves room in a text message: the claim's reference, the second until
which it opens, and a signature under SECRET_KEY. It shows nothing of the claim but its number.
"""

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime, timedelta

from portal.signatures import signatures

LIFE = timedelta(days=7)
REFERENCE = 6  # characters
SIGNED = 11  # bytes of the signature: 88 bits


def _signed(reference: str, until: bytes) -> list[bytes]:
    """Return the signature under the current key, then those under the former ones."""
    made = signatures("palier.photo_links", reference.encode() + until)
    return [signature[:SIGNED] for signature in made]


def make(reference: str, now: datetime) -> str:
    """Return a token for the claim ``reference`` that opens for ``LIFE`` from an aware ``now``."""
    until = struct.pack(">I", int((now + LIFE).timestamp()))
    return reference + base64.urlsafe_b64encode(until + _signed(reference, until)[0]).decode()


def made_at(token: str) -> datetime:
    """Return when the token that ``read`` accepted was made, to the second."""
    until = struct.unpack(">I", base64.urlsafe_b64decode(token[REFERENCE:])[:4])[0]
    return datetime.fromtimestamp(until, UTC) - LIFE


def read(token: str, now: datetime) -> str:
    """Return the reference of the claim that ``token`` opens; "" when it is forged or expired."""
    reference = token[:REFERENCE]
    try:
        raw = base64.b64decode(token[REFERENCE:].encode("ascii"), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return ""
    until, signature = raw[:4], raw[4:]
    if len(until) != 4:
        return ""
    if not any(hmac.compare_digest(signature, made) for made in _signed(reference, until)):
        return ""
    ends = datetime.fromtimestamp(struct.unpack(">I", until)[0], UTC)
    return reference if now < ends else ""
