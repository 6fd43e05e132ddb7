"""Django's PostgreSQL; what only the owner of the tables may do is done as the owner."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.postgresql import base, operations

from portal.database.owner import settings_of_owner


class DatabaseOperations(operations.DatabaseOperations):
    """Empties tables as the owner: the application may delete rows, not truncate tables."""

    def execute_sql_flush(self, sql_list):
        """Empty tables, between the tests that commit and for `manage.py flush`."""
        if self.connection.in_atomic_block:
            super().execute_sql_flush(sql_list)
            return
        owner = self.connection.of_owner()
        try:
            with owner.cursor() as cursor:
                for sql in sql_list:
                    cursor.execute(sql)
        finally:
            owner.close()


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine ``portal.database``."""

    ops_class = DatabaseOperations

    def of_owner(self) -> "DatabaseWrapper":
        """Return another connection to the same database, as its owner."""
        return self.__class__(settings_of_owner(self), alias=self.alias)

    @contextmanager
    def _nodb_cursor(self) -> Iterator:
        """Give a cursor that may make databases: those of tests belong to the owner."""
        with super(DatabaseWrapper, self.of_owner())._nodb_cursor() as cursor:
            yield cursor
