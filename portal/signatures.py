"""Signatures under SECRET_KEY that are too short, or too plain, for Django's own.

What was signed under a former key stays genuine while SECRET_KEY_FALLBACKS names that key.
"""

import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings
from django.utils.encoding import force_bytes


def signatures(purpose: str, data: bytes) -> Iterator[bytes]:
    """Yield the signature under the current key, then those under the former ones."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = hashlib.sha256(purpose.encode() + force_bytes(secret)).digest()
        yield hmac.new(key, data, hashlib.sha256).digest()
