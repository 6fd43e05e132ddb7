"""The demo landlord: consistent with the table, deterministic, harmless on a used database."""

import pytest
from django.core.management import call_command

from requests import workflow
from requests.models import Claim, Job

pytestmark = pytest.mark.django_db


def test_the_demo_is_consistent_and_queues_nothing():
    call_command("seed_demo", dwellings=60)
    assert Claim.objects.system("test").count() == 150
    assert not Job.objects.exists()
    for claim in Claim.objects.system("test").prefetch_related("events"):
        steps = [e for e in claim.events.all() if e.name in workflow.TRANSITIONS]
        state = "received"
        for event in steps:
            assert state in workflow.TRANSITIONS[event.name].sources
            state = workflow.TRANSITIONS[event.name].target
        assert claim.state == state
    call_command("seed_demo", if_empty=True)
    assert Claim.objects.system("test").count() == 150
