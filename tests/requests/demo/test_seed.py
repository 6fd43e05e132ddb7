"""Seeding the demo landlord: deterministic, once; at any hour: test_demo_days.py."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from agencies.models import Residence
from portal.clock import now
from requests.catalogue.actions import load_catalogue
from requests.claims.models import Claim
from requests.demo import seed
from tests import moments

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def that_day():
    with moments.at():
        yield


@pytest.fixture(autouse=True)
def media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    # Drawing letters takes as long as all the rest; test_demo_rows and the browser tests seed them.
    monkeypatch.setattr("requests.demo.letters.build", lambda agent, now: None)


def claims():
    return Claim.objects.system("test")


def build_and_undo(**changes) -> str:
    with transaction.atomic():
        made = seed.build(**{"seed": 1, "dwellings": 20, "now": moments.MOMENT} | changes)
        transaction.set_rollback(True)
    return made["digest"]


def test_the_same_seed_gives_the_same_rows():
    load_catalogue()
    once = build_and_undo()
    assert build_and_undo() == once
    assert build_and_undo(seed=2) != once


@pytest.mark.usefixtures("that_day")
def test_the_command_writes_once_and_counts_on_from_there(capsys):
    call_command("seed_demo", dwellings=20)
    before = claims().count()
    call_command("seed_demo", if_empty=True)
    assert claims().count() == before
    with pytest.raises(CommandError, match="already holds"):
        call_command("seed_demo")
    assert "sonia@demo.palier.example" in capsys.readouterr().out
    last = Residence.objects.order_by("pk").last()
    made = Residence.objects.create(
        code="new", name="Neuve", unit=last.unit, commune="Valmer", postcode="99000"
    )
    assert made.pk == last.pk + 1
    assert claims().filter(filed_at__gt=now()).count() == 0


def test_a_size_that_makes_no_sense_is_refused():
    for size in (0, 500_001):
        with pytest.raises(CommandError, match="20 to 500000"):
            call_command("seed_demo", dwellings=size)
