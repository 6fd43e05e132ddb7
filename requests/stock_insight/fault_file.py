"""Histories from a file of somebody else's machines, to judge the list on data that is not ours."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple, TextIO

from requests.stock_insight.risk import History, one_fault_each

DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d")


class Columns(NamedTuple):
    """Names of columns. Empty ones are not in the file; ``day_format``: "" tries the usual ones."""

    equipment: str
    day: str
    kind: str = ""
    building: str = ""
    installed: str = ""
    day_format: str = ""


class Unreadable(ValueError):
    """A file that cannot be read as faults; the message says which line and why."""


def read(stream: TextIO, columns: Columns) -> tuple[list[History], date]:
    """Return the history of each machine of a CSV of faults, and the day after the last fault.

    One line is one report: equipment and day. What follows within 48 hours is the same fault, as
    with our own (``risk.one_fault_each``). Commas, semicolons and tabs separate. Raises Unreadable.
    """
    sample = stream.read(4096)
    stream.seek(0)
    separator = max(",;\t", key=sample.split("\n", 1)[0].count)
    rows = csv.DictReader(stream, delimiter=separator)
    missing = [name for name in columns[:5] if name and name not in (rows.fieldnames or [])]
    if missing:
        raise Unreadable(f"no column {', '.join(missing)}; there are {rows.fieldnames}")
    days: dict[str, list[datetime]] = defaultdict(list)
    about: dict[str, Mapping[str, str]] = {}
    for number, row in enumerate(rows, 2):
        name = (row[columns.equipment] or "").strip()
        if name and (row[columns.day] or "").strip():
            days[name].append(_moment(row[columns.day].strip(), columns.day_format, number))
            about.setdefault(name, row)
    if not days:
        raise Unreadable("no line names a machine and a day")
    faults = {name: [at.date() for at in one_fault_each(found)] for name, found in days.items()}
    last = max(at.date() for found in days.values() for at in found)
    return list(_histories(faults, about, columns)), last


def _moment(text: str, day_format: str, number: int) -> datetime:
    """Return a day or a moment; zones are dropped, since days alone count."""
    if day_format:
        try:
            return datetime.strptime(text, day_format)
        except ValueError as error:
            raise Unreadable(f"line {number}: {text} is not like {day_format}") from error
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text.split(" ")[0], form)
        except ValueError:
            continue
    raise Unreadable(f"line {number}: {text} is no day that is known; name its format")


def _histories(
    faults: Mapping[str, list[date]], about: Mapping[str, Mapping[str, str]], columns: Columns
) -> Iterable[History]:
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, row in about.items():
        if columns.building:
            together[row[columns.building], row.get(columns.kind, "")].append(name)
    for pk, name in enumerate(sorted(faults), 1):
        row = about[name]
        beside = together.get((row.get(columns.building, ""), row.get(columns.kind, "")), [])
        yield History(
            pk=pk,
            kind=row.get(columns.kind, "") if columns.kind else "",
            installed=_year(row.get(columns.installed, "")) if columns.installed else None,
            faults=tuple(faults[name]),
            beside=tuple(sorted(day for one in beside if one != name for day in faults[one])),
        )


def _year(text: str) -> int | None:
    digits = text.strip()[:4]
    return int(digits) if digits.isdecimal() and len(digits) == 4 else None
