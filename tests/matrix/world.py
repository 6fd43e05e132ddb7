"""One home, everybody who has to do with it, and one row of each kind that an address can name.

Built once per module, in a transaction that is rolled back. Each text of the home's requests holds
a canary, so that an answer tells whose words it shows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.db import transaction

from agencies.models import Residence, Sector
from portal.actor import Actor
from portal.clock import now
from portal.models import User
from requests.attachments.models import Attachment
from requests.channels import photo_links
from requests.channels.models import Intake
from requests.claims import links
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from requests.work_orders import appointments
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import OrderLink, OrderPhoto, WorkOrder
from tenants.models import Lease, Occupancy, Tenant
from tests import factories, moments

DAY = timedelta(days=1)
VARIANTS = ("shared", "confided", "unsorted")
PHONES = {"shared": "+33639981001", "confided": "+33639981002", "unsorted": "+33639981003"}


@dataclass(eq=False)
class World:
    """``actors``: relation → account, None for nobody. ``values``: kind → variant → argument."""

    house: dict
    actors: dict[str, User | None] = field(default_factory=dict)
    people: dict[str, Tenant] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    orders: dict[str, WorkOrder] = field(default_factory=dict)
    values: dict[str, dict[str, object]] = field(default_factory=dict)


def canary(kind: str, variant: str) -> str:
    """Return the word by which ``kind`` of text of a request is recognised in an answer."""
    return f"cnry-{kind}-{variant}"


@contextmanager
def built() -> Iterator[World]:
    """Build it an hour before the tests' moment; forget it at the end."""
    from tests.matrix import objects

    with transaction.atomic():
        with moments.at(moments.MOMENT - timedelta(hours=1)):
            world = World(factories.landlord())
            add_people(world)
            add_staff(world)
            for variant in VARIANTS:
                add_claim(world, variant)
            objects.add(world)
        yield world
        transaction.set_rollback(True)


def occupant(world: World, name: str, lease: Lease, capacity: str, **dates) -> None:
    """Add somebody with an account who lives, lived or will live under ``lease``."""
    user = factories.account(f"{name}@example.test")
    person = Tenant.objects.system("test").create(
        first_name=name.title(), last_name=f"cnry-name-{name}", user=user
    )
    Occupancy.unscoped.create(
        lease=lease, tenant=person, capacity=capacity, **{"starts": "2020-02-01", **dates}
    )
    world.people[name], world.actors[name] = person, user


def lease_of(home, reference: str, **dates) -> Lease:
    return Lease.unscoped.create(
        dwelling=home, reference=reference, bill_code=reference, **{"starts": "2020-02-01", **dates}
    )


def add_people(world: World) -> None:
    home, today = world.house["dwelling"], moments.MOMENT.date()
    present = lease_of(home, "B1")
    occupant(world, "author", present, "holder")
    occupant(world, "joint", present, "joint")
    occupant(world, "occupant", present, "occupant")
    occupant(world, "former_occupant", present, "occupant", ends=today - 2 * DAY)
    earlier = lease_of(home, "B0", starts="2010-02-01", ends="2020-01-31")
    occupant(world, "earlier_tenant", earlier, "holder", starts="2010-02-01")
    coming = lease_of(home, "B2", starts=today + DAY)
    occupant(world, "next_occupant", coming, "holder", starts=today + DAY)
    beside = lease_of(factories.dwelling(home.staircase, "13"), "B3")
    occupant(world, "neighbour", beside, "holder")
    elsewhere = lease_of(factories.home_of(world.house["south"]), "B4")
    occupant(world, "tenant_elsewhere", elsewhere, "holder")
    # The author lived in the stock of a third agency until lately.
    world.house["east"] = factories.unit("est")
    before = lease_of(factories.home_of(world.house["east"], "k8"), "B5", ends=today - 100 * DAY)
    Occupancy.unscoped.create(
        lease=before, tenant=world.people["author"], capacity="holder", starts="2019-01-01"
    )
    for name, scope in (("proxy", "ordinary"), ("proxy_for_all", "all")):
        world.actors[name] = factories.account(f"{name}@example.test")
        made = factories.mandate(world.people["author"], world.actors[name], scope=scope)
        world.values.setdefault("mandate", {})[name] = made.pk
    factories.contact(world.people["author"], "+33639981009", verified=True)
    world.values["lease"] = {"shared": present.pk}
    world.actors["anonymous"] = None
    world.actors["account_without_home"] = factories.account("new@example.test")


