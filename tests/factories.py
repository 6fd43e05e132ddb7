"""A small invented landlord for tests."""

from datetime import datetime, time, timedelta, timezone

from allauth.usersessions.models import UserSession
from django.db.models import F

from agencies.models import (
    Building,
    Contractor,
    Desk,
    Dwelling,
    Equipment,
    MaintenanceContract,
    Membership,
    OpeningHours,
    Residence,
    Staircase,
    Trade,
    Unit,
    UpkeepVisit,
)
from portal.access import Role
from portal.actor import Actor
from portal.models import User
from requests.catalogue.models import Category, Family
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.incidents.models import Incident
from requests.jobs.models import Job
from requests.open311.actions import make_key
from requests.open311.models import Open311Key
from requests.planned_works.models import PlannedWorks
from requests.sensors.models import Sensor
from requests.surveys.models import Survey, SurveyAnswer, SurveyMark, SurveyQuestion
from requests.work_orders.appointment_models import Slot
from requests.work_orders.models import WorkOrder
from tenants.models import ContactPoint, Lease, Mandate, Occupancy, Tenant

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
    Desk.objects.bulk_create(Desk(unit=made, kind=kind_, name=kind_) for kind_ in desks)
    OpeningHours.objects.bulk_create(
        OpeningHours(unit=made, weekday=day, opens=opens, closes=closes)
        for day in range(5)
        for opens, closes in ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30)))
    )
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


def category(code: str, urgency: str, handled_by: str, **fields) -> Category:
    """One category under the water picture; ``fields`` replace the usual ones."""
    family, _ = Family.objects.get_or_create(
        code="PLO", defaults={"label_fr": "Plomberie", "label_en": "Plumbing", "tile": "water"}
    )
    usual = {
        "label_fr": "Fuite",
        "label_en": "Leak",
        "plain_language_fr": "Ça fuit",
        "plain_language_en": "It leaks",
        "safety_advice_fr": "Coupez l'eau.",
        "safety_advice_en": "Shut the water.",
        "responsible": "landlord",
        "ack_hours": 24,
        "resolve_days": 5,
        "asset": "dwelling",
        "tile": "water",
        "public_rank": 1,
    }
    return Category.objects.create(
        code=code,
        urgency=urgency,
        handled_by=handled_by,
        **{"family": family, **usual, **fields},
    )


def member(unit: Unit, role: str) -> Membership:
    """An account with one role, in force for years."""
    user = User.objects.create_user(f"{role}.{unit.code}@example.test", first_name="Sonia")
    fields = {}
    if role == Role.CONTRACTOR:
        fields["contractor"] = contractor(f"Entreprise {unit.code}")
    return Membership.objects.create(user=user, unit=unit, role=role, starts="2020-01-01", **fields)


def tenant(dwelling: Dwelling, *, email: str = "", bill_code: str = "", **fields) -> Tenant:
    """The holder of a lease on ``dwelling`` since 2020; with ``email``, also an account."""
    number = Lease.unscoped.count() + 1
    user = User.objects.create_user(email) if email else None
    person = Tenant.objects.system("test").create(
        **{"first_name": "Awa", "last_name": "Traoré", "user": user, **fields}
    )
    lease = Lease.unscoped.create(
        dwelling=dwelling,
        reference=f"B{number}",
        bill_code=bill_code or f"CODE{number:04}",
        starts="2020-01-01",
    )
    Occupancy.unscoped.create(lease=lease, tenant=person, capacity="holder", starts="2020-01-01")
    return person


def dwelling(staircase: Staircase, door: str) -> Dwelling:
    """Another home behind the same street door."""
    return Dwelling.objects.create(staircase=staircase, natural_key=f"k-{door}", door=door)


def account(email: str) -> User:
    """Somebody who can sign in and is nobody's tenant yet."""
    return User.objects.create_user(email)


def administrator(unit: Unit, role: str = "admin") -> Membership:
    """An administrator, or a data-protection officer, who may open the settings."""
    made = member(unit, role)
    made.user.is_staff = True
    made.user.save(update_fields=["is_staff"])
    return made


def pass_time(**length) -> None:
    """Let ``length`` (timedelta arguments) pass for the jobs that wait, on the database's clock."""
    Job.objects.filter(done_at__isnull=True).update(next_at=F("next_at") - timedelta(**length))


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


def caretaker(unit: Unit, *sectors) -> Membership:
    """A caretaker of the given sectors, or of the whole unit."""
    made = member(unit, "caretaker")
    made.sectors.set(sectors)
    return made


def common_fault(code: str = "COM-01", **fields) -> Category:
    """A fault of shared parts, as a caretaker reports it."""
    return category(
        code, "U3", "agency_technical", **{"collective": True, "asset": "common", **fields}
    )


def contact(person: Tenant, value: str, *, kind: str = "", **fields) -> ContactPoint:
    """A way to reach ``person``; its kind is read from the value."""
    kind = kind or ("email" if "@" in value else "phone")
    return ContactPoint.unscoped.create(tenant=person, kind=kind, value=value, **fields)


