"""Remember in a browser whose account signed in there, so that strangers cannot shut it out.

The cookie gives no access: whoever holds it has their own share of tries (portal/lockouts.py).
"""

import secrets
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.models import User

LIFE = 365 * 24 * 3600  # seconds since the last sign-in
MOST = 5  # accounts of one household's computer
SALT = "portal.devices"


@dataclass(frozen=True)
class Device:
    """A browser: its random number, and by account what proves that it signed in here."""

    number: str
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """Return the key of the account that signed in last; "" for a new browser."""
        return next(reversed(self.accounts), "")


def read(request: HttpRequest) -> Device:
    """Return the request's browser; one that knows nobody without a cookie, or with a wrong one."""
    try:
        text = request.COOKIES.get(settings.PALIER_DEVICE_COOKIE, "")
        number, accounts = signing.loads(text, salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError):
        return Device("")
    return Device(number, dict(accounts))


def number_for(request: HttpRequest, user: User | None) -> str:
    """Return the browser's number where the account signed in before; "" elsewhere."""
    device = read(request)
    proof = device.accounts.get(str(user.pk), "") if user else ""
    return device.number if user and constant_time_compare(proof, _proof(user)) else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the cookie of a browser in which ``user`` has just signed in."""
    device = read(request)
    others = [(key, proof) for key, proof in device.accounts.items() if key != str(user.pk)]
    accounts = [*others, (str(user.pk), _proof(user))][-MOST:]
    text = signing.dumps([device.number or secrets.token_hex(8), accounts], salt=SALT)
    response.set_cookie(
        settings.PALIER_DEVICE_COOKIE,
        text,
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _proof(user: User) -> str:
    """Return what ends with a new password and with « sign out everywhere »."""
    text = f"{user.pk}:{user.get_session_auth_hash()}"
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:16]
