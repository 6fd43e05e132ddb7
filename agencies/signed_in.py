"""Read a session, its user, their membership and the landlord by one statement."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

from agencies.models import Contractor, Landlord, Membership, Unit
from portal.database.related_rows import maker
from portal.models import User
from portal.session_store import Opened

LEFT_OUT = frozenset({"logo"})  # of the landlord: big, and shown on paper alone


def read(session_key: str, now: datetime) -> Opened | None:
    """Return the session with all that belongs to it; None when it is unknown or has expired."""
    behalf, connection.behalf = connection.behalf, "system"
    try:
        with connection.cursor() as cursor:
            today = timezone.localdate(now)
            cursor.execute(_sql(), {"key": session_key, "now": now, "today": today})
            row = cursor.fetchone()
    finally:
        connection.behalf = behalf
    if row is None:
        return None
    data, expires, *told = row
    user, membership, unit, contractor, landlord = map(_decoded, told)
    same: dict = {}
    found = Opened(
        data,
        expires,
        _made(User, user, same),
        _made(Membership, membership, same),
        _made(Landlord, landlord, same),
    )
    if found.membership is not None:
        found.membership.user = found.user
        found.membership.unit = _made(Unit, unit, same)
        if contractor:
            found.membership.contractor = _made(Contractor, contractor, same)
    return found


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _made(model: type[models.Model], row: dict | None, same: dict) -> Any:
    # Followed as the reader, as what a query of the page finds.
    made = maker(model, tuple(LEFT_OUT), database=DEFAULT_DB_ALIAS)
    return made(row, same) if row else None


def _columns(model: type[models.Model], alias: str) -> str:
    """Return an object of JSON with the columns of ``alias``, in SQL; NULL where it has no row."""
    fields = [one for one in model._meta.concrete_fields if one.name not in LEFT_OUT]
    # A function takes a hundred arguments at most.
    pairs = [f"'{one.column}', {alias}.{one.column}" for one in fields]
    parts = [
        f"jsonb_build_object({', '.join(pairs[at : at + 45])})" for at in range(0, len(pairs), 45)
    ]
    pk = model._meta.pk.column
    return f"CASE WHEN {alias}.{pk} IS NOT NULL THEN {' || '.join(parts)} END"


@cache
def _sql() -> str:
    shown = [(User, "u"), (Membership, "m"), (Unit, "n"), (Contractor, "c"), (Landlord, "l")]
    columns = ", ".join(_columns(model, alias) for model, alias in shown)
    # As agencies.access.memberships_of: in force today, the oldest first.
    return (
        f"SELECT s.session_data, s.expire_date, {columns} FROM django_session s"  # noqa: S608
        " LEFT JOIN usersessions_usersession us ON us.session_key = s.session_key"
        " LEFT JOIN portal_user u ON u.id = us.user_id"
        " LEFT JOIN LATERAL (SELECT * FROM agencies_membership WHERE user_id = u.id"
        " AND NOT pending AND starts <= %(today)s AND (ends IS NULL OR ends >= %(today)s)"
        " ORDER BY id LIMIT 1) m ON true"
        " LEFT JOIN agencies_unit n ON n.id = m.unit_id"
        " LEFT JOIN agencies_contractor c ON c.id = m.contractor_id"
        " LEFT JOIN LATERAL (SELECT * FROM agencies_landlord ORDER BY id LIMIT 1) l ON true"
        " WHERE s.session_key = %(key)s AND s.expire_date > %(now)s"
    )
