"""An agency that a person left sees their stay, for a year: neither the new home nor a phone."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.timezone import localdate

from portal.actor import Actor
from portal.clock import now
from portal.phones import national_format
from requests.filing.actions import Filing, file_claim
from tenants.models import AccountLink, Lease, Occupancy, Tenant
from tests import factories

PHONE, WORDS = "+33639987654", "CANARY-NEW-HOME"


def moved(landlord, *, days_ago: int) -> Tenant:
    """Somebody who left the north for the south, where they filed a claim."""
    left = localdate() - timedelta(days=days_ago)
    person = factories.tenant(landlord["dwelling"], last_name="Partie")
    person.occupancies.update(ends=left)
    south = factories.home_of(landlord["south"])
    lease = Lease.unscoped.create(
        dwelling=south, reference="S1", bill_code="S1", starts=left + timedelta(days=1)
    )
    Occupancy.unscoped.create(lease=lease, tenant=person, capacity="holder", starts=lease.starts)
    factories.contact(person, PHONE)
    filing = Filing("web", "k", "PLO-03", WORDS, dwelling=south.pk, tenant=str(person.pk))
    file_claim(filing, actor=Actor.TENANT, now=now())
    return person


@pytest.fixture
def client_of(landlord):
    def sign_in(unit: str, role: str = "agent") -> Client:
        client = Client()
        client.force_login(factories.member(landlord[unit], role).user)
        return client

    return sign_in


def shown(client: Client, path: str) -> str:
    """A page without what the reader typed: in its fields, in words, and in the way back to it."""
    body = client.get(path).content.decode().replace("<wbr>", "")
    typed = path.partition("=")[2]
    spelled = national_format(typed) if typed.startswith("+") else ""
    for kept in (f'value="{typed}"', f"={typed}", f"={quote(typed)}", spelled):
        body = body.replace(kept, "")
    return body


def pages(client: Client, person: Tenant) -> dict[str, str]:
    paths = (
        f"/agency/people/{person.pk}/",
        f"/agency/doubles/person/{person.pk}/",
        "/agency/doubles/?name=Partie",
        "/calls/?tel=Partie",
        f"/calls/?tel={PHONE}",
    )
    return {path: shown(client, path) for path in paths}


CANARIES = ("rue du Sud", PHONE, "06 39 98 76 54", "39 98 76 54", WORDS)


@pytest.mark.weakness("former agency")
def test_within_a_year_the_stay_and_nothing_of_the_new_home(landlord, client_of):
    person = moved(landlord, days_ago=30)
    found = pages(client_of("north"), person)
    assert "rue du Lin" in found[f"/agency/people/{person.pk}/"]
    assert "Partie" in found["/calls/?tel=Partie"]
    for path, body in found.items():
        for canary in CANARIES:
            assert canary not in body, (path, canary)


@pytest.mark.weakness("former agency")
def test_after_a_year_nothing_at_all(landlord, client_of):
    person = moved(landlord, days_ago=366)
    north = client_of("north")
    assert north.get(f"/agency/people/{person.pk}/").status_code == 404
    assert north.get(f"/agency/doubles/person/{person.pk}/").status_code == 404
    assert "Partie" not in shown(north, "/agency/doubles/?name=Partie")


def test_the_new_agency_and_the_contact_centre_see_where_they_live(landlord, client_of):
    person = moved(landlord, days_ago=30)
    for unit, role in (("south", "agent"), ("head", "call_taker")):
        page = client_of(unit, role).get(f"/agency/people/{person.pk}/").content.decode()
        assert "rue du Sud" in page
        assert WORDS in page or "Fuite" in page
    south = client_of("south", "agency_manager").get(f"/agency/people/{person.pk}/")
    # The new agency sees its own stock, not where they lived before.
    assert "rue du Lin" not in south.content.decode()


def test_who_lives_here_is_seen_as_before(landlord, client_of):
    person = factories.tenant(landlord["dwelling"])
    factories.contact(person, PHONE)
    page = client_of("north").get(f"/agency/people/{person.pk}/").content.decode()
    assert "06 39 98 76 54" in page.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.weakness("former agency")
def test_who_acts_for_them_is_no_longer_the_former_agencys(landlord, client_of):
    """Neither read, nor ended, nor given: a mandate opens the requests of the new home."""
    person = moved(landlord, days_ago=30)
    mandate = factories.mandate(person, factories.account("ines@example.test"))
    AccountLink.unscoped.create(
        tenant=person,
        user=factories.account("awa.new@example.test"),
        lease=Lease.unscoped.get(reference="S1"),
        asked_at=now(),
        phone=PHONE,
        nonce="n",
        expires_at=now() + timedelta(hours=1),
    )
    given = {
        "proxy_name": "Ines Morel",
        "proxy_email": "autre@example.test",
        "scope": "all",
        "consent": "letter",
        "proof": "L-13",
        "starts": str(localdate()),
        "ends": str(localdate() + timedelta(days=30)),
    }
    page = f"/agency/doubles/person/{person.pk}/"
    for unit, expected in (("north", 404), ("south", 302)):
        client = client_of(unit)
        body = shown(client, page)
        for told in ("Inès Morel", "ines@example.test", "awa.new@example.test"):
            assert (told in body) is (unit == "south"), (unit, told)
        answer = client.post(f"/agency/doubles/mandates/{mandate.pk}/end/")
        assert answer.status_code == expected, unit
        mandate.refresh_from_db()
        assert bool(mandate.revoked_at) is (unit == "south")
        assert client.post(page, given).status_code == expected, unit
        assert person.mandates.count() == (2 if unit == "south" else 1)
