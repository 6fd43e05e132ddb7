"""A small invented landlord for tests."""

from datetime import time

from agencies.models import (
    Building,
    Contractor,
    Desk,
    Dwelling,
    MaintenanceContract,
    Membership,
    OpeningHours,
    Residence,
    Staircase,
    Trade,
    Unit,
)
from portal.models import User
from requests.models import Category, Family

HEAD_OFFICE_DESKS = [
    "contact_centre",
    "on_call",
    "stock",
    "rent",
    "arrears",
    "social",
    "legal",
    "allocation",
]


def unit(code: str, kind: str = "agency", desks=("clientele", "technical", "caretakers")) -> Unit:
    """A unit open Monday to Friday, 8:30–12:30 and 13:30–17:30, with its desks."""
    made = Unit.objects.create(code=code, name=code.title(), kind=kind)
    for kind_ in desks:
        Desk.objects.create(unit=made, kind=kind_, name=kind_)
    for day in range(5):
        OpeningHours.objects.create(unit=made, weekday=day, opens=time(8, 30), closes=time(12, 30))
        OpeningHours.objects.create(unit=made, weekday=day, opens=time(13, 30), closes=time(17, 30))
    return made


def landlord() -> dict:
    """Head office, two agencies, one dwelling in the north, two categories."""
    head = unit("siege", "head_office", HEAD_OFFICE_DESKS)
    north, south = unit("nord"), unit("sud")
    residence = Residence.objects.create(
        code="r1", name="Les Tilleuls", unit=north, commune="Valmer", postcode="99000"
    )
    building = Building.objects.create(residence=residence, code="A")
    staircase = Staircase.objects.create(building=building, code="1", street="1 rue du Lin")
    dwelling = Dwelling.objects.create(staircase=staircase, natural_key="k1", door="12", floor=1)
    return {
        "head": head,
        "north": north,
        "south": south,
        "dwelling": dwelling,
        "leak": category("PLO-03", "U3", "contractor_direct"),
        "gas": category("GAZ-01", "U0", "emergency_then_oncall"),
    }


def category(code: str, urgency: str, handled_by: str) -> Category:
    """One category under the water picture."""
    family, _ = Family.objects.get_or_create(
        code="PLO", defaults={"label_fr": "Plomberie", "label_en": "Plumbing", "tile": "water"}
    )
    return Category.objects.create(
        code=code,
        family=family,
        label_fr="Fuite",
        label_en="Leak",
        plain_language_fr="Ça fuit",
        plain_language_en="It leaks",
        safety_advice_fr="Coupez l'eau.",
        safety_advice_en="Shut the water.",
        responsible="landlord",
        urgency=urgency,
        ack_hours=24,
        resolve_days=5,
        handled_by=handled_by,
        asset="dwelling",
        tile="water",
        public_rank=1,
    )


def member(unit: Unit, role: str) -> Membership:
    """An account with one role, in force for years."""
    user = User.objects.create_user(f"{role}.{unit.code}@example.test", first_name="Sonia")
    return Membership.objects.create(user=user, unit=unit, role=role, starts="2020-01-01")


def contractor(name: str = "Plomberie Le Goff", **values) -> Contractor:
    """A contractor with one trade."""
    trade, _ = Trade.objects.get_or_create(code="plumbing", defaults={"label_fr": "Plomberie"})
    made = Contractor.objects.create(
        name=name, **{"email": "atelier@example.test", "phone": "0200000000", **values}
    )
    made.trades.add(trade)
    return made


def contract(holder: Contractor, **values) -> MaintenanceContract:
    """A contract of ``holder`` on plumbing, whole stock, this century, 300 € without approval."""
    return MaintenanceContract.objects.create(
        **{
            "code": f"c{MaintenanceContract.objects.count()}",
            "name": "Robinetterie",
            "contractor": holder,
            "trade": holder.trades.first(),
            "families": ["PLO"],
            "starts": "2020-01-01",
            "ends": "2099-12-31",
            "spend_limit": 300,
            **values,
        }
    )
