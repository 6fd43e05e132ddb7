"""End every open session and key of an account at once."""

import secrets

from rest_framework.authtoken.models import Token

from portal.models import User


def end_sessions(user: User) -> None:
    """Sign ``user`` out everywhere, at the next request; the password stays as it is."""
    User.objects.filter(pk=user.pk).update(sessions_nonce=secrets.token_hex(8))
    Token.objects.filter(user=user).delete()
