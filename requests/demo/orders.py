"""Contractors, contracts, orders in every state and one incident, for the demo landlord.

Made through the same actions as real ones; their jobs are removed, so that a demo sends nothing by
itself.
"""

import uuid
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import F, QuerySet
from django.utils import timezone

from agencies.models import (
    Commitment,
    Contractor,
    MaintenanceContract,
    Membership,
    OnCallDuty,
    OnCallRung,
    PriceItem,
    Trade,
    Unit,
)
from portal.access import Role
from portal.actor import Actor
from portal.models import User
from requests.catalogue.models import Category
from requests.claims.models import Claim
from requests.demo import upkeep
from requests.demo.landlord import DOMAIN, PASSWORD
from requests.incidents import actions as incidents
from requests.incidents import notices
from requests.jobs.models import Job
from requests.kit.choices import CALENDAR_URGENCIES, OPEN
from requests.notifications.models import Delivery
from requests.work_orders import appointments, slots
from requests.work_orders.actions import (
    advance_order,
    create_order,
    send_order,
)
from requests.work_orders.appointment_models import Slot
from requests.work_orders.models import WorkOrder
from requests.work_orders.order_proposal import propose_for
from requests.work_orders.workflow import OrderStep

# Code, French, English, company, families, equipment, flat fee, day and night.
COMPANIES = [
    ("plumbing", "Plomberie", "Plumbing", "Plomberie Le Goff", ["PLO", "HUM"], [], False, True),
    (
        "heating",
        "Chauffage",
        "Heating",
        "Thermique de la Sarle",
        ["CHA", "GAZ"],
        ["boiler"],
        True,
        True,
    ),
    (
        "electricity",
        "Électricité",
        "Electricity",
        "Élec Valmer",
        ["ELE", "ACC"],
        ["entry"],
        False,
        False,
    ),
    (
        "joinery",
        "Menuiserie",
        "Joinery",
        "Menuiserie Arnaud",
        ["SER", "MEN", "REV"],
        [],
        False,
        False,
    ),
    ("lifts", "Ascenseurs", "Lifts", "Ascenseurs de Valmer", ["ASC"], ["lift"], True, True),
    ("air", "Ventilation", "Ventilation", "Air Sain", ["VMC"], ["ventilation"], True, False),
]
PRICES = [("DEP", "Déplacement et première heure", 68), ("H", "Heure supplémentaire", 46)]
COMMITMENTS = {"U0": 1, "U1": 4, "U2": 24, "U3": 72, "U4": 168, "U5": 480}
# Of these stages one order each is the signed-in contractor's.
ANSWERED_BY_FIRST = {0, 5}
STAGES = ["confirmed", "more", "offered", "done", "no_access", "agreed", "confirmed", "done"]


def build(rng: Random, now: datetime) -> int:
    """Write contractors and orders on open claims; return how many orders."""
    holders = [_company(rng, now, *row) for row in COMPANIES]
    _slots(holders, now)
    _people(holders[0])
    _ladder()
    member = Membership.objects.filter(role="agent").select_related("user", "unit").first()
    if member is None:
        return 0
    _incident(member, now)
    made = _orders(member, now)
    upkeep.build(member, now)
    # The mails of these orders left long ago.
    Delivery.objects.system("demo").filter(kind=Delivery.Kind.ORDER).update(
        state=Delivery.State.SENT, attempts=1, sent_at=F("created_at")
    )
    Job.objects.all().delete()
    return made


def _company(
    rng: Random,
    now: datetime,
    code: str,
    french: str,
    english: str,
    name: str,
    families: list,
    kinds: list,
    flat: bool,
    always: bool,
) -> Contractor:
    trade = Trade.objects.create(code=code, label_fr=french, label_en=english)
    holder = Contractor.objects.create(
        name=name, email=f"{code}@demo.palier.example", phone=f"02 40 00 01 {rng.randint(10, 99)}"
    )
    holder.trades.add(trade)
    contract = MaintenanceContract.objects.create(
        code=f"{code}-{now.year}",
        name=f"{french}, tout le patrimoine",
        contractor=holder,
        trade=trade,
        families=families,
        equipment_kinds=kinds,
        starts=now.date().replace(month=1, day=1) - timedelta(days=365),
        ends=now.date().replace(month=12, day=31) + timedelta(days=730),
        hours="always" if always else "office",
        flat_fee=bool(flat),
        spend_limit=400,
    )
    Commitment.objects.bulk_create(
        Commitment(contract=contract, urgency=u, hours=h) for u, h in COMMITMENTS.items()
    )
    PriceItem.objects.bulk_create(
        PriceItem(contract=contract, code=c, label=label, price=price, measure="u")
        for c, label, price in PRICES
    )
    OnCallDuty.objects.create(
        trade=trade,
        contractor=holder,
        phone=holder.phone,
        starts=now - timedelta(days=3),
        ends=now + timedelta(days=60),
    )
    return holder


def _ladder() -> None:
    """Write who is rung about a danger: two people of head office, at any hour."""
    for position, (name, phone, minutes) in enumerate(
        (("Astreinte technique", "06 39 98 00 01", 5), ("Cadre d’astreinte", "06 39 98 00 02", 10)),
        1,
    ):
        OnCallRung.objects.create(position=position, name=name, phone=phone, minutes=minutes)


