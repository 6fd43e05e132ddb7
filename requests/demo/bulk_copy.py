"""Bulk writing through PostgreSQL COPY: a landlord of 500,000 dwellings in minutes, not hours."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from datetime import date, datetime

from django.db import connection, models

NULL = "\\N"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _text(value: object) -> str:
    """Return one value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return text if text.isprintable() and "\\" not in text else text.translate(ESCAPES)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).translate(ESCAPES)


class Table:
    """Rows of one model to be written; columns that are not given take the model's default.

    Whole-number keys are counted from one here, so that other rows can name them before they are
    written: the table must be empty. The digest covers what was given, so that two runs with one
    seed can be compared.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.rows = 0
        self.digest = hashlib.sha256()
        self.file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 (closed by flush)
        self.key = model._meta.pk
        self.counted = isinstance(self.key, models.AutoField | models.BigAutoField)
        self.columns: list[str] = []
        self.plan: list[tuple[str, Callable[[object], str], Callable[[], str]]] = []
        for field in model._meta.concrete_fields:
            # What only the database knows a default for, it fills in.
            if field.generated or (field.has_db_default() and not field.has_default()):
                continue
            encode = _json if isinstance(field, models.JSONField) else _text
            self.columns.append(f'"{field.column}"')
            self.plan.append((field.attname, encode, self._default(field, encode)))

    @staticmethod
    def _default(field: models.Field, encode: Callable[[object], str]) -> Callable[[], str]:
        if callable(field.default) and field.has_default():
            return lambda: encode(field.get_default())
        constant = encode(field.get_default())
        return lambda: constant

    def add(self, **values: object) -> int:
        """Add one row, by attribute names (``claim_id``, not ``claim``); return its number."""
        self.rows += 1
        if self.counted:
            values.setdefault(self.key.attname, self.rows)
        cells = [
            encode(values[name]) if name in values else default()
            for name, encode, default in self.plan
        ]
        unknown = values.keys() - {name for name, _, _ in self.plan} if self.rows == 1 else ()
        if unknown:
            raise TypeError(f"{self.model.__name__} has no {', '.join(sorted(unknown))}")
        given = "\t".join(cells[n] for n, (name, _, _) in enumerate(self.plan) if name in values)
        self.digest.update(given.encode())
        self.file.write(("\t".join(cells) + "\n").encode())
        return self.rows

    def flush(self) -> None:
        """Write everything, and set the database's counter after the last number."""
        self.file.seek(0)
        name = self.model._meta.db_table
        with connection.cursor() as cursor:
            # COPY does not fill a table that has policies: go through one that has none.
            columns = ", ".join(self.columns)
            cursor.execute(f'CREATE TEMPORARY TABLE bulk AS SELECT {columns} FROM "{name}" LIMIT 0')
            cursor.copy_expert(f"COPY bulk ({columns}) FROM STDIN", self.file)
            cursor.execute(f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM bulk')
            cursor.execute("DROP TABLE bulk")
            if self.counted and self.rows:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                    [f'"{name}"', self.key.column, self.rows],
                )
        self.file.close()


class Bulk:
    """The tables of one landlord, opened when first used."""

    def __init__(self) -> None:
        self.tables: dict[type[models.Model], Table] = {}
        self.whole = hashlib.sha256()

    def __getitem__(self, model: type[models.Model]) -> Table:
        if model not in self.tables:
            self.tables[model] = Table(model)
        return self.tables[model]

    def flush(self) -> str:
        """Write all tables; return the digest of what was given since the beginning."""
        for model, table in self.tables.items():
            if not table.file.closed:
                self.whole.update(
                    f"{model._meta.label}{table.rows}{table.digest.hexdigest()}".encode()
                )
                table.flush()
        return self.whole.hexdigest()
