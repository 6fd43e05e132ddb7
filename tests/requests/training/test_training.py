"""Somebody who has never seen Palier comes in under a first name and does the exercises."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from agencies.models import Membership
from portal.access import Role
from portal.dev import training as installation
from requests.claims.models import Claim
from requests.training import exercises
from tests import factories
from tests.requests.fixtures.desk import accept, form_of_key

pytestmark = pytest.mark.long

START = "/training/"


@pytest.fixture
def house(landlord):
    """A landlord with the faults of the exercises, and a tenant with a mobile phone."""
    codes = {one.category for one in exercises.BY_ROLE[Role.AGENT]} - {"", "PLO-03"}
    for code in sorted(codes):
        factories.category(code, "U3", "contractor_direct")
    awa = factories.tenant(landlord["dwelling"])
    factories.contact(awa, "+33639981234", verified=True)
    factories.contract(factories.contractor())
    return landlord


def come_in(client, role: str) -> Membership:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = client.post(START, {"first_name": "Inès", "part": role})
    assert answer.url == START
    return Membership.objects.get(user__first_name="Inès")


def box(client) -> str:
    return client.get("/training/box/").content.decode()


def claim_of(member: Membership, key: str) -> Claim:
    return Claim.objects.system("test").get(key=f"training/{member.user_id}/{key}")


@pytest.mark.django_db
def test_an_agent_is_led_through_her_first_ten_minutes(client, house):
    assert "No password" in client.get(START, headers={"accept-language": "en"}).content.decode()
    assert client.post(START, {"first_name": "", "part": "agent"}).status_code == 422
    inès = come_in(client, "agent")
    assert inès.unit == house["north"]
    assert "Find a request" in box(client)
    for _twice in range(2):
        client.post("/training/find/begin/")
    found = claim_of(inès, "find")
    assert found.tenant.first_name == "Awa"
    assert found.spoken_reference in box(client)
    client.get(f"/agency/{found.pk}/")
    assert "Done: Find a request." in box(client)

    answer = client.post("/training/triage/begin/")
    assert answer.url == reverse("agency:inbox")
    accept(client, claim_of(inès, "triage"))
    assert "Done: Sort a request with three keys." in box(client)

    client.post("/training/undo/begin/")
    undo = claim_of(inès, "undo")
    accept(client, undo)
    assert "Take back what you did" in box(client)
    client.post(reverse("agency:undo"), {"events": undo.events.latest("pk").pk})
    assert "Done: Take back what you did." in box(client)

    client.post("/training/answer/skip/")
    assert "Order a contractor" in box(client)
    assert "Begin it after all" in client.get(START).content.decode()
    answer = client.post("/training/answer/begin/")
    asked = claim_of(inès, "answer")
    assert answer.url == reverse("agency:claim", args=[asked.pk])
    data = {"kind": "out", "channel": "web", "text": "Une photo ?", "version": asked.version}
    answer = client.post(reverse("agency:message", args=[asked.pk]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert "Order a contractor" in box(client)

    client.post("/training/order/begin/")
    order = claim_of(inès, "order")
    address, fields = form_of_key(client, order, "o")[1:]
    client.post(address, fields)
    assert "Answer a call" in box(client)
    assert "06 39 98 12 34" in box(client)
    call = {
        "key": "11111111-2222-4333-8444-555555555555",
        "category": "CHA-04",
        "who": order.tenant_id,
        "where": "dwelling",
        "words": "froid",
        "phone": "0639981234",
        "channel": "phone",
    }
    client.post(reverse("calls:file"), call)
    assert "You have done the exercises." in box(client)
    assert "6 of 6 done" in client.get(START).content.decode()


@pytest.mark.django_db
def test_an_administrator_practises_settings(client, house):
    come_in(client, "admin")
    assert "Invite a colleague" in box(client)
    assert "Invite a colleague" in client.get("/console/").content.decode()
    assert client.post("/training/find/begin/").status_code == 404


@pytest.mark.django_db
def test_people_of_a_demonstration_see_no_box(client, house):
    client.force_login(factories.member(house["north"], "agent").user)
    page = client.get("/agency/").content.decode()
    assert "guide" not in page
    assert client.get("/training/renew/").status_code == 404


@pytest.mark.django_db
def test_only_a_training_landlord_is_renewed(client, house, settings, tmp_path):
    with pytest.raises(CommandError):
        call_command("renew_training")
    settings.PALIER_TRAINING, settings.PALIER_HOME = True, tmp_path
    come_in(client, "agent")
    page = client.get("/training/renew/").content.decode()
    assert "Everything is invented, nothing leaves." in page
    client.post("/training/renew/")
    assert installation.is_asked(tmp_path)


@pytest.mark.django_db
def test_a_real_landlord_shows_where_to_practise(client, house, settings):
    settings.PALIER_TRAINING_URL = "https://ecole.example"
    client.force_login(factories.member(house["north"], "agent").user)
    assert 'href="https://ecole.example"' in client.get("/agency/").content.decode()


def test_a_training_landlord_forgets_whoever_is_outside():
    """Whatever a careless file of variables names, its settings lead to this machine alone."""
    outside = {
        "DATABASE_URL": "postgres://palier_app:x@db:5432/palier",
        "DATABASE_REPLICA_URL": "postgres://palier_app:x@db:5432/palier",
        "REDIS_URL": "redis://redis:6379/0",
        "PALIER_SMTP": "mail.bailleur.example:587",
        "PALIER_SMS_ACCOUNT": "AC1",
        "PALIER_S3_BUCKET": "files",
        "PALIER_WEBHOOK_HOSTS": "erp.example.org",
        "PALIER_SIGNON_ISSUER": "https://login.example.org",
        "PALIER_BACKUP_DIR": "/srv/backups",
        "SENTRY_DSN": "https://sentry.example.org/1",
    }
    assert set(installation.foreign(outside)) == set(outside)
    here = {
        "DATABASE_URL": "postgresql://palier_app@/palier?host=/tmp/x",
        "REDIS_URL": "redis://127.0.0.1:7000/0",
        "PALIER_SMTP": "127.0.0.1:2525",
        "PALIER_PHONES": "127.0.0.1:2526",
        "PALIER_URL": "https://ecole.example",
    }
    assert installation.foreign(here) == []
    show = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.EMAIL_HOST, s.PALIER_HTTP_HOSTS, s.DATABASES.keys(), s.PALIER_SMS_ACCOUNT,"
        "s.PALIER_S3_BUCKET == '', s.ALLOWED_HOSTS, s.PALIER_SIGNON_ISSUER == '')"
    )
    environment = outside | here | {"DJANGO_SETTINGS_MODULE": installation.MODULE}
    environment |= {"PALIER_HOME": os.environ["PALIER_HOME"], "PATH": os.environ["PATH"]}
    told = subprocess.run(
        [sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split("\n")[0] == (
        "127.0.0.1 ['127.0.0.1'] dict_keys(['default']) demo True"
        " ['127.0.0.1', 'localhost', 'ecole.example'] True"
    )


def test_it_begins_anew_at_night(tmp_path: Path):
    evening = datetime(2026, 11, 30, 22, tzinfo=UTC)
    assert installation.night_after(evening) == datetime(2026, 12, 1, 1, tzinfo=UTC)
    night = datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert installation.night_after(night) == datetime(2026, 12, 2, 1, tzinfo=UTC)
    assert installation.secret_key(tmp_path) == installation.secret_key(tmp_path)
