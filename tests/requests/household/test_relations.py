"""Relation × address: who reads and who acts on a leak of the home, by every way in.

The addresses are read off the URLconf: a new address with a claim in it is tried by everybody.
"""

from dataclasses import dataclass, field

import pytest
from django.test import Client

from agencies.models import Membership
from portal.actor import Actor
from portal.clock import now
from requests.api.urls import urlpatterns as api_patterns
from requests.claims import links
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.complaints.models import Complaint
from requests.tenant_pages.public_urls import urlpatterns as public_patterns
from requests.tenant_pages.urls import urlpatterns as my_patterns
from requests.work_orders.actions import create_order, send_order
from tenants.models import Tenant
from tests import factories, moments
from tests.requests.api.conftest import Caller
from tests.requests.household.conftest import (
    AWA,
    BEN,
    DAY,
    LEA,
    TODAY,
    WORDS,
    file_leak,
    fresh,
    line,
    person,
)
from tests.requests.tenant_pages.photos import photo
from tests.requests.views.household import signed_in

# relation: reads, acts (writes and decides), is the author
TENANTS = {
    "author": (True, True, True),
    "joint": (True, True, False),
    "occupant": (True, False, False),
    "former_occupant": (False, False, False),
    "earlier_lease": (False, False, False),
    "next_occupant": (False, False, False),
    "neighbour": (False, False, False),
}
STAFF = {"agency": True, "former_agency": False, "other_contractor": False}
# For the author alone: their own contacts, their own complaint, who reads, the private link.
AUTHORS = {"news", "complain", "print", "qr", "confidential", "link"}


@dataclass
class World:
    claim: Claim
    file: str
    people: dict[str, Tenant]
    staff: dict[str, Membership] = field(default_factory=dict)


@pytest.fixture
def world(landlord, rents) -> World:
    """A leak with a photo, filed by web form ten days ago; everybody else comes from files."""
    factories.dwelling(landlord["dwelling"].staircase, "13")
    earlier = line("B0", "T5", "Old", starts=TODAY - 4000 * DAY)
    former = line("B1", "T4", "Max", "occupant")
    beside = line("B9", "T7", "Ida", home="k-13")
    with moments.at(moments.MOMENT - 10 * DAY):
        rents(earlier, AWA, BEN, LEA, former, beside)
        author = person("T1")
        claim = file_leak(author)
        signed_in(author).post(f"/my/{claim.pk}/write/", {"text": WORDS, "photos": [photo()]})
    # The rent system no longer tells of the earlier lease; Max left; a new lease is signed.
    left = line("B1", "T4", "Max", "occupant", ends=TODAY - 2 * DAY)
    coming = line("B2", "T6", "Neo", starts=TODAY + DAY)
    rents(AWA, BEN, LEA, left, beside, coming)
    links.sweep(now())
    factories.category("ADM-17", "A3", "agency_clientele")
    refs = ("T1", "T2", "T3", "T4", "T5", "T6", "T7")
    people = dict(zip(TENANTS, map(person, refs), strict=True))
    staff = {
        "agency": factories.member(landlord["north"], "agent"),
        "former_agency": factories.member(landlord["south"], "agent"),
        "other_contractor": factories.member(landlord["south"], "contractor"),
    }
    return World(fresh(claim), str(claim.attachments.get().pk), people, staff)


def addresses(patterns, world: World, prefix: str) -> dict[str, str]:
    """Every address with a claim in it: last part of its route → path."""
    found = {}
    for pattern in patterns:
        route = str(pattern.pattern)
        if "<uuid:claim>" not in route and not route.startswith("claims/<uuid:pk>"):
            continue
        path = route
        for argument, value in (
            ("<uuid:claim>", world.claim.pk),
            ("<uuid:pk>", world.claim.pk),
            ("<uuid:file>", world.file),
            ("<slug:transition>", "withdraw"),
            ("<slug:what>", "new"),
        ):
            path = path.replace(argument, str(value))
        assert "<" not in path, f"say here what stands for the argument of {route}"
        rest = route.split(">/", 1)[1]
        found[rest.split("/")[0] or "page"] = f"{prefix}{path}"
    return found


def rows(claim: Claim) -> tuple:
    """All that a press could have changed."""
    fresh(claim)
    events = ClaimEvent.unscoped.filter(claim=claim).count()
    state = (claim.state, claim.version, claim.confidential, claim.token, claim.link_closed_at)
    return (*state, events, claim.messages.count(), Complaint.objects.count())


def test_the_addresses_are_the_ones_known_here(world):
    """A new one fails: say above whether it is for readers, for who acts, or for the author."""
    mine = addresses(my_patterns, world, "/my/")
    assert set(mine) == {"page", "write", "do", "files"} | AUTHORS
    by_api = addresses(api_patterns, world, "/api/v1/")
    assert set(by_api) == {"page", "comments", "confidential", "author"}
    by_link = {
        str(pattern.pattern).split(">/")[1].split("/")[0] or "page"
        for pattern in public_patterns
        if "<token:token>" in str(pattern.pattern)
    }
    # Whoever signed in has said who they are.
    assert by_link == set(mine) | {"me"}


