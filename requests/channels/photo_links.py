"""The link that adds photos to one claim, and to it alone, for some days.

Forty characters, so that it fits a text message: the claim, the hour until which it opens, and a
signature under SECRET_KEY. It shows nothing of the claim but its number.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

LIFE = timedelta(days=7)
SIGNED = 10  # bytes of the signature


def _sign(data: bytes) -> bytes:
    key = hashlib.sha256(b"palier.photo_links" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, data, hashlib.sha256).digest()[:SIGNED]


def make(claim: UUID, now: datetime) -> str:
    """Return a token that opens for ``LIFE`` from an aware ``now``."""
    data = claim.bytes + struct.pack(">I", int((now + LIFE).timestamp()))
    return base64.urlsafe_b64encode(data + _sign(data)).decode()


def made_at(token: str) -> datetime:
    """Return when the token that ``read`` accepted was made, to the second."""
    until = struct.unpack(">I", base64.urlsafe_b64decode(token.encode("ascii"))[16:20])[0]
    return datetime.fromtimestamp(until, UTC) - LIFE


def read(token: str, now: datetime) -> UUID | None:
    """Return the claim that ``token`` opens; None when it is forged or expired."""
    try:
        raw = base64.b64decode(token.encode("ascii"), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    data, signature = raw[:20], raw[20:]
    if len(data) != 20 or not hmac.compare_digest(signature, _sign(data)):
        return None
    until = datetime.fromtimestamp(struct.unpack(">I", data[16:])[0], UTC)
    return UUID(bytes=data[:16]) if now < until else None
