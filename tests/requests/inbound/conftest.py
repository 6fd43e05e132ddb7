"""Fixtures of these tests."""

from tests.requests.fixtures.channels import (
    clock,
    mails,
    make_claim,
    texts,
    work,
)
from tests.requests.fixtures.known_people import helene, house, send, sonia
from tests.requests.fixtures.sms_provider import sms_provider as provider

__all__ = [
    "clock",
    "helene",
    "house",
    "mails",
    "make_claim",
    "provider",
    "send",
    "sonia",
    "texts",
    "work",
]
