"""Sign what leaves as Standard Webhooks 1.0 says: HMAC-SHA256 (``v1``) and ed25519 (``v1a``).

Specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
No secret is stored: both keys of an endpoint follow from its random salt and the portal's own key,
so that a copy of the database signs nothing. Pure, except that the portal's key is a setting.
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.crypto import salted_hmac

SECRET, PUBLIC = "whsec_", "whpk_"


class KeyLost(Exception):
    """No key of the portal gives the public key that receivers were told: SECRET_KEY changed."""


@dataclass(frozen=True)
class Keys:
    """The keys of one salt: ``shared`` for ``v1``, ``private`` (a seed of 32 bytes) for ``v1a``."""

    shared: bytes
    private: bytes

    @property
    def secret(self) -> str:
        """Return the shared secret as receivers are given it."""
        return SECRET + base64.b64encode(self.shared).decode()

    @property
    def public(self) -> str:
        """Return the public key as receivers are given it."""
        raw = Ed25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()
        return PUBLIC + base64.b64encode(raw).decode()


def keys_from(salt: str, portal_key: str = "") -> Keys:
    """Return the keys of a salt, by ``portal_key`` or else the one in force."""
    shared, private = (
        salted_hmac(
            f"requests.webhooks.{scheme}",
            salt,
            secret=portal_key or settings.SECRET_KEY,
            algorithm="sha256",
        ).digest()
        for scheme in ("v1", "v1a")
    )
    return Keys(shared, private)


def keys_of(salt: str, public: str) -> Keys:
    """Return the keys that receivers know by ``public``, by the portal's old keys too.

    Raises KeyLost.
    """
    for portal_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        found = keys_from(salt, str(portal_key))
        if hmac.compare_digest(found.public, public):
            return found
    raise KeyLost


def signature(name: str, timestamp: int, body: bytes, keys: Iterable[Keys]) -> str:
    """Return the value of ``webhook-signature``: both schemes by each of the keys.

    ``name`` is the ``webhook-id``; what is signed is ``{id}.{timestamp}.{body}``.
    """
    signed = f"{name}.{timestamp}.".encode() + body
    found = []
    for pair in keys:
        private = Ed25519PrivateKey.from_private_bytes(pair.private)
        found.append("v1a," + base64.b64encode(private.sign(signed)).decode())
        digest = hmac.new(pair.shared, signed, sha256).digest()
        found.append("v1," + base64.b64encode(digest).decode())
    return " ".join(found)
