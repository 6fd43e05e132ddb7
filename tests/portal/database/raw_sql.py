"""Statements past Django, as whoever got into the database would send them."""

import contextlib

from django.db import connection


def ask(sql: str, *values) -> list:
    """Ask past Django and its scope, as whoever got into the database would."""
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


@contextlib.contextmanager
def told(scope: str, who: str = ""):
    """Tell PostgreSQL a scope for what is asked past Django."""
    ask(
        "SELECT set_config('palier.scope', %s, true), set_config('palier.who', %s, true)",
        scope,
        who,
    )
    try:
        yield
    finally:
        connection._told = None


def count(table: str) -> int:
    return ask(f'SELECT count(*) FROM "{table}"')[0][0]
