"""Verify who sent a webhook: signatures over the raw body, compared in constant time.

Ours: ``X-Palier-Timestamp`` (seconds) and ``X-Palier-Signature: sha256=<hex>`` of
HMAC-SHA256(key, timestamp + "." + body). The SMS provider's: twilio.com/docs/usage/webhooks.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

WINDOW = 300  # seconds, before and after
CHUNK = 64 * 1024


class TooLarge(Exception):
    """A post larger than anything we take."""


def sign(key: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``X-Palier-Signature``."""
    digest = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return "sha256=" + digest.hexdigest()


def is_genuine(key: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Return whether the post was signed with ``key`` within five minutes of ``now``.

    ``now`` is in epoch seconds.
    """
    timestamp = _timestamp(headers, now)
    if not key or timestamp is None:
        return False
    return _same(sign(key, timestamp, body), headers)


def _timestamp(headers: Mapping[str, str], now: float) -> int | None:
    """Return the moment of the signature; None when there is none within ``WINDOW`` of ``now``."""
    told = headers.get("X-Palier-Timestamp", "")
    if not told.isascii() or not told.isdigit() or len(told) > 12:
        return None
    return int(told) if abs(now - int(told)) <= WINDOW else None


def _same(expected: str, headers: Mapping[str, str]) -> bool:
    signature = headers.get("X-Palier-Signature", "")
    return hmac.compare_digest(expected.encode(), signature.encode())


def read_signed(
    request: HttpRequest, key: str, now: float, *, kept: int, most: int
) -> tuple[bytes, int] | None:
    """Read a post signed with ``key`` that may be large: its first ``kept`` bytes, and its size.

    Of the rest only the signature is taken, so that it costs no memory. None when it is not
    genuine. Raises ``TooLarge`` beyond ``most`` bytes.
    """
    timestamp = _timestamp(request.headers, now)
    if not key or timestamp is None:
        return None
    digest = hmac.new(key.encode(), f"{timestamp}.".encode(), hashlib.sha256)
    beginning, size = bytearray(), 0
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise TooLarge(size)
        digest.update(chunk)
        beginning += chunk[: max(0, kept - len(beginning))]
    genuine = _same("sha256=" + digest.hexdigest(), request.headers)
    return (bytes(beginning), size) if genuine else None


def is_genuine_hub(secret: str, signature: str, body: bytes) -> bool:
    """Return whether the messaging provider signed: ``X-Hub-Signature-256: sha256=<hex>``.

    It has no timestamp; each message and receipt has a number that makes a replay harmless.
    """
    digest = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(digest.encode(), signature.encode())


def sign_form(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return the provider's ``X-Twilio-Signature``.

    HMAC-SHA1 of the address and the sorted fields.
    """
    told = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()


def is_genuine_form(token: str, url: str, form: Mapping[str, str], signature: str) -> bool:
    """Return whether the provider that knows ``token`` posted ``form`` to ``url``."""
    return bool(token) and hmac.compare_digest(
        sign_form(token, url, form).encode(), signature.encode()
    )


def body_of(request: HttpRequest) -> bytes | None:
    """Return the raw body; None when it is larger than we take."""
    try:
        return request.body
    except RequestDataTooBig:
        return None
