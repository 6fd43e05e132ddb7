"""Who reads within a request, for the policies of PostgreSQL (portal/database/readers.py)."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from portal.access import DESK_ROLES, Role
from portal.clock import now
from portal.database.readers import Who, reading_as
from portal.http_types import PortalRequest

SEE_ALL = frozenset({Role.HEAD_OFFICE, Role.CALL_TAKER, Role.ON_CALL})


class RequestReader:
    """Whoever is signed in, as long as a request lasts; a form or a token may sign somebody in."""

    def __init__(self, request: PortalRequest) -> None:
        self.request = request
        self.depth = len(connection.atomic_blocks)
        self._known: tuple[Any, Any, Who] | None = None

    def who(self) -> Who:
        """Return who reads, found again when the user or the membership is another object."""
        user, membership = self.request.user, self.request.membership
        if self._known is None or self._known[0] is not user or self._known[1] is not membership:
            self._known = (user, membership, self._find(user, membership))
        return self._known[2]

    def _find(self, user: Any, membership: Any) -> Who:
        if not user.is_authenticated:
            return Who()
        at = now()
        common = {
            "user": user.pk,
            "today": timezone.localdate(at).isoformat(),
            "now": at.isoformat(),
        }
        if user.is_staff and self._in_settings():  # whose own rights say which tables
            return Who("all", **common)
        if not membership:
            return Who("person", **common)
        common["membership"] = membership.pk
        role = membership.role
        if role in SEE_ALL:
            return Who("all", **common)
        if role in DESK_ROLES:
            return Who("unit", unit=membership.unit_id, **common)
        if role == Role.CONTRACTOR:
            return Who("contractor", company=membership.contractor_id, **common)
        if role == Role.CARETAKER:
            return Who("caretaker", **common)
        return Who("privacy" if role == Role.DPO else "person", **common)

    def _in_settings(self) -> bool:
        match = self.request.resolver_match
        return match is not None and match.app_name == "admin"


class ReaderMiddleware:
    """Let what is read within a request be read as whoever sent it."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        with reading_as(RequestReader(request)):
            return self.get_response(request)
