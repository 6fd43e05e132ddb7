"""The menu: who sees what, what waits behind it, at the cost of one statement; and error pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import ImportRun, Membership
from portal.access import MEMBER_ROLES
from portal.clock import now
from requests import menu_counts
from requests.channels.models import Intake
from requests.menu import entries
from tests.factories import member

pytestmark = [pytest.mark.long, pytest.mark.django_db]


def waiting_input(**fields) -> Intake:
    usual = {"channel": "email", "external_id": f"i{Intake.unscoped.count()}", "raw": b"",
             "received_at": now(), "state": "failed"}  # fmt: skip
    return Intake.unscoped.create(**usual | fields)


def test_what_waits_is_counted_for_those_who_can_do_it(client, landlord, second):
    sonia = member(landlord["north"], "agent")
    waiting_input()
    waiting_input(unit=landlord["south"])
    waiting_input(automatic="auto-replied")
    Membership.objects.create(
        user=sonia.user, unit=landlord["south"], role="agent", starts=timezone.localdate(),
        pending=True, asked_by=second,
    )  # fmt: skip
    ImportRun.objects.create(kind="csv", name="x", state="held", at=now(), next_at=now(), by=None,
                             size=1)  # fmt: skip
    assert menu_counts.waiting(sonia)["channels:tray"] == 1
    head = menu_counts.waiting(second.memberships.get())
    assert (head["channels:tray"], head["teams:pending"], head["stock:imports"]) == (2, 0, 1)
    boss = member(landlord["head"], "admin")
    assert menu_counts.waiting(boss)["teams:pending"] == 1
    client.force_login(sonia.user)
    page = client.get("/agency/letters/").content.decode()
    assert 'class="count">1</span>' in page


def test_the_counts_cost_one_statement(landlord, second):
    of_head = second.memberships.select_related("unit").get()
    for who in (member(landlord["north"], "agency_manager"), of_head):
        with CaptureQueriesContext(connection) as found:
            menu_counts.waiting(who)
        assert len(found) == 1


def test_a_large_number_is_cut_short():
    assert [menu_counts.shown(n) for n in (0, 7, 99, 100)] == ["", "7", "99", "99+"]


@pytest.mark.parametrize("path", ["/head-office/", "/agency/nothing-here/"])
def test_an_error_keeps_the_menu_and_says_what_to_do(client, landlord, path):
    sonia = member(landlord["north"], "agent")
    client.force_login(sonia.user)
    answer = client.get(path)
    said = answer.content.decode()
    assert answer.status_code in (403, 404)
    assert 'id="main-menu"' in said
    assert "Go to my first page" in said
    assert "your link has expired" not in said


def test_visitors_are_told_as_before(client, landlord):
    said = client.get("/nothing-here/").content.decode()
    assert "Find my request again" in said
    assert 'id="main-menu"' not in said


def test_an_administrator_lands_on_the_console(client, admin):
    assert client.get("/enter/").url == "/console/"
    page = client.get("/console/").content.decode()
    assert "Getting started" in page


@pytest.mark.parametrize("role", sorted(MEMBER_ROLES))
def test_every_entry_opens(client, landlord, role):
    client.force_login(member(landlord["north"], role).user)
    groups = entries(client.get("/enter/", follow=True).wsgi_request)
    shown = [*groups["bar"], *(entry for _title, group in groups["groups"] for entry in group)]
    assert [e["url"] for e in shown if client.get(e["url"], follow=True).status_code != 200] == []
