"""Read tenants and leases from CSV or XLSX. Staff roles can never be imported."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .reading import Reject, Table, WrongFile, canonical, find_columns, wrong_format

COLUMNS = {
    "lease_ref": ["bail", "lease", "reference_bail", "numero_bail", "lease_ref"],
    "dwelling_key": ["logement", "dwelling", "reference_logement", "dwelling_key"],
    "tenant_ref": ["locataire", "tenant", "reference_locataire", "tenant_ref"],
    "civility": ["civilite", "civility", "title"],
    "first_name": ["prenom", "first_name"],
    "last_name": ["nom", "nom_famille", "last_name"],
    "email": ["courriel", "email", "e-mail", "mail"],
    "phone": ["telephone", "tel", "phone", "mobile", "portable"],
    "language": ["langue", "language"],
    "starts": ["debut", "date_debut", "entree", "starts", "start_date"],
    "ends": ["fin", "date_fin", "sortie", "ends", "end_date"],
    "role": ["qualite", "titre_occupation", "occupancy", "capacity"],
}
REQUIRED = ("lease_ref", "dwelling_key", "tenant_ref", "last_name", "starts")
FORBIDDEN = re.compile(
    r"(^|_)(ROLES?|PERMISSIONS?|DROITS?|GROUPES?|GROUPS?|IS_STAFF|STAFF|SUPERUSER|ADMIN|HABILITATIONS?"
    r"|PROFILS?|PASSWORD|MOT_DE_PASSE)($|_)"
)
CAPACITIES = {
    "": "holder", "HOLDER": "holder", "TITULAIRE": "holder", "LOCATAIRE": "holder",
    "JOINT_TENANT": "joint_tenant", "COTITULAIRE": "joint_tenant", "CO_TITULAIRE": "joint_tenant",
    "COLOCATAIRE": "joint_tenant", "OCCUPANT": "occupant", "OCCUPANTE": "occupant",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """One person on one lease. ``role`` is holder, joint_tenant or occupant: a capacity on
    the lease, never a right in the portal. ``ends`` is ``None`` for a running lease."""

    line: int
    lease_ref: str
    dwelling_key: str
    tenant_ref: str
    civility: str
    first_name: str
    last_name: str
    email: str
    phone: str
    language: str
    starts: datetime.date
    ends: datetime.date | None
    role: str
    warnings: tuple[str, ...] = ()


def read_leases(table: Table) -> Iterator[LeaseRow | Reject]:
    """Read ``table`` line by line; the same person twice on a lease is a :class:`Reject`.
    Raises :class:`WrongFile` at once: columns missing, or a column that would grant rights."""
    if forbidden := [h for h in table.headers if FORBIDDEN.search(canonical(h))]:
        message = _("Rights are never imported. Remove these columns: %(columns)s.")
        raise WrongFile(message % {"columns": ", ".join(forbidden)})
    found = find_columns(table.headers, COLUMNS)
    missing = [" / ".join(COLUMNS[name][:2]) for name in REQUIRED if name not in found]
    if missing:
        raise wrong_format(table.headers, _("a tenants and leases file"), missing)
    return _rows(table, found)


def parse_date(text: str) -> datetime.date | None:
    """``"31/12/2024"`` or ``"2024-12-31"`` to a date. Raises :class:`ValueError`."""
    if not text:
        return None
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = map(int, match.groups())
        return datetime.date(year, month, day)
    return datetime.date.fromisoformat(re.sub(r"[T ]00:00(:00)?$", "", text))


def _rows(table: Table, found: dict[str, str]) -> Iterator[LeaseRow | Reject]:
    seen: dict[tuple[str, str], int] = {}
    for line, row in table:
        v = {name: row.get(found.get(name, ""), "") for name in COLUMNS}
        result = _lease(line, v)
        key = (v["lease_ref"], v["tenant_ref"])
        if row.surplus:
            result = str(_("More cells than columns: a separator inside a value?"))
        elif not isinstance(result, str) and key in seen:
            result = str(_("Same person and lease as line %(line)s.") % {"line": seen[key]})
        if isinstance(result, str):
            yield Reject(line, result, row)
        else:
            seen[key] = line
            yield result


def _lease(line: int, v: dict[str, str]) -> LeaseRow | str:
    """The row, or the reason why the line cannot be imported."""
    if empty := [COLUMNS[name][0] for name in REQUIRED if not v[name]]:
        return str(_("Nothing in: %(columns)s.") % {"columns": ", ".join(empty)})
    role = CAPACITIES.get(canonical(v["role"]))
    if role is None:
        known = "titulaire, cotitulaire, occupant"
        return str(_("“%(value)s” is none of: %(known)s.") % {"value": v["role"], "known": known})
    try:
        starts, ends = parse_date(v["starts"]), parse_date(v["ends"])
    except ValueError:
        return str(_("A date is not one (write 31/12/2024 or 2024-12-31)."))
    if starts is None or (ends and ends < starts):
        return str(_("The lease ends before it starts."))
    warnings = []
    if v["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v["email"]):
        warnings.append(str(_("E-mail “%(value)s” is left out.") % {"value": v["email"]}))
        v["email"] = ""
    if re.fullmatch(r"[1-9]\d{8}", v["phone"]):  # a spreadsheet ate the first zero
        v["phone"] = f"0{v['phone']}"
    texts = {name: v[name] for name in COLUMNS if name not in {"starts", "ends", "role"}}
    return LeaseRow(
        line=line, starts=starts, ends=ends, role=role, warnings=tuple(warnings), **texts
    )
