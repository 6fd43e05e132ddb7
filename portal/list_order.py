"""The order of a list as terms, and the rows behind a place in it (portal/windows.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan


@dataclass(frozen=True)
class Term:
    """One value by which rows are ordered, under ``name`` in the query."""

    name: str
    expression: Any  # of Django: a name as F, or what is computed
    falling: bool
    nulls_first: bool
    may_be_null: bool

    @classmethod
    def of_column(cls, order: str) -> "Term":
        """Return the term of a column that is never empty, by its name; "-" before it: falling."""
        name = order.lstrip("-")
        return cls(name, F(name), order.startswith("-"), nulls_first=False, may_be_null=False)

    @property
    def ordering(self) -> OrderBy:
        """Return the term for ``order_by``; where NULL stands is said only where it can be one."""
        first = self.nulls_first if self.may_be_null else None
        return OrderBy(
            F(self.name),
            descending=self.falling,
            # As PostgreSQL has it anyway: saying so would keep it from the index.
            nulls_first=True if first and not self.falling else None,
            nulls_last=True if first is False and self.falling else None,
        )

    def later(self, value: Any) -> Q | None:
        """Return the condition for rows that come after ``value``; None where there are none."""
        if value is None:
            return Q((f"{self.name}__isnull", False)) if self.nulls_first else None
        found = Q((f"{self.name}__{'lt' if self.falling else 'gt'}", value))
        if self.may_be_null and not self.nulls_first:
            found |= Q((f"{self.name}__isnull", True))
        return found

    def same(self, value: Any) -> Q:
        """Return the condition for rows that have ``value``."""
        return Q((f"{self.name}__isnull", True)) if value is None else Q((self.name, value))


def terms(rows: QuerySet) -> list[Term]:
    """Return the order of ``rows``: their own or their model's, the key last."""
    wanted = list(rows.query.order_by or rows.model._meta.ordering or ())
    found: list[Term] = []
    for number, one in enumerate(wanted):
        found.append(_term(rows, one, f"by_{number}"))
        if _names_key(rows.model, one):
            return found
    falling = found[-1].falling if found else False
    found.append(_term(rows, "-pk" if falling else "pk", "by_key"))
    return found


def behind(rows: QuerySet, order: Sequence[Term], values: Sequence[Any]) -> QuerySet:
    """Return the ``rows`` after the place ``values``; they carry the names of the terms."""
    if not any(term.may_be_null for term in order) and len({t.falling for t in order}) == 1:
        # One comparison of rows, which an index on them answers.
        compare = TupleLessThan if order[0].falling else TupleGreaterThan
        return rows.filter(compare(Tuple(*(F(term.name) for term in order)), tuple(values)))
    found: Q | None = None
    for term, value in reversed(list(zip(order, values, strict=True))):
        later = term.later(value)
        if found is not None:
            further = term.same(value) & found
            later = further if later is None else later | further
        found = later
    if found is None:
        return rows.none()
    first, value = order[0], values[0]
    if value is not None and not first.may_be_null:
        # Said once more alone, so that an index may begin there.
        found &= Q((f"{first.name}__{'lte' if first.falling else 'gte'}", value))
    return rows.filter(found)


def _names_key(model: type[Model], one: Any) -> bool:
    return isinstance(one, str) and one.lstrip("-") in {"pk", model._meta.pk.name}


def _term(rows: QuerySet, one: Any, name: str) -> Term:
    if isinstance(one, str):
        falling, path = one.startswith("-"), one.lstrip("-")
        return Term(name, F(path), falling, falling, _may_be_null(rows, path))
    if not isinstance(one, OrderBy):
        return Term(name, one, False, False, True)
    first = bool(one.nulls_first) or (one.descending and not one.nulls_last)
    inner = one.expression
    null = not isinstance(inner, F) or _may_be_null(rows, inner.name)
    return Term(name, inner, one.descending, first, null)


def _may_be_null(rows: QuerySet, path: str) -> bool:
    """Return whether a value may be NULL: its column, one on the way to it, or a computed one."""
    if path in rows.query.annotations:
        return True
    model: Any = rows.model
    null = False
    for part in path.split(LOOKUP_SEP):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        null = null or bool(getattr(field, "null", True))
        # `unit_id` is the column itself; `unit` would be the order of units.
        model = field.related_model if part == field.name else None
    if model is not None:
        raise ValueError(f"ordered by the relation {path}: name its column")
    return null
