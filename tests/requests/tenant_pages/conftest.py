"""Fixtures of these tests."""

from tests.requests.fixtures.channels import (
    clock,
    mails,
    make_claim,
    texts,
    work,
)
from tests.requests.fixtures.landlords import ours

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "ours",
    "texts",
    "work",
]
