"""Read a view: for the API, for a file, for the page that shows what leaves."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.db import DEFAULT_DB_ALIAS, connections

from portal.database import readers
from requests.reporting.datasets import Dataset

Line = tuple[dt.date | str | int | Decimal | None, ...]


def lines(
    dataset: Dataset,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    unit: str = "",
    most: int | None = None,
) -> Iterator[Line]:
    """Yield the lines of a view in the order of its keys: of a period and a unit where asked.

    ``since`` and ``until`` are months, both counted in. Nothing in a line is about one person, so
    the landlord reads, whoever asks.
    """
    wanted, values = [], []
    for text, value in (
        (f"{dataset.period} >= %s", since if dataset.period else None),
        (f"{dataset.period} <= %s", until if dataset.period else None),
        ("unit = %s", unit or None),
    ):
        if value is not None:
            wanted.append(text)
            values.append(value)
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    limit = f" LIMIT {int(most)}" if most else ""
    sql = (
        f"SELECT {', '.join(dataset.heads)} FROM {dataset.view}{where}"
        f" ORDER BY {', '.join(dataset.keys)}{limit}"
    )
    with readers.reading_as(None), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    yield from found
