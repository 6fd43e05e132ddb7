"""Fixtures of these tests."""

from tests.requests.fixtures.channels import (
    clock,
    mails,
    make_claim,
    texts,
    work,
)
from tests.requests.fixtures.sms_provider import sms_provider as provider

__all__ = [
    "clock",
    "mails",
    "make_claim",
    "provider",
    "texts",
    "work",
]
