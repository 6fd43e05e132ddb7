"""Refuse queries on personal tables that do not name a scope, so that none forgets who asks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import F

from portal.database.readers import (
    alias_of,
    is_readers,
    mark_as_readers,
    reading_as,
    system,
)

Rows = TypeVar("Rows", bound=models.QuerySet)


class ScopeMissing(RuntimeError):
    """A personal table was queried without saying on whose behalf (docs/principles.md, T3)."""


@contextmanager
def system_scope(reason: str) -> Iterator[None]:
    """Read as the landlord within the block, or the decorated function; ``reason`` says why.

    For a rule that judges by what is not there: what the reader may not see is there all the same.
    """
    if not reason:
        raise ScopeMissing("system_scope() needs its reason")
    with reading_as(None):
        yield


def along(held: models.Model, rows: models.QuerySet) -> models.QuerySet:
    """Ask ``rows`` of an unguarded table on behalf of whom ``held`` was found.

    A join to a guarded table would else hide rows from the holder of a link, who is nobody.
    """
    alias = alias_of(held)
    return rows if alias is None else rows.using(alias)


class ScopedManager(models.Manager, Generic[Rows]):
    """``objects`` of a personal table: every plain query raises ``ScopeMissing``.

    Three scopes suit every table: ``of`` what was found before, ``opened_by`` a secret, and
    ``system("why")`` for jobs and actions of the landlord itself. Subclasses name their ``rows``
    (a QuerySet class) and add a method per scope of their own. ``create`` reads nothing and needs
    no scope. Parents that were fetched through a scope reach their children as usual: related
    managers use the model's default manager, which is declared first as ``unscoped``.

    The scope travels with the query to PostgreSQL, which compares it with its own policies
    (``portal/database/readers.py``): what ``system`` and a secret find is read as the landlord,
    what a scope of a subclass finds as the reader of the request.
    """

    rows: type = models.QuerySet

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, scope in list(vars(cls).items()):
            if callable(scope) and not name.startswith("_") and not hasattr(ScopedManager, name):
                setattr(cls, name, _as_reader(scope))

    def unscoped_rows(self) -> Rows:
        """Return all rows; for the scopes of subclasses only."""
        return self.rows(self.model, using=self._db)

    def get_queryset(self) -> models.QuerySet:
        """Refuse: raise ``ScopeMissing``."""
        raise ScopeMissing(
            f"{self.model.__name__}.objects needs a scope: visible_to, of, opened_by or system"
        )

    def of(self, **parents: Any) -> Rows:
        """Return the rows that belong to objects which the caller has: ``of(claim=claim)``.

        A value is a saved object, several, a queryset, or a column of an outer query. A bare key
        says nothing of who may see its row: it raises ``ScopeMissing``.
        """
        if not parents or not all(_is_held(value) for value in parents.values()):
            raise ScopeMissing(f"{self.model.__name__}.objects.of() needs objects, not keys")
        rows = self.unscoped_rows()
        for value in parents.values():
            many = isinstance(value, (list, tuple, set, frozenset))
            for held in value if many else [value]:
                if (alias := alias_of(held)) is not None:
                    rows = rows.using(alias)
        if any(isinstance(v, models.QuerySet) and is_readers(v) for v in parents.values()):
            rows = mark_as_readers(rows)
        return rows.filter(**parents)

    def opened_by(self, **secret: str) -> Rows:
        """Return the row that an unguessable value opens: ``opened_by(token=token)``."""
        if len(secret) != 1 or not all(isinstance(v, str) and v for v in secret.values()):
            raise ScopeMissing(f"{self.model.__name__}.objects.opened_by() needs one secret")
        return self.unscoped_rows().using(system()).filter(**secret)

    def none(self) -> Rows:
        """Return no row."""
        return self.unscoped_rows().none()

    def create(self, **values: Any) -> Any:
        """Save one new row. It reads nothing, so it needs no scope."""
        return self.unscoped_rows().create(**values)

    def bulk_create(self, objs: Iterable, *args: Any, **options: Any) -> list:
        """Save new rows. It reads nothing, so it needs no scope."""
        return self.unscoped_rows().bulk_create(objs, *args, **options)

    def system(self, reason: str) -> Rows:
        """Return all rows, for a job or an action; ``reason`` says which one.

        Raises ``ScopeMissing`` without a reason.
        """
        if not reason:
            raise ScopeMissing("system() needs its reason")
        return self.unscoped_rows().using(system())


class GuardedManager(ScopedManager[models.QuerySet]):
    """The three scopes of a table that has no other."""


def _as_reader(scope: Callable) -> Callable:
    """Let what ``scope`` returns be asked as the reader, unless it is the landlord's."""

    @wraps(scope)
    def scoped(*args: Any, **options: Any) -> Any:
        return mark_as_readers(scope(*args, **options))

    return scoped


def _is_held(value: Any) -> bool:
    """Return whether ``value`` is an object or a query rather than a key that anybody may type."""
    if isinstance(value, models.Model):
        return value.pk is not None
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(_is_held(one) for one in value)
    return isinstance(value, (models.QuerySet, F))  # OuterRef is an F
