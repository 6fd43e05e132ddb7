"""Read what is related to one object by a single statement: a function whose plans are kept.

Django's prefetch compiles a statement for each relation, and PostgreSQL plans each one with the
policies of its table, which takes longer than to run it. Here the relations are named once; a
function of PostgreSQL returns the rows of all of them, and they are put where Django puts what it
prefetched. Whoever asks ``claim.orders.all()`` later sends no statement, and needs to know nothing
of this module: without it the relation is asked as usual.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from portal.database.readers import SYSTEM, alias_of

Row = Mapping[str, Any]
KEPT = "_related_rows"  # the attribute that holds rows which no relation leads to
READ: Mapping[type[models.Field], Callable[[Any], Any]] = {
    models.DateTimeField: datetime.fromisoformat,
    models.DateField: date.fromisoformat,
    models.TimeField: time.fromisoformat,
    models.UUIDField: UUID,
    models.BinaryField: lambda value: memoryview(bytes.fromhex(value[2:])),
}
# JSON holds these as they are; a column of any other kind is left to be read when asked.
PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BooleanField,
    models.JSONField,
    models.FloatField,
    models.FileField,
    models.GenericIPAddressField,
    ArrayField,
)


@dataclass
class Step:
    """One relation on the way from the root, and which of its rows belong to which parent."""

    path: str
    model: type[models.Model]
    parent: "Step | None" = None
    relation: Any = None  # a field, or the relation that leads back along one
    condition: str = ""
    joined: bool = False  # the parents hold it already
    children: list["Step"] = field(default_factory=list)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def name(self) -> str:
        """Return the name of the attribute of the parent that leads here."""
        return self.path.rpartition("__")[2]

    @property
    def is_needed(self) -> bool:
        """Return whether rows are read here or further on."""
        return not self.joined or any(child.is_needed for child in self.children)

    @property
    def is_forward(self) -> bool:
        return isinstance(self.relation, models.ForeignKey)


@dataclass(frozen=True)
class Related:
    """What ``function`` reads of an object of ``model`` (a label).

    ``lookups`` are those of ``prefetch_related`` along foreign keys; ``joined`` are those of them
    that the object brings with it (``select_related``). ``conditions``: further rows by a name of
    their own, as a label and a condition in SQL, where ``r`` is the row, ``root`` the object and
    ``given`` what the page gives.
    ``only``: a condition for the rows of a lookup, where the default manager has one.
    ``allowed``: in SQL, whether the reader may see the object ``wanted``.
    """

    function: str
    model: str
    allowed: str
    lookups: tuple[str, ...]
    joined: frozenset[str] = frozenset()
    conditions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # What is read in place of a column: by label, the name of an attribute and an expression.
    instead: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def steps(self) -> list[Step]:
        """Return the steps, parents first; the first is the object itself."""
        root = Step("", apps.get_model(self.model))
        found, joined = {"": root}, _with_parents(self.joined)
        for lookup in [*sorted(self.joined), *self.conditions, *self.lookups]:
            path = ""
            for name in lookup.split("__"):
                parent, path = found[path], f"{path}__{name}" if path else name
                if path not in found:
                    found[path] = self._step(path, name, parent, path in joined)
                    parent.children.append(found[path])
        return list(found.values())

    def _step(self, path: str, name: str, parent: Step, joined: bool) -> Step:
        if path in self.conditions:
            label, condition = self.conditions[path]
            return Step(path, apps.get_model(label), parent, condition=condition)
        relation = _relation(parent.model, name)
        only = self.only.get(path, "")
        return Step(path, relation.related_model, parent, relation, only, joined)

    def sql(self) -> str:
        """Return the SQL that makes the function.

        It reads as the landlord once it knows that the reader may see the object, as Django follows
        what the landlord found. Nothing comes while no scope is told.
        """
        numbers = {step.path: number for number, step in enumerate(self.steps)}
        kind = {True: "uuid", False: "bigint"}
        declared, body = [], []
        for step in self.steps[1:]:
            if not step.is_needed:
                continue
            number = numbers[step.path]
            if step.children:
                is_uuid = isinstance(step.model._meta.pk, models.UUIDField)
                declared.append(f"    keys{number} {kind[is_uuid]}[];\n")
            assert step.parent is not None
            above = numbers[step.parent.path]
            body.append(self._sql_of(step, f"keys{number}", f"keys{above}"))
        root = self.steps[0]
        root_kind = kind[isinstance(root.model._meta.pk, models.UUIDField)]
        known = json.dumps([step.path for step in self.steps[1:] if not step.joined])
        return (
            f"DROP FUNCTION IF EXISTS {self.function}({root_kind}, text[], jsonb);\n"
            f"CREATE FUNCTION {self.function}(wanted {root_kind}, parts text[], given jsonb)\n"
            "RETURNS TABLE(part text, held json) LANGUAGE plpgsql STABLE\n"
            "SET plan_cache_mode = force_generic_plan AS $body$\nDECLARE\n"
            "    scope text := current_setting('palier.scope', true);\n    said text;\n"
            f"    keys0 {root_kind}[] := ARRAY[wanted];\n{''.join(declared)}BEGIN\n"
            "    IF coalesce(scope, '') NOT IN ('reader', 'all', 'system')\n"
            f"        OR (scope = 'reader' AND NOT {self.allowed}) THEN\n        RETURN;\n"
            "    END IF;\n    said := set_config('palier.scope', 'system', true);\n"
            f"    part := ''; held := '{known}'::json; RETURN NEXT;\n"
            f"{''.join(body)}    said := set_config('palier.scope', scope, true);\nEND $body$;\n"
        )

    def _sql_of(self, step: Step, keys: str, above: str) -> str:
        """Return the statements that find the rows of one step, and their keys for its children."""
        pk = step.model._meta.pk.column
        condition = f" AND ({step.condition})" if step.condition and step.relation else ""
        assert step.parent is not None
        if step.relation is None:
            root = self.steps[0]
            source = (
                f"{step.table} r, {root.table} root"
                f" WHERE root.{root.model._meta.pk.column} = wanted AND ({step.condition})"
            )
        elif step.is_forward:
            column, parent_pk = step.relation.column, step.parent.model._meta.pk.column
            many = (
                f"SELECT p.{column} FROM {step.parent.table} p"
                f" WHERE p.{parent_pk} = ANY({above}) AND p.{column} IS NOT NULL"
            )
            source = f"{step.table} r WHERE r.{pk} = ANY(ARRAY({many})){condition}"
        else:
            column = step.relation.field.column
            source = f"{step.table} r WHERE r.{column} = ANY({above}){condition}"
        made = ""
        if step.children:
            made += f"        {keys} := ARRAY(SELECT r.{pk} FROM {source});\n"
            source = f"{step.table} r WHERE r.{pk} = ANY({keys})"
        if not step.joined:
            left_out = "".join(f" - '{column}'" for column in self._without(step.model))
            for name, expression in self.instead.get(step.model._meta.label, {}).items():
                left_out += f" || jsonb_build_object('{name}', {expression})"
            made += (
                f"        RETURN QUERY SELECT '{step.path}', json_agg(to_jsonb(r){left_out}"
                f"{_order(step)}) FROM {source} HAVING count(*) > 0;\n"
            )
        asked = f"parts IS NULL OR '{step.path}' = ANY(parts)"
        return f"    IF cardinality({above}) > 0 AND ({asked}) THEN\n{made}    END IF;\n"

    def _without(self, model: type[models.Model]) -> list[str]:
        """Return the columns that are not read: those of ``left_out``, and of unknown kinds."""
        named = self.left_out.get(model._meta.label, ())
        return [
            str(one.column)
            for one in model._meta.concrete_fields
            if one.name in named or _reader_of(one) is None
        ]

    def fetch(
        self, root: models.Model, lookups: Collection[str] | None = None, **given: Any
    ) -> None:
        """Read ``lookups`` (all of them by default) of ``root`` as the reader who found it.

        ``given`` are values that the conditions name.
        """
        parts = None if lookups is None else sorted(_with_parents(lookups))
        behalf, connection.behalf = connection.behalf, "system" if alias_of(root) else ""
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT part, held FROM {self.function}(%s, %s, %s)",  # noqa: S608 (ours)
                    [root.pk, parts, json.dumps(given)],
                )
                held = dict(cursor.fetchall())
        finally:
            connection.behalf = behalf
        known = set(held.get("", ()))
        if parts is not None:
            known &= set(parts)
        found: dict[str, list[Any]] = {"": [root]}
        same: dict[tuple[type[models.Model], Any], Any] = {(type(root), root.pk): root}
        for step in self.steps[1:]:
            assert step.parent is not None
            parents = found.get(step.parent.path, [])
            if step.joined:
                there = [getattr(parent, step.name, None) for parent in parents]
                found[step.path] = [one for one in there if one is not None]
                same |= {(step.model, one.pk): one for one in found[step.path]}
            elif step.path in known:
                label = step.model._meta.label
                more = tuple(self.instead.get(label, ()))
                make = maker(step.model, tuple(self._without(step.model)), more)
                rows = [make(row, same) for row in held.get(step.path, ())]
                found[step.path] = rows
                _place(step, parents, rows)


def kept(root: models.Model, name: str) -> list[Any] | None:
    """Return the rows of a condition that was read with ``root``; None when it was not."""
    return getattr(root, KEPT, {}).get(name)


def _relation(model: type[models.Model], name: str) -> Any:
    """Return the field ``name``, or the relation that leads back to ``model`` by this name."""
    for back in model._meta.related_objects:
        if back.get_accessor_name() == name and not back.many_to_many:
            return back
    return model._meta.get_field(name)


def _with_parents(lookups: Iterable[str]) -> set[str]:
    """Return the lookups and all that lie on the way to them."""
    found = set()
    for lookup in lookups:
        names = lookup.split("__")
        found |= {"__".join(names[:end]) for end in range(1, len(names) + 1)}
    return found


def _order(step: Step) -> str:
    """Return the usual order of the model, as far as it names columns of its own."""
    if step.is_forward:
        return ""
    parts = []
    for name in step.model._meta.ordering or ():
        if isinstance(name, str) and "__" not in name:
            plain = name.lstrip("-")
            one: Any = step.model._meta.pk if plain == "pk" else step.model._meta.get_field(plain)
            column = one.column
            parts.append(f"r.{column}{' DESC' if name.startswith('-') else ''}")
    return f" ORDER BY {', '.join(parts)}" if parts else ""


@cache
def _reader_of(one: models.Field) -> Callable[[Any], Any] | None:
    """Return what makes the value of a column from JSON; None for one that is not read."""
    target: Any = one
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.DecimalField):
        unit = Decimal(1).scaleb(-target.decimal_places)
        return lambda value: Decimal(str(value)).quantize(unit)
    for kind, read in READ.items():
        if isinstance(target, kind):
            return read
    return _as_it_is if isinstance(target, PLAIN) else None


def _as_it_is(value: Any) -> Any:
    return value


_makers: dict[tuple, Callable] = {}


def maker(
    model: type[models.Model],
    left_out: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    database: str = SYSTEM,
) -> Callable[[Row, dict], Any]:
    """Return what makes an object of a row, or finds the one that was made of it before.

    It is followed as what the landlord found, or as ``database`` says.
    """
    key = (model, left_out, more, type(database))
    if key not in _makers:
        _makers[key] = _new_maker(model, frozenset(left_out), more, database)
    return _makers[key]


def _new_maker(
    model: type[models.Model], left_out: frozenset[str], more: tuple[str, ...], database: str
) -> Callable[[Row, dict], Any]:
    fields = [
        (one.attname, str(one.column), read)
        for one in model._meta.concrete_fields
        if one.column not in left_out and (read := _reader_of(one)) is not None
    ]
    pk = str(model._meta.pk.column)
    read_pk = _reader_of(model._meta.pk)
    assert read_pk is not None

    def make(row: Row, same: dict) -> Any:
        key = (model, read_pk(row[pk]))
        if key not in same:
            names, values = [], []
            for name, column, read in fields:
                if column in row:  # another release may have made the function
                    value = row[column]
                    names.append(name)
                    values.append(value if value is None or read is _as_it_is else read(value))
            made = model.from_db(database, names, values)
            made.__dict__.update((name, row[name]) for name in more if name in row)
            same[key] = made
        return same[key]

    return make


def _place(step: Step, parents: list[Any], rows: list[Any]) -> None:
    """Put the rows where Django looks for what was prefetched."""
    if step.relation is None:
        for parent in parents:
            parent.__dict__.setdefault(KEPT, {})[step.path] = rows
        return
    if step.is_forward:
        by_key = {row.pk: row for row in rows}
        for parent in parents:
            if not step.relation.is_cached(parent):
                key = getattr(parent, step.relation.attname)
                step.relation.set_cached_value(parent, by_key.get(key))
        return
    forward = step.relation.field
    by_parent: dict[Any, list[Any]] = {}
    for row in rows:
        by_parent.setdefault(getattr(row, forward.attname), []).append(row)
    for parent in parents:
        mine = by_parent.get(parent.pk, [])
        for row in mine:
            forward.set_cached_value(row, parent)
        if step.relation.one_to_one:
            step.relation.set_cached_value(parent, mine[0] if mine else None)
            continue
        prefetched = parent.__dict__.setdefault("_prefetched_objects_cache", {})
        cache = forward.remote_field.cache_name
        if cache not in prefetched:
            answered = getattr(parent, step.name).get_queryset()
            answered._result_cache, answered._prefetch_done = mine, True
            prefetched[cache] = answered
