"""Requests of HTTP with what the portal's own middleware has set, for the type checker.

The classes that know the membership (``StaffRequest``, ``ContractorRequest``, ``TenantRequest``,
``AccountRequest``, ``PublicRequest``) are in ``agencies.http_types``, since ``Membership`` is a
model of ``agencies`` and ``portal`` imports nothing from above.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from portal.models import User


class PortalRequest(HttpRequest):
    """A request after ``AudienceMiddleware``; ``membership`` is an ``agencies.Membership`` or None.

    ``expired_user`` is set by ``IdleMiddleware`` when it ends a session: the primary key, as text.
    """

    user: User | AnonymousUser
    membership: Any
    expired_user: str


class SignedInRequest(PortalRequest):
    """A request that only a signed-in person can send."""

    user: User
