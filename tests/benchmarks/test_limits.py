"""Statements and buffers of the main operations on the demo landlord, beside their limits.

A smaller run of `make bench`: counts only, never milliseconds. See ``limits.toml``.
"""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from benchmarks import measures
from benchmarks.house import Operation
from benchmarks.operations import OPERATIONS
from tests import databases
from tests.e2e import site

pytestmark = pytest.mark.long

LIMITS = Path(__file__).with_name("limits.toml")
RENEW = "PALIER_RENEW_LIMITS"
# Statements are exact. Buffers are not: of two plans that cost about the same either is taken
# (1,755 or 2,863 for one list, on the same rows). A lost index costs more than twice as many.
SHARE, FEW = 2, 20
WATCHED = [one for one in OPERATIONS if one.watched]


@pytest.fixture(scope="module")
def landlord(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Work on a copy of the demo landlord, tidied as autovacuum would do in time."""
    name = f"{connection.settings_dict['NAME']}_limits"
    with django_db_blocker.unblock():
        databases.copy(site.seeded(), name)
        with databases.use(name):
            owner = connection.of_owner()
            with owner.cursor() as cursor:
                cursor.execute("VACUUM (ANALYZE)")
            owner.close()
            yield
        databases.drop(name)


def measured(operations: list[Operation]) -> dict[str, list[int]]:
    """Return statements and buffers by the name of the operation."""
    found = measures.measure_all(operations, runs=0, explained=1)
    assert not [f"{one.name}: {one.failed}" for one in found if one.failed]
    return {one.name: [one.statements, one.buffers] for one in found}


def beyond(found: dict[str, list[int]], limits: dict[str, list[int]]) -> list[str]:
    """Return a line for each operation that takes more than it may."""
    lines = []
    for name, (statements, buffers) in found.items():
        most, usual = limits[name]
        if statements > most:
            lines.append(f"{name}: {statements} statements, {most} before")
        if buffers > usual * SHARE + FEW:
            lines.append(f"{name}: {buffers} buffers, {usual} before")
    return lines


def still_beyond(found: dict[str, list[int]], limits: dict) -> list[str]:
    """Return what is beyond its limit by three samples; statistics are one of the rows.

    A plan that one sample misleads is gone with the next.
    """
    for _again in range(2):
        if not (lines := beyond(found, limits)):
            break
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        worse = {line.partition(":")[0] for line in lines}
        found |= measured([one for one in WATCHED if one.name in worse])
    return beyond(found, limits)


def write(found: dict[str, list[int]]) -> None:
    note = "".join(
        line for line in LIMITS.read_text().splitlines(keepends=True) if line.startswith("#")
    )
    rows = "".join(f'"{name}" = {counts}\n' for name, counts in found.items())
    LIMITS.write_text(f"{note}\n{rows}")


def test_no_operation_takes_more_than_before(landlord):
    found = measured(WATCHED)
    if os.environ.get(RENEW):
        write(found)
    limits = tomllib.loads(LIMITS.read_text())
    assert found.keys() == limits.keys(), f"renew with {RENEW}=1 (see limits.toml)"
    assert still_beyond(found, limits) == []


@pytest.mark.parametrize(
    ("index", "operation"),
    [
        ("requests_message (claim_id)", "agent claim page, open"),
        ("requests_claimevent (claim_id, at, id)", "API list head office"),
    ],
)
@pytest.mark.mutant
def test_a_dropped_index_is_noticed(landlord, index, operation):
    """A mutant: without one index the same check is red, and green again with it."""
    table, columns = index.rstrip(")").split(" (")
    watched = [one for one in WATCHED if one.name == operation]
    limits = tomllib.loads(LIMITS.read_text())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
            " AND indexdef LIKE %s AND indexdef NOT LIKE '%%UNIQUE%%'",
            [table, f"% ({columns})%"],
        )
        ((name, definition),) = cursor.fetchall()
    owner = connection.of_owner()
    with owner.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")
        try:
            assert beyond(measured(watched), limits)
        finally:
            cursor.execute(definition)
    owner.close()
    assert still_beyond(measured(watched), limits) == []
