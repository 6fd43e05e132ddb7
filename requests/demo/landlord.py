"""The invented landlord of Valmer: units, stock, staff. The same seed gives the same landlord."""

import uuid
from dataclasses import dataclass
from datetime import date, time
from random import Random
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import F

from agencies.models import (
    Building,
    Desk,
    Dwelling,
    Equipment,
    Landlord,
    Membership,
    OpeningHours,
    Residence,
    Sector,
    Staircase,
    Unit,
)
from agencies.units import starting_hours
from portal.access import Role
from portal.models import User
from requests.conversation.models import CannedReply
from requests.demo import looks, names
from requests.demo.bulk_copy import Bulk

PASSWORD = "demo-palier-2026"
DOMAIN = "demo.palier.example"
KIND = Desk.Kind
AGENCY_DESKS = [KIND.CLIENTELE, KIND.TECHNICAL, KIND.CARETAKERS]
SECTORS = 3  # per agency
DISTRICTS = ("Les Rives", "Centre", "Plateau", "La Gare")
FIRST_RESIDENCE = "Résidence Iberia"
CONTRACTS = {
    Equipment.Kind.LIFT: "Ascenseurs de la Sarle",
    Equipment.Kind.BOILER: "Thermique des Deux-Rives",
    Equipment.Kind.ENTRY: "Portiers et Platines Réunis",
    Equipment.Kind.VENTILATION: "Bon Air Ventilation",
}


DESK_NAMES = {
    KIND.CLIENTELE: "Gestion locative de proximité",
    KIND.TECHNICAL: "Service technique",
    KIND.CARETAKERS: "Loges des gardiens",
    KIND.CONTACT_CENTRE: "Centre de relation client",
    KIND.ON_CALL: "Astreinte",
    KIND.STOCK: "Direction du patrimoine",
    KIND.RENT: "Quittancement et baux",
    KIND.ARREARS: "Recouvrement",
    KIND.SOCIAL: "Accompagnement social",
    KIND.LEGAL: "Service juridique",
    KIND.ALLOCATION: "Attributions et mutations",
}
HEAD_DESKS = [kind for kind in DESK_NAMES if kind not in AGENCY_DESKS]


class Home(NamedTuple):
    """A dwelling with the keys of everything above it."""

    dwelling: int
    staircase: int
    building: int
    residence: int
    unit: int  # index into the agencies, the branch last
    label: str  # « 14 rue du Lin, 3e »


@dataclass(frozen=True)
class Person:
    """A demo account. ``unit`` is an index into the agencies, None for head office."""

    login: str
    first: str
    last: str
    role: Role
    unit: int | None
    sector: int | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


@dataclass(frozen=True)
class Login:
    email: str
    role: Role
    unit: str


def unit_names() -> list[str]:
    return [*(f"Agence {name}" for name in names.UNITS), f"Antenne {names.BRANCH}"]


def staff() -> list[Person]:
    """Return who works there; the first ones are named in the README and in the printed logins."""
    people = [
        Person("sonia", "Sonia", "Lemaire", Role.AGENT, 0),
        Person("marc", "Marc", "Delaunay", Role.AGENCY_MANAGER, 0),
        Person("karim", "Karim", "Belkacem", Role.CARETAKER, 0, 0),
        Person("nadia", "Nadia", "Perrot", Role.CALL_TAKER, None),
        Person("idris", "Idris", "Vannier", Role.ON_CALL, None),
        Person("helene", "Hélène", "Aubry", Role.HEAD_OFFICE, None),
        Person("admin", "Ana", "Ribeiro", Role.ADMIN, None),
        Person("dpo", "Claire", "Monnier", Role.DPO, None),
        Person("paulette", "Paulette", "Garcia", Role.TENANT_REPRESENTATIVE, 0, 0),
    ]
    rng = Random("the same people whatever the seed")
    taken = {person.login for person in people}

    def hire(role: Role, unit: int | None, sector: int | None = None) -> None:
        while True:
            first, last = rng.choice(names.WOMEN + names.MEN), rng.choice(names.LAST)
            login = f"{names.plain(first)}.{names.plain(last)}"
            if login not in taken:
                break
        taken.add(login)
        people.append(Person(login, first, last, role, unit, sector))

    for unit in range(len(unit_names())):
        for _ in range(3):
            hire(Role.AGENT, unit)
        if unit:
            hire(Role.AGENCY_MANAGER, unit)
        for sector in range(SECTORS):
            if unit or sector:
                hire(Role.CARETAKER, unit, sector)
    for role in (Role.CALL_TAKER, Role.CALL_TAKER, Role.ON_CALL, Role.HEAD_OFFICE):
        hire(role, None)
    return people


