"""Fixtures of these tests."""

from tests.requests.fixtures.work import (
    agent,
    claim,
    contract,
    make_claim,
    make_order,
    manager,
    order,
    slots,
)

__all__ = [
    "agent",
    "claim",
    "contract",
    "make_claim",
    "make_order",
    "manager",
    "order",
    "slots",
]
