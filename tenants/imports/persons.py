"""Read tenants and leases from CSV or XLSX. Staff roles can never be imported."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from django.utils.translation import gettext_lazy as _

from agencies.imports.tables import (
    Reject,
    Table,
    WrongFile,
    canonical,
    find_columns,
    wrong_format,
)

# Field -> accepted headers; the first two are those of the template, French and English.
COLUMNS = {
    "lease_ref": ["bail", "lease", "reference_bail", "numero_bail", "lease_ref", "contrat"],
    "dwelling_key": ["logement", "dwelling", "reference_logement", "dwelling_key"],
    "tenant_ref": ["locataire", "tenant", "reference_locataire", "tenant_ref"],
    "civility": ["civilite", "civility", "title"],
    "first_name": ["prenom", "first_name"],
    "last_name": ["nom", "last_name", "nom_famille", "nom_de_famille"],
    "email": ["courriel", "email", "e-mail", "mail", "adresse_mail"],
    "phone": ["telephone", "phone", "tel", "telephone_fixe", "fixe"],
    "mobile": ["mobile", "mobile_phone", "portable", "telephone_portable", "gsm"],
    "language": ["langue", "language"],
    "starts": ["debut", "starts", "date_debut", "entree", "date_entree", "start_date"],
    "ends": ["fin", "ends", "date_fin", "sortie", "date_sortie", "end_date"],
    "role": ["qualite", "capacity", "titre_occupation", "occupancy"],
    "needs": ["besoins", "needs"],
    "needs_until": ["besoins_jusqu_au", "needs_until"],
    "bill_code": ["code_quittance", "bill_code"],
    "number": ["numero", "number", "numero_voie"],
    "street": ["voie", "street", "rue", "adresse"],
    "postcode": ["code_postal", "postcode"],
    "commune": ["commune", "town", "ville"],
    "building": ["batiment", "building"],
    "floor": ["etage", "floor"],
    "door": ["porte", "door", "appartement"],
}
REQUIRED = ("lease_ref", "tenant_ref", "last_name", "starts")
DATES = ("starts", "ends", "needs_until")
FORBIDDEN = re.compile(
    r"(^|_)(ROLES?|PERMISSIONS?|DROITS?|GROUPES?|GROUPS?|IS_STAFF|STAFF|SUPERUSER|ADMIN|HABILITATIONS?"
    r"|PROFILS?|PASSWORD|MOT_DE_PASSE)($|_)"
)
CAPACITIES = {
    "": "holder", "HOLDER": "holder", "TITULAIRE": "holder", "LOCATAIRE": "holder",
    "JOINT_TENANT": "joint_tenant", "COTITULAIRE": "joint_tenant", "CO_TITULAIRE": "joint_tenant",
    "COLOCATAIRE": "joint_tenant", "OCCUPANT": "occupant", "OCCUPANTE": "occupant",
}  # fmt: skip
NEEDS = {
    "STAIRS": "stairs", "ESCALIER": "stairs", "ESCALIERS": "stairs",
    "INFANT": "infant", "NOURRISSON": "infant", "BEBE": "infant",
    "HEARING": "hearing", "MALENTENDANT": "hearing", "AUDITION": "hearing",
    "SIGHT": "sight", "GROS_CARACTERES": "sight", "VUE": "sight",
    "ALONE": "alone", "SEUL": "alone", "SEULE": "alone",
}  # fmt: skip
REGIONS = ("FR", "RE", "GP", "MQ", "GF", "YT", "PM")  # one dialling plan, several codes
LANGUAGES = {
    "FRANCAIS": "fr", "FRENCH": "fr", "ANGLAIS": "en", "ENGLISH": "en", "ARABE": "ar",
    "ESPAGNOL": "es", "PORTUGAIS": "pt", "TURC": "tr", "RUSSE": "ru", "UKRAINIEN": "uk",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """One person on one lease. ``role`` is holder, joint_tenant or occupant: a capacity on
    the lease, never a right in the portal. ``ends`` is ``None`` while the person is there.

    ``phones`` are E.164; ``needs`` are codes of ``Need``, without reason; ``faults`` are the
    values that were refused, each with its why, the rest of the row being imported.
    """

    line: int
    lease_ref: str
    dwelling_key: str
    tenant_ref: str
    civility: str
    first_name: str
    last_name: str
    email: str
    phones: tuple[str, ...]
    language: str
    starts: datetime.date
    ends: datetime.date | None
    role: str
    needs: tuple[str, ...]
    needs_until: datetime.date | None
    bill_code: str
    number: str
    street: str
    postcode: str
    commune: str
    building: str
    floor: str
    door: str
    raw: dict[str, str]
    faults: tuple[str, ...] = ()


def read_leases(table: Table) -> Iterator[LeaseRow | Reject]:
    """Read ``table`` line by line; the same person twice on a lease is a :class:`Reject`.
    Raises :class:`WrongFile` at once: columns missing, or a column that would grant rights."""
    if forbidden := [h for h in table.headers if FORBIDDEN.search(canonical(h))]:
        message = _("Rights are never imported. Remove these columns: %(columns)s.")
        raise WrongFile(message % {"columns": ", ".join(forbidden)})
    found = find_columns(table.headers, COLUMNS)
    missing = [" / ".join(COLUMNS[name][:2]) for name in REQUIRED if name not in found]
    if "dwelling_key" not in found and "street" not in found:
        missing.append(" / ".join(COLUMNS["dwelling_key"][:2]))
    if missing:
        raise wrong_format(table.headers, _("a tenants and leases file"), missing)
    return _rows(table, found)


def ignored_columns(table: Table) -> list[str]:
    """Return the columns that are not read: no data about a person enters by accident."""
    known = set(find_columns(table.headers, COLUMNS).values())
    return [header for header in table.headers if header and header not in known]


def parse_date(text: str) -> datetime.date | None:
    """Parse ``"31/12/2024"`` or ``"2024-12-31"`` to a date. Raises :class:`ValueError`."""
    if not text:
        return None
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = map(int, match.groups())
        return datetime.date(year, month, day)
    return datetime.date.fromisoformat(re.sub(r"[T ]00:00(:00)?$", "", text))


def parse_phone(text: str) -> str:
    """Parse ``"06 12 34 56 78"`` → ``"+33612345678"``, ``"0692 …"`` → ``"+262692…"``.

    A spreadsheet may have dropped the first zero. Raises :class:`ValueError` when no such number
    can exist.
    """
    digits = re.sub(r"\(0\)|[^\d+]", "", text)
    if re.fullmatch(r"[1-9]\d{8}", digits):
        digits = f"0{digits}"
    try:
        numbers = [phonenumbers.parse(digits, region) for region in REGIONS]
    except phonenumbers.NumberParseException as error:
        raise ValueError(text) from error
    valid = [number for number in numbers if phonenumbers.is_valid_number(number)]
    # Ranges kept for films and tests are possible without being valid.
    number = valid[0] if valid else numbers[0]
    if not phonenumbers.is_possible_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def template() -> list[list[str]]:
    """Return the file to fill in: the column names, and two invented persons on one lease."""
    heads = [COLUMNS[name][0] for name in COLUMNS]
    told = {
        "bail": "B-0001", "logement": "LGT-0001", "civilite": "Mme", "nom": "Exemple",
        "debut": "01/09/2021", "langue": "fr",
    }  # fmt: skip
    first = told | {
        "locataire": "L-0001", "prenom": "Ana", "courriel": "ana@example.org",
        "mobile": "+33 6 39 98 00 01", "qualite": "titulaire", "besoins": "escaliers",
        "besoins_jusqu_au": "31/12/2027",
    }  # fmt: skip
    second = told | {
        "locataire": "L-0002", "civilite": "M.", "prenom": "Luc", "qualite": "cotitulaire"
    }  # fmt: skip
    return [heads, *([person.get(head, "") for head in heads] for person in (first, second))]


def _rows(table: Table, found: dict[str, str]) -> Iterator[LeaseRow | Reject]:
    seen: dict[tuple[str, str], int] = {}
    for line, row in table:
        v = {name: row.get(found.get(name, ""), "") for name in COLUMNS}
        result = _lease(line, v, row)
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


def _lease(line: int, v: dict[str, str], raw: dict[str, str]) -> LeaseRow | str:
    """Return the row, or the reason why the line cannot be imported."""
    empty = [COLUMNS[name][0] for name in REQUIRED if not v[name]]
    if not v["dwelling_key"] and not v["street"]:
        empty.append(COLUMNS["dwelling_key"][0])
    if empty:
        return str(_("Nothing in: %(columns)s.") % {"columns": ", ".join(empty)})
    role = CAPACITIES.get(canonical(v["role"]))
    if role is None:
        known = "titulaire, cotitulaire, occupant"
        return str(_("“%(value)s” is none of: %(known)s.") % {"value": v["role"], "known": known})
    try:
        starts, ends, needs_until = (parse_date(v[name]) for name in DATES)
    except ValueError:
        return str(_("A date is not one (write 31/12/2024 or 2024-12-31)."))
    if starts is None or (ends and ends < starts):
        return str(_("The lease ends before it starts."))
    if long := [name for name, most in LONGEST.items() if len(v[name]) > most]:
        columns = ", ".join(COLUMNS[name][0] for name in long)
        return str(_("Too long: %(columns)s.") % {"columns": columns})
    faults: list[str] = []
    texts = {name: v[name] for name in COLUMNS if name not in {*DATES, *PARSED}}
    return LeaseRow(
        line=line,
        starts=starts,
        ends=ends,
        needs_until=needs_until,
        role=role,
        email=_email(v["email"], faults),
        phones=_phones((v["mobile"], v["phone"]), faults),
        language=_language(v["language"], faults),
        needs=_needs(v["needs"], faults),
        bill_code=_bill_code(v["bill_code"], faults),
        raw=dict(raw),
        faults=tuple(faults),
        **texts,
    )


PARSED = ("email", "phone", "mobile", "language", "needs", "role", "bill_code")
LONGEST = {
    "lease_ref": 60, "tenant_ref": 60, "civility": 10, "first_name": 80, "last_name": 80,
    "email": 254,
}  # fmt: skip


def _email(text: str, faults: list[str]) -> str:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        faults.append(str(_("E-mail “%(value)s” is left out.") % {"value": text}))
        return ""
    return text.lower()


def _phones(texts: tuple[str, ...], faults: list[str]) -> tuple[str, ...]:
    phones = []
    for text in texts:
        if not text:
            continue
        try:
            phones.append(parse_phone(text))
        except ValueError:
            faults.append(
                str(_("Phone “%(value)s” is not a number: left out.") % {"value": text[:40]})
            )
    return tuple(dict.fromkeys(phones))


def _language(text: str, faults: list[str]) -> str:
    if not text:
        return ""
    code = LANGUAGES.get(canonical(text), text.lower())
    if re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", code):
        return code
    faults.append(str(_("Language “%(value)s” is left out.") % {"value": text[:40]}))
    return ""


def _needs(text: str, faults: list[str]) -> tuple[str, ...]:
    """Return known codes only: an unknown one may name a health matter, and is not stored."""
    codes = []
    for part in filter(None, (canonical(p) for p in re.split(r"[,|/+]", text))):
        if part in NEEDS:
            codes.append(NEEDS[part])
        else:
            faults.append(str(_("A need is not one of our codes: left out.")))
    return tuple(dict.fromkeys(codes))


def _bill_code(text: str, faults: list[str]) -> str:
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z0-9]{8,12}", code):
        faults.append(str(_("The code on the bill is too easy to guess: a new one is made.")))
        return ""
    return code
