"""Refuse queries on personal tables that do not name a scope, so that none forgets who asks."""

from typing import Generic, TypeVar

from django.db import models

Rows = TypeVar("Rows", bound=models.QuerySet)


class ScopeMissing(RuntimeError):
    """A personal table was queried without saying on whose behalf (docs/principles.md, T3)."""


class ScopedManager(models.Manager, Generic[Rows]):
    """``objects`` of a personal table: every plain query raises ``ScopeMissing``.

    Subclasses name their ``rows`` (a QuerySet class) and one method per scope. Jobs and actions
    that act for the landlord itself use ``system("why")``. Parents that were fetched through a
    scope reach their children as usual: related managers use the model's default manager.
    """

    rows: type[Rows]

    def unscoped_rows(self) -> Rows:
        """Return all rows; for the scopes of subclasses only."""
        return self.rows(self.model, using=self._db)

    def get_queryset(self) -> models.QuerySet:
        """Refuse: raise ``ScopeMissing``."""
        raise ScopeMissing(f"{self.model.__name__}.objects needs a scope: visible_to or system")

    def system(self, reason: str) -> Rows:
        """Return all rows, for a job or an action; ``reason`` says which one.

        Raises ``ScopeMissing`` without a reason.
        """
        if not reason:
            raise ScopeMissing("system() needs its reason")
        return self.unscoped_rows()
