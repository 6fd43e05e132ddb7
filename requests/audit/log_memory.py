"""What this process wrote into the log of who read what: an hour's row is added once.

Whoever pages through a list, or comes back to a claim, would send the same INSERT each time, wait
for its commit, and add nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db import connection

from requests.audit.models import ListView, RecordView

MOST = 20_000  # rows remembered; a worker shows fewer in an hour

Row = ListView | RecordView
T = TypeVar("T", ListView, RecordView)
_written: set[tuple] = set()
_hours: set[datetime] = set()


def new_ones(rows: Iterable[T]) -> list[T]:
    """Return the rows that this process did not write yet."""
    return [row for row in rows if _key(row) not in _written]


def remember(rows: Iterable[Row]) -> None:
    """Note that the rows are in the database; nothing while a transaction may still undo it."""
    if connection.in_atomic_block:
        return
    for row in rows:
        if row.hour not in _hours or len(_written) >= MOST:
            _written.clear()
            _hours.clear()
            _hours.add(row.hour)
        _written.add(_key(row))


def _key(row: Row) -> tuple:
    database = connection.settings_dict["NAME"]
    common = (database, type(row), row.hour, row.reader_id, row.role, row.unit_id)
    if isinstance(row, ListView):
        return (*common, row.page, row.query)
    return (*common, row.tenant_id, row.claim_id, row.company, row.means)
