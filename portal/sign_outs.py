"""End every open session and key of an account at once."""

import secrets

from portal.clock import now
from portal.models import ApiToken, User


def end_sessions(user: User) -> None:
    """Sign ``user`` out everywhere, at the next request; the password stays as it is."""
    User.objects.filter(pk=user.pk).update(sessions_nonce=secrets.token_hex(8))
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now())