def _people(holder: Contractor) -> None:
    """Write two people of the first company who sign in; the first one leads the team."""
    head = Unit.objects.get(kind=Unit.Kind.HEAD_OFFICE)
    for login, first, leads in (("yann", "Yann", True), ("erwan", "Erwan", False)):
        email = f"{login}@{DOMAIN}"
        user = User.objects.create_user(
            email,
            PASSWORD,
            id=uuid.uuid5(uuid.NAMESPACE_DNS, email),
            first_name=first,
            last_name="Le Goff",
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.create(
            user=user,
            unit=head,
            role=Role.CONTRACTOR,
            contractor=holder,
            leads_team=leads,
            starts="2020-01-01",
        )


def _slots(holders: list[Contractor], now: datetime) -> None:
    """Write four spans a working day for three weeks, from tomorrow."""
    rows = []
    for offset in range(1, 22):
        day = timezone.localdate(now) + timedelta(days=offset)
        if day.weekday() > 4:
            continue
        for hour in (8, 10, 13, 15):
            starts = timezone.make_aware(datetime.combine(day, time(hour)))
            rows += [
                Slot(contractor=holder, starts=starts, ends=starts + timedelta(hours=2))
                for holder in holders
            ]
    Slot.objects.bulk_create(rows)


def _open() -> QuerySet[Claim]:
    return (
        Claim.objects.system("demo")
        .filter(state__in=OPEN, in_incident__isnull=True, dwelling__isnull=False)
        .exclude(state__in=["done", "waiting_tenant"])
        .select_related("category__family", "residence__unit", "building", "staircase")
        .order_by("filed_at", "pk")
    )


def _incident(member: Membership, now: datetime) -> None:
    """Write an incident on the lift of the building with the most open claims, and join these."""
    by_building: dict[int, list] = {}
    for claim in _open().filter(residence__unit=member.unit_id):
        if claim.building_id:
            by_building.setdefault(claim.building_id, []).append(claim)
    lift = Category.objects.filter(code="ASC-02").first()
    claims = max(by_building.values(), key=len, default=[])[:3]
    if lift is None or not claims:
        return
    Claim.objects.system("demo").filter(pk__in=[c.pk for c in claims]).update(
        category=lift, urgency=lift.urgency, words="L’ascenseur ne bouge plus."
    )
    gear = claims[0].building.equipment.filter(kind="lift").first()
    made = incidents.open_incident(
        building=claims[0].building,
        family=lift.family,
        equipment=gear,
        title="Ascenseur arrêté",
        text="L’ascenseur est arrêté. Une pièce est commandée. Le technicien vient demain.",
        expected_end=now + timedelta(days=2),
        claims=claims,
        actor=Actor.member(member),
        now=now,
    )
    notices.write(key="", now=now, incident=str(made.pk), version=1, said=notices.Said.OPENED)
    # A demo sends nothing by itself.
    Job.objects.filter(kind=Job.Kind.INCIDENT).update(done_at=now)
    Delivery.objects.system("demo").filter(kind=Delivery.Kind.INCIDENT).update(
        state=Delivery.State.SENT, attempts=1, sent_at=now
    )


def _orders(member: Membership, now: datetime) -> int:
    """Write orders at every stage: offered, agreed, confirmed, no access, done, additional work."""
    actor = Actor.member(member)
    leak = Category.objects.get(code="PLO-03")
    # Those of the demo agent's agency first, and those of the signed-in contractor's trade before
    # others.
    trade = COMPANIES[0][4]
    claims = sorted(
        _open(),
        key=lambda claim: (
            claim.residence is None or claim.residence.unit_id != member.unit_id,
            claim.category.family.code not in trade,
        ),
    )
    for number, (claim, stage) in enumerate(zip(claims, STAGES, strict=False)):
        proposal = propose_for(claim, now=now)
        # Paperwork and disputes need no contractor: make a leak of them, and of two others whatever
        # is open today, so that the contractor who signs in has a visit to make and one to answer.
        foreign = number in ANSWERED_BY_FIRST and (
            claim.category.family.code not in trade or claim.urgency in CALENDAR_URGENCIES
        )
        if proposal.contract is None or foreign:
            Claim.objects.system("demo").filter(pk=claim.pk).update(
                category=leak, urgency=leak.urgency, words="Ça coule."
            )
            claim = _open().get(pk=claim.pk)
            proposal = propose_for(claim, now=now)
        contract = MaintenanceContract.objects.select_related("contractor").get(
            pk=proposal.contract or 0
        )
        order = create_order(
            claim=claim,
            contractor=contract.contractor,
            contract=contract,
            payer=proposal.payer,
            why=proposal.why,
            description=claim.words or str(claim.category),
            access_notes="Digicode 42B7. Sonner deux fois.",
            respond_by=proposal.respond_by,
            items=[(contract.prices.all()[0], 1)],
            actor=actor,
            now=now,
        )
        send_order(order=order, actor=actor, now=now)
        _move(order, stage, actor, now)
    return min(len(claims), len(STAGES))


def _move(order: WorkOrder, stage: str, actor: Actor, now: datetime) -> None:
    offer = appointments.offer_dates(order=order, actor=actor, now=now)
    if stage == "offered":
        return
    if offer:
        appointments.pick(offer=offer, number=1, now=now, channel="web")
    else:
        # No date before the limit, or nobody must be home: agreed on the phone.
        free = slots.next_free(order.contractor, now, 1)
        if not free:
            return
        first = free[0]
        at: dict[str, Any] = {"starts": first.starts, "ends": first.ends, "team": first.team}
        appointments.book(order=order, actor=actor, now=now, channel="phone", **at)
    if stage == "agreed":
        return
    who: dict[str, Any] = {"order": order, "actor": Actor.CONTRACTOR, "now": now}
    appointments.confirm(**who)
    if stage == "no_access":
        appointments.no_access(text="Personne n’ouvre", **who)
    elif stage == "more":
        advance_order(transition=OrderStep.VARY, amount=650, text="La colonne est percée", **who)
    elif stage == "done":
        advance_order(transition=OrderStep.REPORT_DONE, text="Joint remplacé, essai fait", **who)
