"""Orders of the last year, done and checked, so that boards can say who mends how fast.

Two companies of a trade have worked side by side: the contract of the second one is over.
"""

import uuid
from datetime import datetime, timedelta
from random import Random

from django.db.models import Min, Q

from agencies.models import Contractor, MaintenanceContract, Trade
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.kit.choices import ENDED
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import OrderState

YEAR = timedelta(days=400)
# Trade, company, how much longer than the first company of the trade it took.
SECOND = (
    ("plumbing", "Plomberie du Canal", 1.6),
    ("heating", "Chaleur Service", 0.9),
    ("electricity", "Volt et Fils", 1.2),
    ("joinery", "Atelier des Bateliers", 2.1),
)


def build(rng: Random, now: datetime) -> int:
    """Write one order for most settled faults of the last year; return how many."""
    first = {
        contract.trade.code: contract
        for contract in MaintenanceContract.objects.select_related("trade", "contractor")
    }
    second = {code: _former(rng, first[code], name, now) for code, name, _slow in SECOND}
    slowness = {code: slow for code, _name, slow in SECOND}
    by_family = {family: code for code, row in first.items() for family in row.families}
    settled = (
        Claim.objects.system("demo")
        .filter(state__in=ENDED, filed_at__gte=now - YEAR, orders__isnull=True)
        .filter(category__family__code__in=by_family)
        .annotate(
            sent=Min("events__at", filter=Q(events__name=Event.PLAN)),
            done=Min("events__at", filter=Q(events__name=Event.REPORT_DONE)),
        )
        .filter(sent__isnull=False, done__isnull=False)
        .order_by("filed_at", "pk")
        .values_list("pk", "category__family__code", "sent", "done", "words")
    )
    rows = []
    for claim, family, sent, done, words in settled.iterator(chunk_size=2000):
        code = by_family[family]
        other = code in second and rng.random() < 0.35
        contract = second[code] if other else first[code]
        # Whoever was slower got the order earlier: the claim keeps its own dates.
        length = (done - sent) * (slowness[code] if other else 1.0)
        rows.append(
            WorkOrder(
                id=uuid.UUID(int=rng.getrandbits(128), version=4),
                claim_id=claim,
                number=1,
                contractor=contract.contractor,
                contract=contract,
                state=OrderState.VERIFIED,
                payer="landlord",
                why="by_law",
                description=words or "—",
                spend_limit=contract.spend_limit,
                respond_by=done,
                created_at=done - length,
                sent_at=done - length,
                done_at=done,
                ended_at=done,
            )
        )
    WorkOrder.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _former(
    rng: Random, beside: MaintenanceContract, name: str, now: datetime
) -> MaintenanceContract:
    """Write a second company of a trade, whose contract ended last week."""
    trade: Trade = beside.trade
    holder = Contractor.objects.create(
        name=name,
        email=f"{trade.code}-2@demo.palier.example",
        phone=f"02 40 00 02 {rng.randint(10, 99)}",
    )
    holder.trades.add(trade)
    return MaintenanceContract.objects.create(
        code=f"{trade.code}-2-{now.year}",
        name=f"{beside.name} ({name})",
        contractor=holder,
        trade=trade,
        families=beside.families,
        equipment_kinds=beside.equipment_kinds,
        starts=now.date() - YEAR,
        ends=now.date() - timedelta(days=7),
        hours=beside.hours,
        flat_fee=beside.flat_fee,
        spend_limit=beside.spend_limit,
    )