def logins() -> list[Login]:
    """Return every account that can sign in, the tenant's first among them last."""
    units = unit_names()
    found = [
        Login(person.email, person.role, "Siège" if person.unit is None else units[person.unit])
        for person in staff()
    ]
    firm = [
        Login(f"{name}@{DOMAIN}", Role.CONTRACTOR, "Plomberie Le Goff")
        for name in ("yann", "erwan")
    ]
    return [*found, *firm, Login(f"awa@{DOMAIN}", Role.TENANT, "")]


Desks = dict[tuple[int | None, str], int]


def unit_code(unit: int | None) -> str:
    """Return the routing code of an agency (by index), the branch (last) or head office (None)."""
    if unit is None:
        return "siege"
    if unit == len(names.UNITS):
        return "antenne"
    return f"agence-{names.plain(names.UNITS[unit])}"


def build_landlord() -> None:
    """Write the landlord's name, contact details and usual week."""
    ours = Landlord.objects.create(
        name="Valmer Habitat",
        phone="02 40 00 00 00",
        on_call_phone="02 40 00 00 01",
        email="contact@palier.example",
        website="https://palier.example",
        address="Valmer Habitat\n1 quai de la Sarle\n99000 Valmer",
        opening_fr="Du lundi au vendredi, de 8 h 30 à 12 h 30 et de 13 h 30 à 17 h 30.",
        opening_en="Monday to Friday, 8:30 am to 12:30 pm and 1:30 to 5:30 pm.",
    )
    looks.dress(ours)
    looks.leave_unnamed()
    OpeningHours.objects.bulk_create(starting_hours(None))
    _ready_replies()


def _ready_replies() -> None:
    """Write a few replies that every unit may insert, and one of each unit's own."""
    common = [
        ("Demander une photo", "Pouvez-vous nous envoyer une photo ?\n{{ link }}\n\n{{ who }}"),
        (
            "Donner le suivi",
            "Nous étudions la demande {{ reference }}. Nouvelles avant : {{ date }}.\n\n{{ who }}",
        ),
    ]
    rows = [CannedReply(unit=None, name=name, body=body) for name, body in common]
    own, body = "Passer à l’agence", "Vous pouvez venir nous voir : {{ unit }}.\n\n{{ who }}"
    rows += [CannedReply(unit=unit, name=own, body=body) for unit in Unit.objects.all()]
    CannedReply.objects.bulk_create(rows)


def build_units(bulk: Bulk) -> Desks:
    """Write head office as unit 1, then the agencies in order, then the branch.

    Returns the desks by unit index (None for head office) and kind.
    """
    desks: Desks = {}
    _unit(bulk, desks, None, "Siège", Unit.Kind.HEAD_OFFICE, HEAD_DESKS)
    for number, name in enumerate(unit_names()):
        kind = Unit.Kind.BRANCH if number == len(names.UNITS) else Unit.Kind.AGENCY
        _unit(bulk, desks, number, name, kind, AGENCY_DESKS)
    return desks


def _unit(bulk: Bulk, found: Desks, number: int | None, name: str, kind: str, desks: list) -> None:
    unit, code = bulk[Unit].rows + 1, unit_code(number)
    bulk[Unit].add(
        code=code,
        name=name,
        kind=kind,
        phone=names.phone(unit, mobile=False),
        email=f"{code}@{DOMAIN}",
        address=f"{unit} place de l’Hôtel-de-Ville\n99000 Valmer",
    )
    for desk in desks:
        key = bulk[Desk].add(unit_id=unit, kind=desk.value, name=DESK_NAMES[desk])
        found[number, desk.value] = key
    for day in range(5):
        for opens, closes in ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))):
            bulk[OpeningHours].add(unit_id=unit, weekday=day, opens=opens, closes=closes)
    if kind != Unit.Kind.HEAD_OFFICE:
        for number in range(SECTORS):
            bulk[Sector].add(unit_id=unit, name=f"Secteur {number + 1}")


def build_stock(bulk: Bulk, rng: Random, count: int) -> list[Home]:
    """Write ``count`` dwellings shared among the agencies, residence after residence."""
    homes: list[Home] = []
    used: set[str] = set()
    left = count
    for unit in range(len(names.SHARES)):
        last = unit == len(names.SHARES) - 1
        quota = left if last else min(left, round(count * names.SHARES[unit] / 100))
        left -= quota
        while quota > 0:
            quota -= _residence(bulk, rng, unit, quota, homes, used)
    return homes


def _name(rng: Random, used: set[str]) -> str:
    if not used:
        used.add(FIRST_RESIDENCE)
        return FIRST_RESIDENCE
    name = f"{rng.choice(names.KINDS)} {rng.choice(names.TREES)}"
    number = 1
    candidate = name
    while candidate in used:
        number += 1
        candidate = f"{name} {number}"
    used.add(candidate)
    return candidate