def mandate(person: Tenant, proxy: User | None, **fields) -> Mandate:
    """Given on paper, accepted by ``proxy``, in force for years unless ``fields`` say otherwise."""
    usual = {
        "proxy_name": "Inès Morel",
        "proxy_email": proxy.email if proxy else "ines@example.test",
        "consent": "letter",
        "proof": "L-12",
        "consent_at": datetime(2024, 1, 1, tzinfo=timezone.utc),
        "asked_at": datetime(2024, 1, 1, tzinfo=timezone.utc),
        "starts": "2024-01-01",
        "ends": "2099-01-01",
    }
    return Mandate.objects.system("test").create(tenant=person, proxy=proxy, **{**usual, **fields})


def open311_key(**fields) -> str:
    """The key of an application that may report through Open311."""
    row = Open311Key(**{"name": "Ville", "contact": "ville@example.test", **fields})
    return make_key(row, now=datetime.now(timezone.utc), by=None)


def sensor(category: Category, slug: str = "chaudiere-1", **fields) -> Sensor:
    """Watches a temperature: too low below 50, for ten minutes, back from 55 on."""
    return Sensor.objects.create(
        slug=slug,
        category=category,
        **{
            "name": "Départ chaudière",
            "unit": "°C",
            "below": 50,
            "for_minutes": 10,
            "margin": 5,
            **fields,
        },
    )


def watched(house: dict, holder: Contractor) -> None:
    """One incident, announcement, order, availability and visit made, as the settings show them."""
    at = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)
    until = at + timedelta(hours=2)
    building = house["dwelling"].staircase.building
    author = member(house["north"], "agency_manager").user
    Incident.objects.create(
        family=house["leak"].family,
        building=building,
        title="Fuite",
        text="On arrive.",
        opened_at=at,
        opened_by=author,
    )
    PlannedWorks.objects.create(
        kind="water",
        title="Coupure",
        text="Deux heures.",
        residence=building.residence,
        starts=at,
        ends=until,
        announced_at=at,
        announced_by=author,
    )
    claim = leak(house, at, key="watched")
    WorkOrder.objects.system("test").create(
        claim=claim,
        number=1,
        contractor=holder,
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=until,
        created_at=at,
    )
    Slot.objects.create(contractor=holder, starts=at, ends=until)
    equipment = Equipment.objects.create(building=building, kind="lift", label="Ascenseur 9")
    UpkeepVisit.objects.create(
        equipment=equipment, what="lift_visit", done_on="2026-01-05", recorded_at=at
    )


def contractors_person(holder: Contractor, email: str, *, leads: bool = False) -> Membership:
    """Somebody of ``holder`` who signs in; they belong to the head office's unit."""
    head = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    return Membership.objects.create(
        user=User.objects.create_user(email, first_name="Yann"),
        unit=head,
        role=Role.CONTRACTOR,
        contractor=holder,
        leads_team=leads,
        starts="2020-01-01",
    )


def leak(house: dict, at: datetime, **values) -> Claim:
    """The dwelling's leak, filed ``at``; ``values`` are those of ``Filing``."""
    usual = {"channel": "web", "key": "k", "category": "PLO-03", "dwelling": house["dwelling"].pk}
    return file_claim(Filing(**{**usual, **values}), actor=Actor.TENANT, now=at)


def home_of(unit: Unit, key: str = "k9") -> Dwelling:
    """A home in another unit's stock."""
    residence = Residence.objects.create(
        code=f"r-{key}", name="Les Ormes", unit=unit, commune="Valmer", postcode="99000"
    )
    building = Building.objects.create(residence=residence, code="B")
    stairs = Staircase.objects.create(building=building, code="1", street="9 rue du Sud")
    return Dwelling.objects.create(staircase=stairs, natural_key=key, door="1", floor=0)


def note_session(client, user: User) -> None:
    """Note whose the client's session is, as logging in by the page does."""
    UserSession.objects.create(
        user=user, session_key=client.session.session_key, ip="127.0.0.1", user_agent=""
    )


def survey(at: datetime, **values) -> Survey:
    """A wave of two questions that opens on the day of ``at``, asks every home, lasts a month."""
    day = at.date()
    fields = {
        "name": "Automne",
        "opens": day,
        "closes": day + timedelta(days=30),
        "share": 100,
        "planned_at": at,
    }
    made = Survey.objects.create(**fields | values)
    for number, (french, english) in enumerate((("Ensemble", "Overall"), ("Logement", "Home"))):
        SurveyQuestion.objects.create(
            survey=made, position=number + 1, text_fr=french, text_en=english
        )
    return made


def answers(wave: Survey, unit: Unit, marks: list[int], words: str = "") -> None:
    """Answers by web to the first question of a wave, one each, of nobody that we know."""
    first = wave.questions.first()
    for mark in marks:
        made = SurveyAnswer.unscoped.create(survey=wave, unit=unit, channel="web", words=words)
        SurveyMark.unscoped.create(answer=made, question=first, value=mark)
