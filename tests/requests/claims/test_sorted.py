"""When a claim counts as sorted by a person: at filing, by a step, and for rows older than that."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.claims.household import is_sorted_at_filing
from requests.claims.models import Claim
from requests.claims.transitions import advance
from tests import factories


@pytest.mark.parametrize(
    ("channel", "role", "category", "expected"),
    [
        ("web", "tenant", "PLO-03", True),
        ("api", "tenant", "PLO-03", True),
        ("web", "tenant", "ADM-14", False),
        ("phone", "call_taker", "PLO-03", True),
        ("phone", "call_taker", "ADM-14", False),
        ("round", "caretaker", "PLO-03", True),
        ("web", "proxy", "ADM-14", True),
        ("sms", "tenant", "PLO-03", False),
        ("email", "tenant", "PLO-03", False),
        ("open311", "tenant", "PLO-03", False),
        ("sensor", "system", "PLO-03", False),
    ],
)
def test_who_says_what_a_claim_is_about(channel, role, category, expected):
    found = is_sorted_at_filing(channel=channel, role=role, category=category, unsorted="ADM-14")
    assert found is expected


def test_claims_from_before_are_sorted_as_they_would_have_been(landlord):
    unsorted = factories.category("ADM-14", "A1", "crc")
    agent = factories.member(landlord["north"], "agent")
    at = now() - timedelta(days=3)
    rows = {
        "web": factories.leak(landlord, at, key="web"),
        "mail": factories.leak(landlord, at, key="mail", channel="email"),
        "taken": factories.leak(landlord, at, key="taken", channel="email"),
        "other": factories.leak(landlord, at, key="other", channel="email", category=unsorted.code),
    }
    for name in ("taken", "other"):
        advance(
            claim=rows[name], transition=Event.TAKE_CHARGE, actor=Actor.member(agent), now=now()
        )
    claims = Claim.objects.system("test")
    before = dict(claims.values_list("key", "sorted_at"))
    taken = rows["taken"].events.get(name=Event.TAKE_CHARGE).at
    assert before == {"web": at, "mail": None, "taken": taken, "other": None}
    claims.update(sorted_at=None)
    import_module("requests.migrations.0007_claim_sorted_at").backfill(apps, None)
    assert dict(claims.values_list("key", "sorted_at")) == before
