"""Sessions in the database, read with who signed in, their role and the landlord at once.

Nearly every page asks for these four; each had a statement of its own. Rows and cookies are those
of Django's own store.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoMiddleware
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Opened:
    """What was read with a session: rows as they stood when the request began.

    ``user`` is whom the session names in its own table, and proves nothing: ``user_of`` compares.
    ``membership``: the role in force today; None for tenants, and without ``user``.
    """

    data: str
    expires: datetime
    user: Any = None
    membership: Any = None
    landlord: Any = None


class SessionStore(db.SessionStore):
    """Django's store; ``opened`` holds what was read with the session, if it was there."""

    opened: Opened | None = None

    def _get_session_from_db(self) -> Any:
        read = import_string(settings.PALIER_SIGNED_IN)
        self.opened = read(self.session_key, timezone.now())
        if self.opened is None:
            self._session_key = None
            return None
        return self.model(
            session_key=str(self.session_key),
            session_data=self.opened.data,
            expire_date=self.opened.expires,
        )

    def flush(self) -> None:
        self.opened = None
        super().flush()


def opened_of(request: HttpRequest) -> Opened | None:
    """Return what was read with the session of ``request``; None where it has none."""
    session = getattr(request, "session", None)
    if not isinstance(session, SessionStore) or session.session_key is None:
        return None
    session.get(auth.SESSION_KEY)  # reads it
    return session.opened


def user_of(request: HttpRequest) -> Any:
    """Return whoever is signed in, as ``auth.get_user``; the row read with the session if it is
    the one that the session's signed content names, active, and its password still the same.
    """
    if hasattr(request, "_cached_user"):
        return request._cached_user
    opened = opened_of(request)
    request._cached_user = (
        opened.user if opened and _is_signed_in(request, opened.user) else auth.get_user(request)
    )
    return request._cached_user


def _is_signed_in(request: HttpRequest, user: Any) -> bool:
    if user is None or not user.is_active:
        return False
    session = request.session
    return (
        session.get(auth.SESSION_KEY) == str(user.pk)
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(
            session.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash()
        )
    )


class AuthenticationMiddleware(DjangoMiddleware):
    """Django's, except that the user comes with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        user: Any = SimpleLazyObject(lambda: user_of(request))
        request.user = user
