"""Signing in without asking the database at each of thousands of requests."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agencies.access import memberships_of


@contextmanager
def found_once(user) -> Iterator[None]:
    """Look the account and its membership up once, while one client asks in its name.

    That both are looked up at each request, and end with it, is asked in
    tests/portal/test_sessions.py and tests/agencies/test_roles.py.
    """
    membership = memberships_of(user).first() if user else None
    with pytest.MonkeyPatch.context() as patch:
        if user:
            patch.setattr("django.contrib.auth.middleware.auth.get_user", lambda request: user)
        patch.setattr("agencies.access.current_membership", lambda request: membership)
        yield
