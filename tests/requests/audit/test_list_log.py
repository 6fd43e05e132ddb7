"""Who looked at which list: one row an hour and query, no word of it, and no list forgotten."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.access import Role, audience_of
from portal.audit import sealer
from portal.audit.verify import verify
from portal.clock import now
from requests.audit.models import ListView
from requests.audit.views import LISTS
from requests.claims.models import Claim
from tenants.models import Tenant
from tests import moments
from tests.factories import leak, member, tenant
from tests.moments import LATER
from tests.portal.urls import OURS, path_of

pytestmark = pytest.mark.long

# Staff pages that read several people or requests and note no list: why not.
NO_LIST: dict[str, str] = {}
TABLES = ("requests_listview", "requests_recordview")
# Drawn from pages that are asked here anyway.
PAPER = re.compile(r"pdf|csv|qr|poster|label|^api/|\\.ics")


@pytest.fixture
def people(landlord):
    """Three people of one home, each with a request."""
    found = [
        tenant(landlord["dwelling"], last_name="Traoré", first_name=name)
        for name in ("Awa", "Binta", "Cécile")
    ]
    for number, one in enumerate(found):
        leak(landlord, now(), key=f"k{number}", tenant=one.pk)
    return found


@pytest.fixture
def agent(landlord, client):
    found = member(landlord["north"], "agent")
    client.force_login(found.user)
    return found


def test_a_list_and_a_search_are_logged_without_a_word(client, people, agent):
    inbox = reverse("agency:inbox")
    client.get(inbox, {"view": "all"})
    client.get(inbox, {"view": "all", "q": "Traoré"})
    client.get(inbox, {"q": "traoré", "view": "all"})
    client.get(inbox, {"view": "all", "q": "Nobody"})
    rows = list(ListView.objects.order_by("pk"))
    assert [(row.shown, row.found) for row in rows] == [(3, 3), (3, 3), (0, 0)]
    assert {(row.reader, row.role, row.unit, row.page) for row in rows} == {
        (agent.user, "agent", agent.unit, "agency:inbox")
    }
    assert len({row.query for row in rows}) == 3
    for row in rows:
        assert "traor" not in str(vars(row)).lower()


def test_the_same_list_is_logged_once_an_hour(client, people, agent):
    address = reverse("agency:inbox")
    for minutes, number in ((0, 1), (20, 1), (70, 2)):
        with moments.at(now() + timedelta(minutes=minutes)):
            client.force_login(agent.user)
            client.get(address)
        assert ListView.objects.count() == number


def test_a_list_costs_one_insert(client, people, agent):
    address = reverse("agency:inbox")
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert sum("requests_listview" in q["sql"] for q in asked.captured_queries) == 1


def test_the_mark_of_a_search_needs_our_key(client, people, agent, settings):
    address = reverse("agency:inbox")
    client.get(address, {"q": "Traoré"})
    settings.SECRET_KEY = "another" * 8
    client.force_login(agent.user)
    client.get(address, {"q": "Traoré"})
    assert len(set(ListView.objects.values_list("query", flat=True))) == 2


def test_nobody_is_logged_for_their_own_requests(client, people, landlord):
    awa = tenant(landlord["dwelling"], email="awa@example.test")
    client.force_login(awa.user)
    assert client.get(reverse("my:home")).status_code == 200
    assert client.get("/api/v1/requests/").status_code in {200, 404}
    assert not ListView.objects.exists()


def test_the_officer_reads_who_looked(client, people, agent, landlord):
    client.get(reverse("agency:inbox"), {"q": "Traoré"})
    mark = ListView.objects.get().query[:8]
    client.force_login(member(landlord["head"], "dpo").user)
    address = reverse("audit:lists")
    page = client.get(address).content.decode()
    assert agent.user.get_full_name() in page
    assert mark in page
    assert "Traoré" not in page
    assert mark not in client.get(address, {"colleague": "nobody"}).content.decode()
    assert mark not in client.get(address, {"until": "2020-01-01"}).content.decode()
    client.force_login(agent.user)
    assert client.get(address).status_code in {403, 404}


def test_looks_at_lists_belong_to_the_trail(client, people, agent):
    client.get(reverse("agency:inbox"))
    sealer.run(now() + LATER)
    assert list(verify(now() + LATER)) == []
    with pytest.raises(Exception, match="append-only"):
        ListView.objects.update(shown=0)


def test_every_staff_page_with_several_people_or_requests_notes_it(
    client, people, landlord, monkeypatch
):
    """Open the pages of a manager; what they read of people and requests is counted by the models.

    A page that opens one record is logged as an opening, with what stands beside it.
    """
    read: set = set()
    for model in (Claim, Tenant):
        monkeypatch.setattr(model, "from_db", counting(model.from_db.__func__, read))
    claim = Claim.objects.system("test").first()
    client.force_login(member(landlord["north"], "agency_manager").user)
    silent, noted = {}, set()
    for route, name, pattern in OURS:
        roles = audience_of(pattern.callback) or ()
        if Role.AGENCY_MANAGER not in roles or PAPER.search(route) or name in NO_LIST:
            continue
        read.clear()
        words = {"q": "Traoré", "tel": "Traoré", "name": "Traoré"}
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path_of(route, pattern, claim), words)
        logged = {table for table in TABLES for q in asked.captured_queries if table in q["sql"]}
        if answer.status_code == 200 and len(read) > 1 and not logged:
            silent[name] = len(read)
        if "requests_listview" in logged:
            noted.add(name)
    assert silent == {}
    assert {"agency:inbox", "calls:desk", "identity:index", "complaints"} <= noted
    assert noted - LISTS.keys() == set(), "the officer reads a name for each"


def counting(real, read: set):
    def from_db(cls, db, names, values):
        found = real(cls, db, names, values)
        read.add((cls.__name__, found.pk))
        return found

    return classmethod(from_db)
