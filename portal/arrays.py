"""Conditions on few keys: those that another query finds, or that are known."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Func, Q, QuerySet, TextField, UUIDField, Value


class _OneOf(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class _ComparedTo(_OneOf):
    template = "0 + %(expressions)s)"


def compared_to(column: str, rows: QuerySet, key: str = "pk") -> Q:
    """Return the same condition on a whole number, for rows that another index reads in order.

    Hidden from the planner behind a sum: it would rather find all of these and sort them.
    """
    return Q(_ComparedTo(column, ArraySubquery(rows.order_by().values(key))))


def one_of(column: str, rows: QuerySet, key: str = "pk") -> Q:
    """Return the condition that ``column`` is among the keys of ``rows``, which are few.

    They are asked once, as an array: an index then serves this side of an OR too, and rows in the
    order of an index are compared as they come. IN (SELECT …) is joined, and sorted afterwards.
    """
    return Q(_OneOf(column, ArraySubquery(rows.order_by().values(key))))


def among(column: str, values: Iterable[UUID] | Iterable[str]) -> Q:
    """Return the condition that ``column`` is one of ``values``, sent as one value."""
    known = list(values)
    kind = TextField() if known and isinstance(known[0], str) else UUIDField()
    return Q(_OneOf(column, Value(known, ArrayField(kind))))
