"""The one way to erase from the trail: each call says why, and is itself a row of the trail.

The chain stays valid: the opening names the rows that were deleted or redacted and the keys that
were erased, and ``verify`` then asks no more of them than what is left.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from portal.audit.sources import Source, sources
from portal.audit_models import AuditKey, AuditOpening
from portal.models import User


def intervals(keys: Iterable[int]) -> list[list[int]]:
    """Return the keys as closed intervals: 3, 4, 5, 9 are [[3, 5], [9, 9]]."""
    found: list[list[int]] = []
    for key in sorted(set(keys)):
        if found and found[-1][1] == key - 1:
            found[-1][1] = key
        else:
            found.append([key, key])
    return found


def open_trail(
    *, tables: Iterable[str], reason: str, by: User | None, what: dict[str, Any]
) -> AuditOpening:
    """Let this transaction change rows of the ``tables``, and say so in the trail.

    ``by`` None: the portal itself, by a rule. Raises RuntimeError outside a transaction and
    ValueError without a reason.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("The trail is opened for one transaction.")
    if not reason.strip():
        raise ValueError("The trail is opened for a reason.")
    return AuditOpening.objects.create(
        tables=sorted(tables), reason=reason, by=by.pk if by else None, what=what
    )


@transaction.atomic
def delete_rows(code: str, keys: Iterable[int], *, reason: str, by: User | None) -> int:
    """Delete rows of the source ``code`` whose retention is over; return how many."""
    source, wanted = _known(code, keys)
    if not wanted:
        return 0
    what = {"deleted": {code: intervals(wanted)}}
    open_trail(tables=[source.table], reason=reason, by=by, what=what)
    return source.rows().filter(pk__in=wanted).delete()[0]


@transaction.atomic
def redact_rows(
    code: str, keys: Iterable[int], values: dict[str, Any], *, reason: str, by: User | None
) -> int:
    """Replace personal columns of rows of the source ``code``; return how many rows.

    Raises ValueError for a column that is not personal: it would break the chain.
    """
    source, wanted = _known(code, keys)
    personal = {column for group in source.personal for column in group.columns}
    if strangers := values.keys() - personal:
        raise ValueError(f"{', '.join(sorted(strangers))} of {code} is not personal")
    if not wanted:
        return 0
    what = {"redacted": {code: intervals(wanted)}}
    open_trail(tables=[source.table], reason=reason, by=by, what=what)
    return source.rows().filter(pk__in=wanted).update(**values)


@transaction.atomic
def erase_keys(persons: Iterable[str], *, reason: str, by: User | None) -> int:
    """Erase the keys of ``persons`` ("tenant:<id>"); return how many there were.

    What was hashed under them can then neither be checked nor guessed.
    """
    found = list(AuditKey.objects.filter(person__in=list(persons)))
    what = {"keys": sorted(str(key.pk) for key in found)}
    open_trail(tables=[AuditKey._meta.db_table], reason=reason, by=by, what=what)
    AuditKey.objects.filter(pk__in=[key.pk for key in found]).delete()
    return len(found)


@contextmanager
def account_deletion(user: User, *, reason: str, by: User | None):
    """Let an account be deleted, which empties its name in the rows that it caused.

    The rows that go with it (its changes of the settings) are named as deleted.
    """
    emptied: dict[str, list[list[int]]] = {}
    deleted: dict[str, list[list[int]]] = {}
    tables = []
    for code, source in sources().items():
        for field in source.model._meta.concrete_fields:
            if field.related_model is not User:
                continue
            keys = source.rows().filter(**{field.attname: user.pk}).values_list("pk", flat=True)
            if keys:
                into = emptied if field.null else deleted
                into[code] = intervals([*keys])
                tables.append(source.table)
    with transaction.atomic():
        what = {"redacted": emptied, "deleted": deleted}
        open_trail(tables=tables, reason=reason, by=by, what=what)
        yield


def _known(code: str, keys: Iterable[int]) -> tuple[Source, list[int]]:
    source = sources()[code]
    return source, sorted(source.rows().filter(pk__in=list(keys)).values_list("pk", flat=True))
