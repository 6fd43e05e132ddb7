"""The first day: who makes the first account, and what the console says is still to do."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from agencies.models import Desk, Landlord, Membership, Unit
from portal.clock import now
from portal.models import User
from requests.console import first_steps
from tests.factories import leak, member

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


def first(email: str = "anne@example.test") -> str:
    out = io.StringIO()
    call_command("first_administrator", email, first_name="Anne", stdout=out)
    return "/" + out.getvalue().strip().split("/", 3)[3]


def test_the_first_administrator_is_made_with_a_head_office_and_a_link(db):
    path = first()
    assert Unit.objects.get().kind == "head_office"
    assert Desk.objects.exists()
    assert not User.objects.get().has_usable_password()
    anne = Client()
    anne.post(path, {"password": PASSWORD, "again": PASSWORD})
    page = anne.get("/console/").content.decode()
    assert "0" in page
    assert all(str(step.title) in page for step in first_steps.steps() if step.name != "people")


def test_a_lost_link_is_made_again_until_somebody_has_signed_in(db):
    lost, path = first(), first()
    assert Client().get(lost).status_code == 410
    Client().post(path, {"password": PASSWORD, "again": PASSWORD})
    with pytest.raises(CommandError, match="console invites the others"):
        first("other@example.test")
    assert Membership.objects.count() == 1


def test_steps_are_ticked_by_facts_whoever_did_them(client, admin, landlord):
    def done() -> set[str]:
        return {step.name for step in first_steps.steps() if step.done}

    assert done() == {"units", "stock", "hours"}
    Landlord.objects.create(name="Habitat", phone="1")
    member(landlord["north"], "agent")
    assert done() == {"units", "stock", "hours", "landlord", "people"}
    claim = leak(landlord, now())
    waits = next(step for step in first_steps.steps() if step.name == "claim")
    assert (waits.done, bool(waits.waits)) == (False, True)
    type(claim).objects.system("test").filter(pk=claim.pk).update(state="in_review")
    assert "claim" in done()


def test_each_step_leads_to_a_page_that_an_administrator_may_open(client, admin):
    for step in first_steps.steps():
        assert client.get(step.address).status_code == 200, step.name
    assert client.get(reverse("console:home")).status_code == 200


def test_an_empty_landlord_opens_every_page_of_the_console(db):
    anne = Client()
    anne.post(first(), {"password": PASSWORD, "again": PASSWORD})
    for name in ("home", "people", "invite", "staff", "landlord", "week", "channels", "log"):
        assert anne.get(reverse(f"console:{name}")).status_code == 200, name
    for name in ("catalogue_rehearse", "catalogue_import", "catalogue_export"):
        assert anne.get(reverse(f"console:{name}")).status_code == 200, name