def _residence(
    bulk: Bulk, rng: Random, unit: int, quota: int, homes: list[Home], used: set[str]
) -> int:
    """Write one residence of at most ``quota`` dwellings; return how many it has."""
    table = bulk[Residence]
    residence = table.rows + 1
    # The first one belongs to the caretaker whose login is printed.
    sector = unit * SECTORS + 1 + (residence - 1) % SECTORS
    table.add(
        code=f"R{residence:05}",
        name=_name(rng, used),
        unit_id=unit + 2,
        sector_id=sector,
        commune="Valmer",
        postcode="99000",
        priority_district=rng.random() < 0.3,
    )
    built = rng.choice([1958, 1964, 1969, 1973, 1978, 1986, 1995, 2004, 2012, 2019])
    collective = built < 1990 and rng.random() < 0.7
    street = f"{rng.choice(names.WAYS)} {rng.choice(names.STREETS)}"
    number = rng.randrange(1, 60)
    made = 0
    for code in "ABCD"[: rng.choice([1, 1, 2, 2, 3, 4])]:
        if made == quota:
            break
        building = bulk[Building].add(residence_id=residence, code=code, built=built)
        floors = rng.choice([3, 3, 4, 4, 5, 5, 8, 10])
        doors = rng.choice([2, 2, 3, 4])
        equip = bulk[Equipment].add
        if collective:
            equip(**_equipment(rng, building, None, Equipment.Kind.BOILER, "Chaufferie", built))
        equip(**_equipment(rng, building, None, Equipment.Kind.VENTILATION, "VMC", built))
        for step in range(rng.choice([1, 1, 2])):
            if made == quota:
                break
            number += 2
            place = f"{number} {street}"
            staircase = bulk[Staircase].add(building_id=building, code=str(step + 1), street=place)
            entry = f"Interphone {code}{step + 1}"
            equip(**_equipment(rng, building, staircase, Equipment.Kind.ENTRY, entry, built))
            if floors >= 5 or (built > 2000 and floors >= 4):
                lift = f"Ascenseur {code}{step + 1}"
                equip(**_equipment(rng, building, staircase, Equipment.Kind.LIFT, lift, built))
            for floor in range(floors):
                for door in range(1, doors + 1):
                    if made == quota:
                        break
                    made += 1
                    rooms = rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 5])
                    label = f"{code}-{floor}{door}"
                    dwelling = bulk[Dwelling].add(
                        staircase_id=staircase,
                        natural_key=f"R{residence:05}-{step + 1}-{label}",
                        door=label,
                        floor=floor,
                        rooms=rooms,
                        area=18 + 14 * rooms + rng.randrange(9),
                        energy=rng.choice("BCCDDDEEF"),
                    )
                    homes.append(
                        Home(dwelling, staircase, building, residence, unit, f"{place}, {label}")
                    )
    return made


def _equipment(
    rng: Random, building: int, staircase: int | None, kind: Equipment.Kind, label: str, built: int
) -> dict:
    return {
        "building_id": building,
        "staircase_id": staircase,
        "kind": kind.value,
        "label": label,
        "contract": CONTRACTS[kind],
        "installed": rng.randrange(max(built, 1992), 2025),
    }


def build_staff(rng: Random) -> dict[int | None, dict[str, list[uuid.UUID]]]:
    """Write accounts and memberships; return the accounts by unit index and role."""
    hashed = make_password(PASSWORD)
    found: dict[int | None, dict[str, list[uuid.UUID]]] = {}
    for person in staff():
        user = User.objects.create(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            email=person.email,
            first_name=person.first,
            last_name=person.last,
            password=hashed,
            is_staff=person.role == Role.ADMIN,
            is_superuser=person.role == Role.ADMIN,
        )
        unit = 1 if person.unit is None else person.unit + 2
        member = Membership.objects.create(
            user=user,
            unit_id=unit,
            role=person.role,
            starts=date(2020, 1, 1),
            presence="loge du 12, 8 h – 12 h" if person.role == Role.CARETAKER else "",
        )
        if person.unit is not None and person.sector is not None:
            member.sectors.add(person.unit * SECTORS + person.sector + 1)
        found.setdefault(person.unit, {}).setdefault(person.role, []).append(user.pk)
    tenant = User.objects.create(
        id=uuid.UUID(int=rng.getrandbits(128), version=4),
        email=f"awa@{DOMAIN}",
        first_name="Awa",
        last_name="Traoré",
        password=hashed,
    )
    found[None]["tenant"] = [tenant.pk]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.all()
    )
    return found


def name_neighbourhoods() -> None:
    """Give each residence one of the neighbourhoods, in turn."""
    rows = Residence.objects.annotate(turn=F("pk") % len(DISTRICTS))
    for number, name in enumerate(DISTRICTS):
        rows.filter(turn=number).update(district=name)
