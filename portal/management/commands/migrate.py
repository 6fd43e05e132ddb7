"""``migrate`` as the owner of the tables, giving up on a lock after seconds and trying again.

A change of a table waits for those who use it, and whoever comes later waits behind it. Without a
limit, one forgotten transaction would stop every page.
"""

import time
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from portal.database import owner, pooler, row_security

LOCK_SECONDS = 5
TRIES = 6
PAUSE = 10.0  # seconds between tries
LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    help = (
        "Update the database schema. Waits at most 5 s for each lock, six times, so that pages"
        " never wait long behind it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate as the role that may change tables, then let the other roles use them.

        The policies follow, which nobody escapes: a migration reads as the landlord.
        """
        with owner.as_owner():
            if pooler.is_between(connections[options["database"]]):
                raise CommandError(
                    "A pooler is between us and PostgreSQL: DATABASE_OWNER_URL has to lead past it."
                )
            self._migrate(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                self._renew_policies()
                owner.grant()

    def _renew_policies(self) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            try:
                row_security.renew()
            finally:
                cursor.execute("RESET lock_timeout")

    def _migrate(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        for left in reversed(range(TRIES)):
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'; SET palier.scope = 'system'")
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                    raise
                if not left:
                    raise CommandError(
                        "Somebody holds a table all the time: end that transaction"
                        " (docs/operations.md), then migrate again. Nothing was half done."
                    ) from error
                self.stderr.write(f"A table is in use; trying again in {PAUSE:.0f} s.")
                time.sleep(PAUSE)
            else:
                return
            finally:
                if connection.connection is not None:
                    with connection.cursor() as cursor:
                        cursor.execute("RESET lock_timeout; RESET palier.scope")
