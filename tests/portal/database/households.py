"""Random households, their requests and whoever may read of them, for comparing rules.

``Stock`` is built once: units, homes, categories, staff. ``fill`` adds people, leases, requests and
all that opens them, in states that a landlord can come to, from a seed.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress

from agencies.models import Building, Dwelling, Membership, Residence, Sector, Staircase
from portal.models import User
from requests.audit.models import EmergencyOpening
from requests.catalogue.models import Category
from requests.channels.models import Intake
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.household import REPAIRERS
from requests.claims.models import Claim
from requests.notifications.models import Delivery
from requests.privacy.models import RightsRequest
from requests.teamwork.models import Help, LentClaim
from requests.work_orders.models import WorkOrder
from tenants.models import (
    AccessEnd,
    AccountLink,
    ContactPoint,
    IdentityMerge,
    Lease,
    Mandate,
    Occupancy,
    Tenant,
)
from tests import factories

STATES = ("received", "in_review", "planned", "done", "closed", "withdrawn")
ENDED = ("closed", "withdrawn")
DAY = timedelta(days=1)


@dataclass
class Stock:
    """What every state of the households shares."""

    units: list = field(default_factory=list)
    homes: list[Dwelling] = field(default_factory=list)
    places: list[dict] = field(default_factory=list)
    categories: list[Category] = field(default_factory=list)
    accounts: list[User] = field(default_factory=list)
    companies: list = field(default_factory=list)
    staff: dict[str, Membership] = field(default_factory=dict)


def stock() -> Stock:
    made = Stock()
    head = factories.unit("siege", "head_office", factories.HEAD_OFFICE_DESKS)
    made.units = [factories.unit("nord"), factories.unit("sud")]
    sectors = [Sector.objects.create(unit=unit, name=n) for unit in made.units for n in "ab"]
    for number in range(4):
        unit = made.units[number % 2]
        own = [sector for sector in sectors if sector.unit == unit]
        residence = Residence.objects.create(
            code=f"r{number}", name="R", unit=unit, sector=own[number // 2] if number else None
        )
        building = Building.objects.create(residence=residence, code="A")
        stairs = Staircase.objects.create(building=building, code="1", street="1 rue du Lin")
        common = {"residence": residence, "building": building, "staircase": stairs}
        made.places += [common, {"residence": residence}]
        for door in "12":
            home = Dwelling.objects.create(
                staircase=stairs, natural_key=f"{number}-{door}", door=door
            )
            made.homes.append(home)
            made.places += 3 * [{**common, "dwelling": home}]
    made.places.append({})
    for number, (urgency, asset, handled, sensitive) in enumerate(
        [
            ("U2", "dwelling", REPAIRERS[0], False),
            ("U3", "dwelling", REPAIRERS[1], False),
            ("U0", "dwelling", REPAIRERS[3], True),
            ("U2", "building", REPAIRERS[0], False),
            ("A3", "dwelling", REPAIRERS[0], False),
            ("U3", "dwelling", "agency_clientele", False),
            ("A3", "none", "social_support", True),
        ]
    ):
        made.categories.append(
            factories.category(f"CAT-{number}", urgency, handled, asset=asset, sensitive=sensitive)
        )
    made.accounts = [factories.account(f"p{n}@example.test") for n in range(12)]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=number % 4 > 0, primary=True)
        for number, user in enumerate(made.accounts)
    )
    made.companies = [factories.contractor(name) for name in ("Un", "Deux")]
    north, south = made.units
    for name, unit, role in (
        ("agent", north, "agent"),
        ("agent of another", south, "agent"),
        ("manager", north, "agency_manager"),
        ("head office", head, "head_office"),
        ("call taker", head, "call_taker"),
        ("on call", head, "on_call"),
        ("officer", head, "dpo"),
        ("representative", north, "tenant_representative"),
    ):
        made.staff[name] = factories.member(unit, role)
    made.staff["caretaker"] = factories.caretaker(north)
    made.staff["caretaker of a sector"] = factories.caretaker(south, sectors[2])
    for company in made.companies:
        made.staff[f"company {company}"] = factories.contractors_person(
            company, f"{company.pk}@company.test"
        )
    return made


class Filling:
    """One random state; ``day`` is the day around which everything lies."""

    def __init__(self, stock: Stock, seed: int, moment: datetime) -> None:
        self.stock, self.random, self.moment = stock, random.Random(seed), moment

    def day(self, first: int, last: int) -> date:
        return (self.moment + self.random.randint(first, last) * DAY).date()

    def at(self, first: int, last: int) -> datetime:
        """Some moment; midnight in Paris is no special hour to it."""
        return self.moment + self.random.uniform(first, last) * DAY

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def ends(self, starts: date) -> date | None:
        """None, long over, the day itself, the eve or the morrow."""
        near = self.moment.date() + self.random.choice([-1, 0, 0, 1, -30, -366, -364, 90]) * DAY
        return None if self.often(0.4) else max(starts, near)

    def fill(self) -> None:
        self._people()
        self._claims()
        self._what_opens()
        self._what_hangs_on_claims()

    def _people(self) -> None:
        pick, stock = self.random, self.stock
        owners = pick.sample(stock.accounts, 8) + [None, None]
        self.people = Tenant.unscoped.bulk_create(
            Tenant(first_name="P", last_name=str(n), user=user) for n, user in enumerate(owners)
        )
        if self.often(0.5):
            kept, absorbed = pick.sample(self.people, 2)
            if absorbed.user is None:
                Tenant.unscoped.filter(pk=absorbed.pk).update(merged_into=kept)
            IdentityMerge.unscoped.create(
                kept=kept,
                absorbed=absorbed,
                at=self.moment,
                reason="x",
                snapshot={
                    side: [unit.pk for unit in stock.units if self.often(0.6)]
                    for side in ("kept_units", "absorbed_units")
                },
            )
        ContactPoint.unscoped.bulk_create(
            ContactPoint(tenant=who, kind="email", value=f"{n}@mail.test")
            for n, who in enumerate(self.people)
        )
        self.leases = []
        for home in stock.homes:
            for _ in range(pick.choice([0, 1, 1, 2, 3])):
                starts = self.day(*pick.choice([(-900, -400), (-60, -1), (0, 0), (1, 20)]))
                number = f"L{len(self.leases)}"
                self.leases.append(
                    Lease(
                        dwelling=home,
                        reference=number,
                        bill_code=number,
                        starts=starts,
                        ends=self.ends(starts),
                    )
                )
        Lease.unscoped.bulk_create(self.leases)
        stays = []
        for lease in self.leases:
            for who in pick.sample(self.people, pick.choice([1, 2, 3])):
                starts = max(lease.starts, self.day(-500, 1)) if self.often(0.4) else lease.starts
                capacity = pick.choice(["holder", "joint_tenant", "occupant"])
                stays.append(
                    Occupancy(
                        lease=lease,
                        tenant=who,
                        capacity=capacity,
                        starts=starts,
                        ends=self.ends(starts),
                    )
                )
        Occupancy.unscoped.bulk_create(stays)
        self.stays = stays

    def _claims(self) -> None:
        pick, rows = self.random, []
        desks = [desk for unit in self.stock.units for desk in unit.desks.all()]
        for number in range(36):
            place = dict(pick.choice(self.stock.places))
            who = pick.choice([*self.people, None])
            if self.stays and self.often(0.6):  # of somebody who lives there, or lived
                stay = pick.choice(self.stays)
                home = stay.lease.dwelling
                place = next(p for p in self.stock.places if p.get("dwelling") == home)
                who = stay.tenant
            state = pick.choice(STATES)
            filed = self.at(-700, -0.01)
            rows.append(
                Claim(
                    reference=f"R{number:05}",
                    token=f"token-{number}",
                    channel=pick.choice(["web", "sms", "round"]),
                    key=str(number),
                    digest="x",
                    category=pick.choice(self.stock.categories),
                    urgency="U2",
                    state=state,
                    tenant=who,
                    filed_at=filed,
                    sorted_at=filed if self.often(0.7) else None,
                    confidential=self.often(0.2),
                    ended_at=self.at(-300, -0.01) if state in ENDED else None,
                    owner=pick.choice([*desks, None]),
                    follows=pick.choice(rows) if rows and self.often(0.12) else None,
                    **place,
                )
            )
        self.claims = Claim.unscoped.bulk_create(rows)

    def _what_opens(self) -> None:
        pick, stock = self.random, self.stock
        for who in pick.sample(self.people, 4):
            if who.user and self.leases:
                linked = self.at(-3, 0) if self.often(0.8) else None
                AccountLink.unscoped.create(
                    tenant=who,
                    user=who.user,
                    lease=pick.choice(self.leases),
                    asked_at=self.at(-4, -3),
                    linked_at=linked,
                    opens_at=linked + self.random.choice([0, 2, 9]) * DAY if linked else None,
                    ended_at=self.at(-1, 0) if self.often(0.2) else None,
                )
        mandates = []
        for _ in range(8):
            proxy = pick.choice([*stock.accounts, None])
            starts = self.day(*pick.choice([(-400, -10), (0, 0), (1, 1)]))
            agreed = proxy is not None or self.often(0.7)
            mandates.append(
                Mandate(
                    tenant=pick.choice(self.people),
                    proxy=proxy,
                    proxy_name="x",
                    proxy_email=pick.choice(stock.accounts).email,
                    scope=pick.choice(["ordinary", "all"]),
                    consent="letter",
                    proof="L" if agreed else "",
                    consent_at=self.at(-9, -8) if agreed else None,
                    asked_at=self.at(-10, -9),
                    starts=starts,
                    ends=self.ends(starts) or self.day(500, 600),
                    revoked_at=self.at(-1, 0) if self.often(0.2) else None,
                )
            )
        Mandate.unscoped.bulk_create(mandates)
        for helper in stock.units:
            given = Help.objects.create(
                desk=pick.choice([u for u in stock.units if u != helper]).desks.first(),
                helper=helper,
                number=5,
                until=self.at(0.1, 30) if self.often(0.7) else self.at(-30, -0.1),
                words="x",
                state=pick.choice(["asked", "accepted", "accepted", "ended"]),
                asked_at=self.moment - 90 * DAY,
                answered_at=self.moment - 80 * DAY,
            )
            LentClaim.objects.bulk_create(
                LentClaim(help=given, claim=claim) for claim in pick.sample(self.claims, 5)
            )
        EmergencyOpening.unscoped.bulk_create(
            EmergencyOpening(
                claim=pick.choice(self.claims),
                asker=member.user,
                role=member.role,
                unit=member.unit,
                reason="x",
                at=self.moment - 2 * DAY,
                until=self.moment + pick.choice([-1, 1, 9]) * DAY,
            )
            for member in list(stock.staff.values())[:3]
        )
        AccessEnd.unscoped.create(
            tenant=pick.choice(self.people),
            at=self.moment,
            reason="x",
            snapshot={"units": [unit.pk for unit in stock.units if self.often(0.5)]},
        )
        RightsRequest.unscoped.bulk_create(
            RightsRequest(
                tenant=who,
                kind="access",
                channel="letter",
                received_on=self.day(-20, -10),
                due_on=self.day(10, 20),
            )
            for who in pick.sample(self.people, 5)
        )

    def _what_hangs_on_claims(self) -> None:
        pick, stock = self.random, self.stock
        ClaimEvent.unscoped.bulk_create(
            ClaimEvent(
                claim=claim,
                name="filed",
                at=claim.filed_at,
                state="received",
                actor=self._filer(claim),
            )
            for claim in self.claims
        )
        Message.unscoped.bulk_create(
            Message(claim=claim, direction="in", channel="web", text="x", at=claim.filed_at)
            for claim in self.claims
        )
        orders = []
        for number, claim in enumerate(pick.sample(self.claims, 14)):
            sent = self.at(-9, 0) if self.often(0.7) else None
            orders.append(
                WorkOrder(
                    claim=claim,
                    number=number,
                    contractor=pick.choice(stock.companies),
                    payer="landlord",
                    why="by_law",
                    description="x",
                    respond_by=self.moment,
                    created_at=self.moment,
                    sent_at=sent,
                    state="sent" if sent else "proposed",
                )
            )
        WorkOrder.unscoped.bulk_create(orders)
        some = [*self.claims[:9], None, None, None, None]
        Delivery.unscoped.bulk_create(
            Delivery(
                kind="order",
                key=f"k{number}",
                claim=claim,
                unit=pick.choice([*stock.units, None]),
                recipient="x",
                channel="email",
                due_at=self.moment,
                created_at=self.moment,
            )
            for number, claim in enumerate(some)
        )
        Intake.unscoped.bulk_create(
            Intake(
                channel="email",
                external_id=str(number),
                raw=b"x",
                received_at=self.moment,
                claim=claim,
                unit=pick.choice([*stock.units, None]),
            )
            for number, claim in enumerate(some)
        )

    def _filer(self, claim: Claim) -> User | None:
        """Return who filed: the author's account as a rule, else another, else nobody."""
        own = claim.tenant.user if claim.tenant else None
        return own if self.often(0.5) else self.random.choice([*self.stock.accounts, None])


Ids = set[UUID | int]
