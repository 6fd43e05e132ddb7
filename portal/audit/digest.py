"""Pure: the hash of a row, of its personal values under a key, and of a batch."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import date, datetime, time, timezone
from typing import Any

from portal.audit.sources import Personal, Source


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: instants in UTC, other types by their text."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def canonical(values: Any) -> bytes:
    """Return the one text that stands for ``values``."""
    return json.dumps(
        values, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def taken(row: dict[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """Return the columns that are set; a nullable column may so be added to a table later."""
    return {name: row[name] for name in columns if row[name] is not None}


def person_of(row: dict[str, Any], personal: Personal) -> str | None:
    """Return whose the columns are, ``"tenant:<id>"``; None when nobody is known."""
    for kind, path in personal.person:
        if row[path] is not None:
            return f"{kind}:{row[path]}"
    return None


def mark(row: dict[str, Any], personal: Personal, source: Source, secret: bytes) -> str:
    """Return the keyed hash of the personal columns of a row; ``b""`` when nobody is known."""
    said = [source.code, row["pk"], personal.group, taken(row, personal.columns)]
    return hmac.new(secret, canonical(said), hashlib.sha256).hexdigest()


def digest(row: dict[str, Any], source: Source, marks: dict[str, list[str]]) -> str:
    """Return the hash of a row: its public columns, and the marks of the others."""
    said = [source.code, row["pk"], taken(row, source.public_columns()), marks]
    return hashlib.sha256(canonical(said)).hexdigest()


def head(
    *,
    number: int,
    made_at: datetime,
    previous: str,
    upto: dict[str, int],
    seals: Iterable[tuple[str, int, str, dict]],
) -> str:
    """Return the head of a batch; ``seals`` are (source, row, digest, marks) in that order."""
    said = [number, made_at, previous, upto, [list(seal) for seal in seals]]
    return hashlib.sha256(canonical(said)).hexdigest()
