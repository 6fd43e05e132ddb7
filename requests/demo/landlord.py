"""The invented landlord of Valmer: units, stock, people. Same seed, same landlord."""

import uuid
from datetime import date, time
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from agencies.models import (
    Building,
    Desk,
    Dwelling,
    Equipment,
    Membership,
    OpeningHours,
    Residence,
    Sector,
    Staircase,
    Unit,
)
from portal.access import Role
from portal.models import User
from tenants.models import ContactPoint, Lease, Occupancy, Tenant

PASSWORD = "demo-palier-2026"
KIND = Desk.Kind
AGENCY_DESKS = [KIND.CLIENTELE, KIND.TECHNICAL, KIND.CARETAKERS]
HEAD_DESKS = [k for k in KIND if k not in AGENCY_DESKS]
UNITS = ["Les Forges", "Le Canal", "Belle-Rive", "Les Coteaux", "La Gare", "Grand-Pré"]
BRANCH = "Port-Vieux"
TREES = ["Tilleuls", "Érables", "Charmes", "Sorbiers", "Noyers", "Cèdres", "Saules", "Aulnes"]
KINDS = ["Clos des", "Square des", "Allée des", "Cour des"]
STREETS = ["rue du Lin", "rue des Tisserands", "quai de la Sarle", "avenue du Moulin"]
FIRST = [
    "Awa",
    "Ali",
    "Maria",
    "Jean",
    "Fatou",
    "Minh",
    "Karine",
    "Youssef",
    "Elena",
    "Paul",
    "Inès",
    "Luc",
    "Sana",
    "Hugo",
    "Rose",
    "Omar",
]
LAST = [
    "Traoré",
    "Nguyen",
    "Martin",
    "Kaya",
    "Morel",
    "Diallo",
    "Petit",
    "Haddad",
    "Le-Bihan",
    "Costa",
    "Roux",
    "Benali",
    "Lopez",
]
STAFF = [
    ("sonia", "Sonia", Role.AGENT, 0),
    ("marc", "Marc", Role.AGENCY_MANAGER, 0),
    ("karim", "Karim", Role.CARETAKER, 0),
    ("nadia", "Nadia", Role.CALL_TAKER, None),
    ("idris", "Idris", Role.ON_CALL, None),
    ("helene", "Hélène", Role.HEAD_OFFICE, None),
]


def build(rng: Random, dwellings: int) -> list[tuple[str, str]]:
    """Write the landlord; returns (role, e-mail) of each demo account."""
    units = [_unit("siege", "Siège", Unit.Kind.HEAD_OFFICE, HEAD_DESKS)]
    units += [
        _unit(f"agence-{i}", f"Agence {n}", Unit.Kind.AGENCY, AGENCY_DESKS)
        for i, n in enumerate(UNITS)
    ]
    units.append(_unit("antenne", f"Antenne {BRANCH}", Unit.Kind.BRANCH, AGENCY_DESKS))
    homes = _stock(rng, units[1:], dwellings)
    awa = _tenants(rng, homes)
    return _accounts(units, awa)


def _unit(code: str, name: str, kind: str, desks) -> Unit:
    unit = Unit.objects.create(
        code=code, name=name, kind=kind, phone="02 40 00 00 00", email=f"{code}@palier.example"
    )
    Desk.objects.bulk_create(Desk(unit=unit, kind=k, name=k.label) for k in desks)
    spans = [(time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))]
    OpeningHours.objects.bulk_create(
        OpeningHours(unit=unit, weekday=day, opens=opens, closes=closes)
        for day in range(5)
        for opens, closes in spans
    )
    return unit


