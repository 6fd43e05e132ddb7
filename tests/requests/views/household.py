"""People around one home and what they see: helpers of the household's tests."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client

from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from tenants.models import Lease, Occupancy, Tenant
from tests import factories
from tests.requests.api.conftest import Caller
from tests.requests.fixtures.sms_provider import NUMBER

WORDS, NEWS = "CANARY-WORDS", "CANARY-NEWS"
DAY = timedelta(days=1)
# relation: reads, acts, is the author
RELATIONS = {
    "author": (True, True, True),
    "joint": (True, True, False),
    "occupant": (True, False, False),
    "ex": (False, False, False),
    "ended_lease": (False, False, False),
    "never_closed": (False, False, False),
    "next_household": (False, False, False),
    "newcomer": (False, False, False),
    "other": (False, False, False),
}


def live(lease, capacity, name, *, starts="2020-01-01", ends=None):
    """Another person under ``lease``, with an account."""
    user = factories.account(f"{name}@example.test")
    person = Tenant.objects.system("test").create(last_name=name.title(), user=user)
    Occupancy.unscoped.create(
        lease=lease, tenant=person, capacity=capacity, starts=starts, ends=ends
    )
    return person


def lease_of(dwelling, number, **dates):
    return Lease.unscoped.create(
        dwelling=dwelling, reference=number, bill_code=number, **{"starts": "2020-01-01", **dates}
    )


def filed(person, home, *, days=30, key="k", **fields) -> Claim:
    """A claim of ``person`` about ``home``, filed ``days`` ago."""
    usual = {"channel": "web", "category": "PLO-03", "words": WORDS, "contact_phone": NUMBER}
    filing = Filing(key=key, tenant=str(person.pk), dwelling=home.pk, **{**usual, **fields})
    claim = file_claim(filing, actor=Actor.TENANT, now=now() - days * DAY)
    route_claim(claim_id=claim.pk, now=claim.filed_at)
    claim.refresh_from_db()
    return claim


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@dataclass(frozen=True)
class Look:
    """What a person's pages and calls answer about some claims."""

    seen: set
    read: str


def look(person, claims) -> Look:
    """Open the lists and each claim, as pages and by the API; all must agree on what is seen."""
    client, caller = signed_in(person), Caller(person.user)
    page, rows = client.get("/my/"), caller.get("claims/")
    listed = page.content.decode()
    api = [row["id"] for row in rows.json()["results"]]
    read, seen = [listed, rows.content.decode()], set()
    for claim in claims:
        answers = client.get(f"/my/{claim.pk}/"), caller.get(f"claims/{claim.pk}/")
        shown = [answer.status_code == 200 for answer in answers]
        shown += [str(claim.pk) in listed, str(claim.pk) in api]
        assert len(set(shown)) == 1, shown
        if shown[0]:
            seen.add(claim.pk)
        read += [answer.content.decode() for answer in answers]
    return Look(seen, "".join(read))


def seen_anywhere(person, claim) -> bool:
    """Whether any page or call shows the claim to the person; the answers must agree."""
    return bool(look(person, [claim]).seen)
