"""Fixtures of these tests."""

from tests.requests.fixtures.channels import (
    clock,
    mails,
    make_claim,
    texts,
    work,
)

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "texts",
    "work",
]