def add_staff(world: World) -> None:
    house = world.house
    north, south, east, head = (house[name] for name in ("north", "south", "east", "head"))
    sector = Sector.objects.create(unit=north, name="Nord 1")
    beside = Sector.objects.create(unit=north, name="Nord 2")
    Residence.objects.filter(unit=north).update(sector=sector)
    members = {
        "agent": (north, "agent"),
        "manager": (north, "agency_manager"),
        "other_agent": (south, "agent"),
        "other_manager": (south, "agency_manager"),
        "other_caretaker": (south, "caretaker"),
        "former_agency": (east, "agent"),
        "head_office": (head, "head_office"),
        "call_taker": (head, "call_taker"),
        "on_call": (head, "on_call"),
        "representative": (north, "tenant_representative"),
        "admin": (head, "admin"),
        "officer": (head, "dpo"),
    }
    for name, (unit, role) in members.items():
        world.actors[name] = factories.member(unit, role).user
    for name, own in (("caretaker", sector), ("caretaker_beside", beside)):
        made = factories.caretaker(north, own)
        made.user.email = f"{name}@example.test"
        made.user.save(update_fields=["email"])
        world.actors[name] = made.user
    company = factories.contractor("Plomberie Le Goff")
    other = factories.contractor("Serrurerie Roux")
    world.house["contract"] = factories.contract(company)
    leads = factories.contractors_person(company, "chief@example.test", leads=True)
    world.house["colleague"] = factories.contractors_person(company, "mate@example.test")
    world.actors["contractor"] = leads.user
    world.actors["contractors_colleague"] = world.house["colleague"].user
    world.actors["other_contractor"] = factories.contractors_person(
        other, "roux@example.test", leads=True
    ).user
    for name in ("neighbour", "author"):
        user = world.actors[name]
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def attachment(claim: Claim, variant: str, **fields) -> Attachment:
    content = canary("file", variant).encode()
    return Attachment.objects.create(
        claim=claim,
        name=f"{canary('file', variant)}.pdf",
        file=ContentFile(content, "x"),
        **{
            "kind": "document",
            "channel": "web",
            "content_type": "application/pdf",
            "size": len(content),
            "sha256": variant,
            "at": now(),
            **fields,
        },
    )


def add_claim(world: World, variant: str) -> None:
    """Add a request of the author: a fault, one told in confidence, one that nobody sorted."""
    house = world.house
    if variant == "unsorted":
        factories.category("ADM-14", "A3", "agency_clientele", asset="none")
    claim = file_claim(
        Filing(
            channel="sms" if variant == "unsorted" else "web",
            key=variant,
            category="ADM-14" if variant == "unsorted" else "PLO-03",
            dwelling=house["dwelling"].pk,
            tenant=str(world.people["author"].pk),
            words=canary("words", variant),
            contact_name=canary("name", variant),
            contact_phone=PHONES[variant],
            contact_email=f"{canary('mail', variant)}@example.test",
            place_note=canary("note", variant),
            confidential=variant == "confided",
        ),
        actor=Actor(role="tenant", user=world.actors["author"]),
        now=now(),
    )
    route_claim(claim_id=claim.pk, now=now())
    claim.refresh_from_db()
    message = Message.objects.create(
        claim=claim, direction="in", channel="email", text=canary("message", variant), at=now()
    )
    Message.objects.create(
        claim=claim, direction="note", channel="web", text=canary("internal", variant), at=now()
    )
    Intake.unscoped.create(
        channel="email",
        external_id=variant,
        raw=b"Subject: x\r\n\r\n" + canary("message", variant).encode(),
        received_at=now(),
        state="parsed",
        claim=claim,
        message=message,
        sender=f"{canary('mail', variant)}@example.test",
        text=canary("message", variant),
    )
    file = attachment(claim, variant, message=message)
    contract = house["contract"]
    agent = Actor(role="agent", user=world.actors["agent"])
    order = create_order(
        claim=claim,
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description=canary("order", variant),
        access_notes=canary("access", variant),
        respond_by=now() + 9 * DAY,
        actor=agent,
        now=now(),
    )
    send_order(order=order, actor=agent, now=now())
    OrderPhoto.objects.create(order=order, attachment=file, moment="before")
    spans = [(now() + n * DAY, now() + n * DAY + timedelta(hours=2)) for n in (5, 6, 7)]
    if variant == "shared":
        appointments.publish_slots(contract.contractor, spans)
    offer = appointments.offer_dates(order=order, actor=agent, now=now())
    claim.refresh_from_db()
    world.claims[variant], world.orders[variant] = claim, order
    put = {
        "claim": claim.pk,
        "message": message.pk,
        "file": file.pk,
        "order": order.pk,
        "intake": Intake.unscoped.get(external_id=variant).pk,
        "claim_token": claim.token,
        "photo_token": photo_links.make(claim.reference, now() + timedelta(seconds=1)),
        "order_token": OrderLink.unscoped.create(order=order, created_at=now()).token,
        "visit_token": offer.token if offer else "",
    }
    for kind, value in put.items():
        world.values.setdefault(kind, {})[variant] = value


def end_link(world: World, variant: str) -> dict[str, str]:
    """Renew a request's link; return the tokens that were good until then."""
    kinds = ("claim_token", "photo_token", "visit_token")
    copied = {kind: str(world.values[kind][variant]) for kind in kinds}
    claim = world.claims[variant]
    links.renew(claim=claim, actor=Actor.SYSTEM, now=now() + timedelta(minutes=1), reason="x")
    return copied
