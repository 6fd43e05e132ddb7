"""A file of staff: one person and one role a line. Read first, written only once it was looked at.

Nothing is kept between the two: what was read travels in the page, signed, for an hour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.imports.sources import WrongFile
from agencies.imports.tables import Table, canonical, find_columns, open_table, wrong_format
from agencies.models import Desk, Membership, Sector, Unit
from portal.access import Role
from portal.models import User
from requests.console import invitations

MOST = 500  # lines
SALT = "requests.console.staff_file"
LASTS = 3600  # seconds
COLUMNS = {
    "email": ["courriel", "email", "e-mail", "mail", "adresse électronique"],
    "first_name": ["prénom", "first name", "firstname"],
    "last_name": ["nom", "last name", "lastname", "name"],
    "role": ["rôle", "role", "fonction"],
    "unit": ["unité", "unit", "agence", "agency"],
    "desks": ["services", "service", "bureaux", "desks", "desk"],
    "sectors": ["secteurs", "secteur", "sectors", "sector"],
}
REQUIRED = ("email", "role", "unit")
# Contractors need a company, which their own page invites; tenants open their accounts themselves.
ROLES = [role for role in Role if role not in (Role.TENANT, Role.CONTRACTOR)]


@dataclass
class Line:
    """One person as read: ``desks`` and ``sectors`` are primary keys, ``unit`` is a code."""

    number: int
    email: str
    first_name: str
    last_name: str
    role: str
    unit: str
    desks: list[int] = field(default_factory=list)
    sectors: list[int] = field(default_factory=list)

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True)
class Rejected:
    """A line that is not taken, why, and its cells as read."""

    number: int
    reason: str
    cells: Mapping[str, str]


@dataclass
class Reading:
    """What a file would do."""

    lines: list[Line]
    rejects: list[Rejected]


def template() -> list[list[str]]:
    """Return the columns, and one invented person for each of two roles."""
    return [
        [_("E-mail"), _("First name"), _("Last name"), _("Role"), _("Unit"), _("Desks"),
         _("Sectors")],
        ["awa.ndiaye@example.org", "Awa", "Ndiaye", str(Role.AGENT.label), "Agence Nord",
         str(Desk.Kind.TECHNICAL.label), ""],
        ["karim.benali@example.org", "Karim", "Benali", str(Role.CARETAKER.label), "Agence Nord",
         "", ""],
    ]  # fmt: skip


def read(source: bytes, now: datetime) -> Reading:
    """Read a CSV or XLSX file; only reads the database. Raises WrongFile."""
    table = open_table(source)
    found = find_columns(table.headers, COLUMNS)
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in found]
    if missing:
        raise wrong_format(table.headers, _("a file of staff"), missing)
    return _Reader(table, found, now).read()


class _Reader:
    """The names that a file may use, and the people there are already."""

    def __init__(self, table: Table, found: Mapping[str, str], now: datetime) -> None:
        self.table, self.found = table, found
        self.units: dict[str, Unit] = {}
        for unit in Unit.objects.all():
            self.units[canonical(unit.name)] = self.units[canonical(unit.code)] = unit
        self.roles = {canonical(str(role.label)): role for role in ROLES}
        self.roles |= {canonical(role.value): role for role in ROLES}
        self.desks = _named(Desk.objects.all(), lambda desk: (desk.name, desk.get_kind_display()))
        self.sectors = _named(Sector.objects.all(), lambda sector: (sector.name,))
        today = timezone.localdate(now)
        rows = Membership.everything.exclude(pending=False, ends__lt=today)
        self.there = set(rows.values_list("user__email", "unit__code", "role"))

    def read(self) -> Reading:
        reading = Reading([], [])
        for number, row in self.table:
            if len(reading.lines) + len(reading.rejects) >= MOST:
                said = _("More than %(most)s lines: cut the file in several parts.")
                raise WrongFile(said % {"most": MOST})
            cells = {name: row.get(header, "") for name, header in self.found.items()}
            try:
                reading.lines.append(self._line(number, cells))
            except ValidationError as error:
                reading.rejects.append(Rejected(number, " ".join(error.messages), dict(row)))
        return reading

    def _line(self, number: int, cells: Mapping[str, str]) -> Line:
        """Return one person. Raises ValidationError with every reason."""
        reasons: list[str] = []
        email = cells.get("email", "").strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            reasons.append(_("“%(value)s” is no e-mail address.") % {"value": email})
        role = self.roles.get(canonical(cells.get("role", "")))
        if role is None:
            known = ", ".join(str(role.label) for role in ROLES)
            told = {"value": cells.get("role", ""), "known": known}
            reasons.append(_("“%(value)s” is no role. These are: %(known)s.") % told)
        unit = self.units.get(canonical(cells.get("unit", "")))
        if unit is None:
            known = ", ".join(sorted({unit.name for unit in self.units.values()}))
            told = {"value": cells.get("unit", ""), "known": known}
            reasons.append(_("“%(value)s” is no unit. These are: %(known)s.") % told)
        desks = self._of_unit(cells.get("desks", ""), self.desks, unit, reasons)
        sectors = self._of_unit(cells.get("sectors", ""), self.sectors, unit, reasons)
        if role and unit:
            key = (email, unit.code, role.value)
            if key in self.there:
                reasons.append(_("This person has this role already, or it waits."))
        if reasons or role is None or unit is None:
            raise ValidationError(reasons)
        self.there.add((email, unit.code, role.value))
        first, last = cells.get("first_name", "")[:80], cells.get("last_name", "")[:80]
        return Line(number, email, first, last, role.value, unit.code, desks, sectors)

    def _of_unit(self, text: str, known, unit: Unit | None, reasons: list[str]) -> list[int]:
        """Return the keys of the desks or sectors that a cell names; several by commas."""
        found = []
        for name in filter(None, (part.strip() for part in text.replace("/", ",").split(","))):
            pk = known.get((unit.pk, canonical(name))) if unit else None
            if pk is not None:
                found.append(pk)
            elif unit:
                told = {"value": name, "unit": unit.in_sentence}
                reasons.append(_("“%(value)s” is not found in %(unit)s.") % told)
        return found


def _named(rows: Iterable, names) -> dict[tuple[int, str], int]:
    return {(row.unit_id, canonical(str(name))): row.pk for row in rows for name in names(row)}


def pack(lines: list[Line]) -> str:
    """Return the lines taken as a signed text, for the page that asks to confirm them."""
    return signing.dumps([asdict(line) for line in lines], salt=SALT, compress=True)


def unpack(text: str) -> list[Line]:
    """Return the lines of a page. Raises signing.BadSignature for others, or after an hour."""
    return [Line(**row) for row in signing.loads(text, salt=SALT, max_age=LASTS)]


def pack_rejects(rejects: list[Rejected]) -> str:
    """Return the lines not taken as a signed text: they hold people's names, kept nowhere."""
    return signing.dumps([asdict(row) for row in rejects], salt=SALT, compress=True)


def unpack_rejects(text: str) -> list[Rejected]:
    """Return the lines not taken. Raises signing.BadSignature."""
    return [Rejected(**row) for row in signing.loads(text, salt=SALT, max_age=LASTS)]


def invite_all(
    lines: list[Line], *, by: User, now: datetime
) -> tuple[list[tuple[Membership, str]], list[Line]]:
    """Invite each person; return memberships with their tokens, and the lines already there."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    done, known = [], []
    for line in lines:
        try:
            done.append(
                invitations.invite(
                    email=line.email,
                    first_name=line.first_name,
                    last_name=line.last_name,
                    role=line.role,
                    unit=units[line.unit],
                    desks=Desk.objects.filter(pk__in=line.desks, unit__code=line.unit),
                    sectors=Sector.objects.filter(pk__in=line.sectors, unit__code=line.unit),
                    by=by,
                    now=now,
                )
            )
        except (invitations.AlreadyThere, KeyError):
            known.append(line)
    return done, known
