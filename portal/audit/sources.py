"""What the trail consists of: one ``Source`` for each table whose rows are only added.

Each room lists its own; ``PALIER_AUDITED`` names the lists, since ``portal`` imports no other room.
The triggers of these tables are made by migrations (``portal/audit/triggers.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.audit_models import AuditOpening


@dataclass(frozen=True)
class Personal:
    """Columns that say something about one person, hashed under the person's key.

    ``person`` lists where the person is found, the first that is set: ``("tenant",
    "claim__tenant_id")`` is the kind and the path from the row. When none is set, the columns
    are hashed without key.
    """

    group: str
    columns: tuple[str, ...]
    person: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Source:
    """One audited table. All columns count: those in no ``Personal`` are hashed as they are.

    A row is sealed once it is ``hold`` old by its column ``moment``, when nobody can undo it any
    more; without ``moment`` at once.
    """

    code: str
    label: Any
    model: type[models.Model]
    personal: tuple[Personal, ...] = ()
    moment: str = "at"
    hold: timedelta = timedelta(0)

    @property
    def table(self) -> str:
        """Return the name of the table."""
        return self.model._meta.db_table

    def public_columns(self) -> list[str]:
        """Return the columns that are hashed without key, in the order of their names."""
        keyed = {"pk", self.model._meta.pk.attname}.union(*(p.columns for p in self.personal))
        return sorted(f.attname for f in self.model._meta.concrete_fields if f.attname not in keyed)

    def rows(self) -> models.QuerySet:
        """Return all rows, undone ones too, whatever scope the model's manager asks for."""
        return models.QuerySet(self.model)

    def settled(self, now: datetime) -> models.QuerySet:
        """Return the rows that nobody can undo any more."""
        rows = self.rows()
        return rows.filter(**{f"{self.moment}__lte": now - self.hold}) if self.moment else rows

    def read(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return what is hashed of the rows, by primary key; rows that are gone are left out."""
        paths = {path for p in self.personal for _kind, path in p.person}
        columns = {*self.public_columns(), *(c for p in self.personal for c in p.columns)}
        rows = self.rows().filter(pk__in=list(keys)).values("pk", *columns | paths)
        return {row["pk"]: row for row in rows}


OWN = (
    Source(
        "setting",
        _("change of the settings"),
        LogEntry,
        (Personal("actor", ("user_id",), (("user", "user_id"),)),),
        moment="action_time",
    ),
    Source("opening", _("opening of the audit trail"), AuditOpening, moment=""),
)


@cache
def sources() -> dict[str, Source]:
    """Return every source by its code."""
    found = [source for path in settings.PALIER_AUDITED for source in import_string(path)]
    return {source.code: source for source in found}
