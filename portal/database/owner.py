"""Work as the owner of the tables: migrations, restores, and the databases of tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.database import roles

WHO = ("USER", "PASSWORD", "HOST", "PORT")


def settings_of_owner(of: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return the settings of ``of`` with the owner in place of the application.

    DATABASE_OWNER_URL names the owner. Without it the role of DATABASE_URL stays.
    """
    owner = settings.PALIER_DATABASE_OWNER
    return of.settings_dict | {key: owner[key] for key in WHO if owner}


@contextmanager
def as_owner() -> Iterator[None]:
    """Let all threads of this process connect as the owner. Call outside any transaction."""
    former = {key: connection.settings_dict[key] for key in WHO}
    wanted = settings_of_owner(connection)
    if wanted == connection.settings_dict:
        yield
        return
    connections.close_all()
    connection.settings_dict.update(wanted)
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(former)


def grant() -> bool:
    """Give each role its rights on the tables of the role that is connected.

    False, and nothing is done, where the roles were never made: one role does everything there.
    """
    prefix = settings.PALIER_DATABASE_ROLES
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*) FROM pg_roles WHERE rolname = ANY (%s)",
            [[roles.role(prefix, kind) for kind in roles.KINDS]],
        )
        owner, found = cursor.fetchone()
        if found < len(roles.KINDS) or owner == roles.role(prefix, roles.APPLICATION):
            return False
        cursor.execute(roles.grant(owner=owner, prefix=prefix))
    return True
