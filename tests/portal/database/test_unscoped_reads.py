"""Without a scope, the database of a whole landlord shows nothing personal."""

import pytest

from portal.database.readers import guarded_tables
from tests.portal.database.raw_sql import count, told

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_without_a_scope_no_table_shows_a_row(demo):
    with told("system"):
        full = {table for table in guarded_tables() if count(table)}
    assert len(full) > 25
    for scope in ("", "reader", "nonsense"):
        with told(scope):
            assert {table for table in guarded_tables() if count(table)} == set(), scope