@pytest.mark.parametrize("relation", TENANTS)
def test_what_each_reads(world, relation):
    reads, _acts, author = TENANTS[relation]
    who = world.people[relation]
    client, caller = signed_in(who), Caller(who.user)
    for name, path in addresses(my_patterns, world, "/my/").items():
        answer = client.get(path)
        if name in {"write", "do", "news", "confidential", "link"}:
            assert answer.status_code == 405, path  # a GET never acts
        else:
            expected = author if name in AUTHORS else reads
            assert answer.status_code == (200 if expected else 404), path
        if not reads and answer.status_code != 405:
            body = b"".join(answer) if answer.streaming else answer.content
            assert WORDS.encode() not in body
    listed = client.get("/my/").content.decode() + client.get(f"/my/?q={WORDS}").content.decode()
    assert (str(world.claim.pk) in listed) is reads
    api = caller.get("claims/")
    assert (str(world.claim.pk) in [row["id"] for row in api.json()["results"]]) is reads
    one = caller.get(f"claims/{world.claim.pk}/")
    assert one.status_code == (200 if reads else 404)
    assert (WORDS in one.content.decode()) is reads
    # Who probably wrote is for staff to say.
    assert caller.get(f"claims/{world.claim.pk}/author/").status_code in (403, 404)
    # The private link is the author's: nobody else is shown it.
    page = client.get(f"/my/{world.claim.pk}/").content.decode()
    assert (world.claim.token in page) is author


@pytest.mark.parametrize("relation", TENANTS)
def test_what_each_does(world, relation):
    _reads, acts, author = TENANTS[relation]
    who = world.people[relation]
    client, caller = signed_in(who), Caller(who.user)
    presses = {
        "write": {"text": "Bonjour"},
        "news": {"news": "needed"},
        "complain": {"words": "Trop long"},
        "confidential": {"confidential": "yes"},
        "link": {},
        "do": {},
    }
    mine = addresses(my_patterns, world, "/my/")
    for name, path in mine.items():
        before, body = rows(world.claim), presses.get(name, {})
        answer = client.post(path, body)
        if name not in presses:
            assert answer.status_code == 405, path
            continue
        may = author if name in AUTHORS else acts
        assert answer.status_code == (302 if may else 404), path
        if not may:
            assert rows(world.claim) == before, path
    before = rows(world.claim)
    answer = caller.post(f"claims/{world.claim.pk}/comments/", {"text": "Bonjour"})
    # Made confidential above, by the author alone: a joint tenant acted before.
    assert answer.status_code == (201 if acts else 404)
    answer = caller.post(f"claims/{world.claim.pk}/confidential/", {"confidential": False})
    assert answer.status_code == (200 if author else 404)
    if not acts:
        assert rows(world.claim) == before


@pytest.mark.parametrize("relation", STAFF)
def test_what_staff_and_companies_read(world, relation):
    reads, member = STAFF[relation], world.staff[relation]
    client, claim = Client(), world.claim
    client.force_login(member.user)
    page = client.get(f"/agency/{claim.pk}/")
    contractor = relation == "other_contractor"
    refused = 403 if contractor else 404
    assert page.status_code == (200 if reads else refused)
    assert client.get(f"/agency/files/{world.file}/").status_code == (200 if reads else refused)
    for path in ("confidential/", "link/close/", "link/new/", "message/"):
        before = rows(claim)
        answer = client.post(f"/agency/{claim.pk}/{path}", {"confidential": "yes", "why": "x"})
        if not reads:
            assert answer.status_code == refused, path
            assert rows(claim) == before
    api = Caller(member.user).get(f"claims/{claim.pk}/")
    assert api.status_code == (200 if reads else refused)
    for path in ("/agency/", "/jobs/"):
        body = client.get(path).content.decode()
        if not reads:
            assert WORDS not in body
            assert claim.reference not in body


def test_another_company_does_not_open_an_order(world):
    claim = world.claim
    contract = factories.contract(factories.contractor("Serrurerie Roux"))
    actor = Actor.member(world.staff["agency"])
    order = create_order(
        claim=claim,
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="Réparer",
        respond_by=now() + 3 * DAY,
        actor=actor,
        now=now(),
    )
    send_order(order=order, actor=actor, now=now())
    client = Client()
    client.force_login(world.staff["other_contractor"].user)
    for path in ("", f"photo/{world.file}/", "act/done/"):
        assert client.get(f"/jobs/{order.pk}/{path}").status_code == 404
    assert client.post(f"/jobs/{order.pk}/step/confirm/").status_code == 404
    assert str(order) not in client.get("/jobs/?view=all").content.decode()