def _stock(rng: Random, units: list[Unit], count: int) -> list[Dwelling]:
    """Staircases of five floors with four doors until ``count`` dwellings exist."""
    homes: list[Dwelling] = []
    number = 0
    while len(homes) < count:
        unit = units[number % len(units)]
        sector, _ = Sector.objects.get_or_create(unit=unit, name=f"Secteur {1 + number % 2}")
        residence = Residence.objects.create(
            code=f"R{number:04}",
            name=f"{rng.choice(KINDS)} {rng.choice(TREES)} {number + 1}",
            unit=unit,
            sector=sector,
            commune="Valmer",
            postcode="99000",
            priority_district=rng.random() < 0.3,
        )
        street = f"{1 + 2 * number} {rng.choice(STREETS)}"
        building = Building.objects.create(
            residence=residence, code="A", built=rng.randint(1955, 2020)
        )
        for code in ("1", "2")[: 1 + (count > 40)]:
            staircase = Staircase.objects.create(building=building, code=code, street=street)
            Equipment.objects.create(
                building=building,
                staircase=staircase,
                kind=Equipment.Kind.LIFT,
                label=f"Ascenseur {code}",
                contract="Ascenseurs de Valmer",
                installed=rng.randint(1990, 2024),
            )
            homes += [
                Dwelling(
                    staircase=staircase,
                    natural_key=f"{residence.code}-{code}-{floor}{door}",
                    door=f"{floor}{door}",
                    floor=floor,
                    rooms=rng.randint(1, 5),
                    area=rng.randint(28, 98),
                )
                for floor in range(5)
                for door in range(1, 5)
            ]
        number += 1
    return Dwelling.objects.bulk_create(homes[:count], batch_size=2000)


def _tenants(rng: Random, homes: list[Dwelling]) -> Tenant:
    """One holder per dwelling, with an e-mail address and a phone; returns the first."""
    people, leases = [], []
    for number, home in enumerate(homes):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        if number == 0:
            first, last = "Awa", "Traoré"
        people.append(
            Tenant(
                id=uuid.UUID(int=rng.getrandbits(128), version=4),
                first_name=first,
                last_name=last,
                external_ref=f"L{number:06}",
            )
        )
        leases.append(
            Lease(
                dwelling=home,
                reference=f"B{number:06}",
                bill_code=f"{rng.getrandbits(40):010X}",
                starts=date(rng.randint(1998, 2021), rng.randint(1, 12), 1),
            )
        )
    Tenant.objects.system("demo").bulk_create(people, batch_size=2000)
    Lease.objects.bulk_create(leases, batch_size=2000)
    Occupancy.objects.bulk_create(
        (
            Occupancy(
                lease=lease, tenant=tenant, capacity=Occupancy.Capacity.HOLDER, starts=lease.starts
            )
            for lease, tenant in zip(leases, people, strict=True)
        ),
        batch_size=2000,
    )
    ContactPoint.objects.bulk_create(
        (
            ContactPoint(
                tenant=tenant,
                kind=ContactPoint.Kind.EMAIL,
                preferred=True,
                value=f"locataire{number}@demo.palier.example",
            )
            for number, tenant in enumerate(people)
        ),
        batch_size=2000,
    )
    return people[0]


def _accounts(units: list[Unit], awa: Tenant) -> list[tuple[str, str]]:
    hashed = make_password(PASSWORD)
    logins = []
    for name, first, role, place in STAFF:
        user = User.objects.create(
            email=f"{name}@demo.palier.example", first_name=first, password=hashed
        )
        unit = units[0] if place is None else units[1 + place]
        post = Membership.objects.create(user=user, unit=unit, role=role, starts=date(2020, 1, 1))
        if role == Role.CARETAKER:
            post.sectors.set(unit.sectors.order_by("name")[:1])
            post.presence = "Loge du hall 1, de 8 h à 11 h"
            post.save(update_fields=["presence"])
        logins.append((role, user.email))
    User.objects.create(
        email="admin@demo.palier.example", password=hashed, is_staff=True, is_superuser=True
    )
    awa.user = User.objects.create(
        email="awa@demo.palier.example", first_name="Awa", password=hashed
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.all()
    )
    awa.save(update_fields=["user"])
    return [*logins, ("admin", "admin@demo.palier.example"), ("tenant", awa.user.email)]
