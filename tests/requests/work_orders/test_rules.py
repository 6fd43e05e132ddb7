"""The order proposes itself: which contract, who pays and why, by when."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from requests.promises.deadlines import Calendar
from requests.work_orders.rules import ContractTerms, Duty, OrderInput, propose

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = Calendar("Europe/Paris", {d: [(time(8), time(16))] for d in range(5)})


def order_input(**changes):
    return OrderInput(
        **{
            "category": "PLO-03",
            "family": "PLO",
            "urgency": "U3",
            "responsible": "landlord",
            "at": MONDAY,
            "unit": 1,
            "residence": 10,
            "building": 100,
            **changes,
        }
    )


def terms(number, **changes):
    return ContractTerms(
        **{
            "id": number,
            "contractor": number * 10,
            "trade": 1,
            "starts": date(2026, 1, 1),
            "ends": date(2026, 12, 31),
            "families": frozenset({"PLO"}),
            "spend_limit": Decimal(300),
            **changes,
        }
    )


def chosen(claim, *contracts, **more):
    return propose(claim, contracts, OFFICE, **more).contract


def test_the_closest_contract_wins():
    everywhere = terms(1)
    unit = terms(2, units=frozenset({1}))
    building = terms(3, buildings=frozenset({100}))
    category = terms(4, categories=frozenset({"PLO-03"}))
    assert chosen(order_input(), everywhere, unit) == 2
    assert chosen(order_input(), everywhere, unit, building) == 3
    assert chosen(order_input(), everywhere, unit, building, category) == 4
    lift = terms(5, families=frozenset(), equipment_kinds=frozenset({"lift"}))
    assert chosen(order_input(equipment="lift"), category, lift) == 5
    assert chosen(order_input(), lift) is None


def test_a_contract_elsewhere_or_over_covers_nothing():
    assert chosen(order_input(), terms(1, units=frozenset({2}))) is None
    assert chosen(order_input(), terms(1, ends=date(2026, 3, 1))) is None
    assert chosen(order_input(), terms(1, ends=date(2026, 3, 2))) == 1
    assert chosen(order_input(building=None), terms(1, buildings=frozenset({100}))) is None


@pytest.mark.parametrize(
    ("changes", "flat_fee", "payer", "why"),
    [
        ({}, False, "landlord", "by_law"),
        ({}, True, "contract", "in_contract"),
        ({"responsible": "tenant"}, False, "tenant", "normally_yours"),
        ({"responsible": "tenant"}, True, "contract", "in_contract"),
        ({"responsible": "tenant", "worn": True}, False, "landlord", "worn"),
        ({"responsible": "tenant", "urgency": "U1"}, False, "landlord", "danger"),
        ({"responsible": "shared"}, False, "shared", "shared"),
        ({"responsible": "third_party"}, False, "third_party", "someone_else"),
        ({"responsible": "third_party", "urgency": "U0"}, False, "landlord", "make_safe"),
    ],
)
def test_who_pays_and_why(changes, flat_fee, payer, why):
    made = propose(order_input(**changes), [terms(1, flat_fee=flat_fee)], OFFICE)
    assert (made.payer, made.why) == (payer, why)


def test_a_contract_that_does_not_exist_pays_nothing():
    made = propose(order_input(responsible="contract"), [], OFFICE)
    assert (made.payer, made.why, made.contractor) == ("landlord", "no_contract", None)
    assert made.spend_limit == 0


def test_an_emergency_at_night_goes_to_who_is_awake():
    night = order_input(urgency="U1", open=False)
    day, always = terms(1, categories=frozenset({"PLO-03"})), terms(2, always=True)
    made = propose(night, [day, always], OFFICE)
    assert (made.contract, made.contractor, made.emergency) == (2, 20, True)
    duties = [Duty(trade=1, contractor=77), Duty(1, 78, unit=1), Duty(9, 79)]
    assert propose(night, [day], OFFICE, duties).contractor == 78
    assert propose(order_input(urgency="U1"), [day, always], OFFICE, duties).contractor == 10


def test_commitments_run_in_calendar_time_only_when_urgent():
    contract = terms(1, commitments={"U1": 4, "U3": 72})
    assert propose(order_input(urgency="U1"), [contract], OFFICE).respond_by == MONDAY + timedelta(
        hours=4
    )
    # 72 h are three days of eight working hours, from Monday 10 am in Paris.
    assert propose(order_input(), [contract], OFFICE).respond_by == datetime(
        2026, 3, 5, 9, 0, tzinfo=UTC
    )
