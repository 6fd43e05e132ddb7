"""Staff end a person's access: pages, API, links and sessions refuse at the next request."""

import pytest
from django.test import Client

from portal.clock import now
from portal.models import ApiToken
from requests.claims.models import Claim
from tenants.models import AccessEnd, Mandate, Occupancy, Tenant
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
    lease,
    opens,
    person,
)
from tests.requests.views.household import seen_anywhere, signed_in

pytestmark = pytest.mark.long


@pytest.fixture
def staff(landlord) -> Client:
    client = Client()
    client.force_login(factories.member(landlord["north"], "agent").user)
    return client


@pytest.fixture
def claims(people) -> dict[str, Claim]:
    """Awa's leak, which the home shares, and Ben's own."""
    return {"author": file_leak(people["author"]), "joint": file_leak(people["joint"])}


def end(staff: Client, who: Tenant, reason: str = "Séparés, parti le 3") -> None:
    answer = staff.post(f"/agency/people/{who.pk}/end-access/", {"reason": reason})
    assert answer.status_code == 302


@pytest.mark.weakness("former occupant")
def test_everything_refuses_at_the_next_request(people, claims, staff):
    ben, account = people["joint"], people["joint"].user
    open_session, caller = signed_in(ben), Caller(account)
    shared, own = claims["author"], claims["joint"]
    copied = {claim: claim.token for claim in claims.values()}
    assert open_session.get(f"/my/{shared.pk}/").status_code == 200
    assert caller.get(f"claims/{own.pk}/").status_code == 200

    end(staff, ben)

    assert open_session.get("/my/").status_code == 302  # signed out, with the session he had
    assert caller.get("claims/").status_code == 401  # and his key no longer signs in
    account.refresh_from_db()
    again, key = Client(), Caller(account)
    again.force_login(account)
    before = [(fresh(c).state, c.version, c.messages.count()) for c in claims.values()]
    for claim in claims.values():
        for path in ("", "print/", "qr/", "complain/"):
            assert again.get(f"/my/{claim.pk}/{path}").status_code == 404
        for path in ("write/", "do/withdraw/", "news/", "confidential/", "link/new/"):
            assert again.post(f"/my/{claim.pk}/{path}", {"text": "Bonjour"}).status_code == 404
        assert key.get(f"claims/{claim.pk}/").status_code == 404
        answer = key.post(f"claims/{claim.pk}/comments/", {"text": "Bonjour"})
        assert answer.status_code == 404
        assert opens(claim, copied[claim]) == 410
        body = Client().post(f"/s/{copied[claim]}/write/", {"text": "Bonjour"})
        assert body.status_code == 410
    assert WORDS not in again.get("/my/").content.decode()
    assert key.get("claims/").json()["results"] == []
    assert [(fresh(c).state, c.version, c.messages.count()) for c in claims.values()] == before
    # Who stays reads on.
    assert seen_anywhere(people["author"], shared)


def test_the_bill_in_their_hands_links_them_no_more(people, claims, staff):
    code = lease("B1").bill_code
    end(staff, people["joint"])
    client = signed_in_account("new@example.test")
    answer = client.post("/my/dwelling/", {"code": code, "last_name": "Traoré"})
    assert answer.status_code == 422


def signed_in_account(email: str) -> Client:
    client = Client()
    client.force_login(factories.account(email))
    return client


def test_mandates_end_that_they_gave_and_that_they_hold_at_home(people, claims, staff):
    friend = factories.account("friend@example.test")
    given = factories.mandate(people["joint"], friend)
    held = factories.mandate(people["author"], people["joint"].user)
    elsewhere = factories.tenant(factories.dwelling(claims["author"].staircase, "14"))
    other = factories.mandate(elsewhere, people["joint"].user)
    end(staff, people["joint"])
    standing = Mandate.objects.system("test").in_force(TODAY)
    assert list(standing) == [other]
    assert {given.pk, held.pk} & set(standing.values_list("pk", flat=True)) == set()


def test_the_trail_says_who_and_why_and_undoing_gives_it_back(people, claims, staff):
    ben, own = people["joint"], claims["joint"]
    former = own.token
    stay = ben.occupancies.get()
    end(staff, ben)
    row = AccessEnd.objects.system("test").get()
    page = staff.get(f"/agency/people/{ben.pk}/").content.decode()
    assert "Séparés, parti le 3" in page
    assert "Sonia" in page
    assert own.events.get(name="link_closed").why == "Séparés, parti le 3"
    assert staff.post(f"/agency/access-ends/{row.pk}/undo/").status_code == 302
    stay.refresh_from_db()
    assert stay.ends is None
    ben.refresh_from_db()
    assert ben.user is not None
    assert seen_anywhere(ben, own)
    assert opens(fresh(own)) == 200
    assert opens(own, former) == 410
    assert AccessEnd.objects.system("test").get().undone_by is not None
    staff.post(f"/agency/access-ends/{row.pk}/undo/")  # twice is once
    assert opens(fresh(own)) == 200


def test_the_next_import_gives_nothing_back(people, claims, staff, rents):
    end(staff, people["joint"])
    rents(AWA, BEN, LEA)
    stay = Occupancy.unscoped.get(tenant=people["joint"])
    assert stay.ends == TODAY - DAY
    assert Tenant.objects.system("test").get(pk=people["joint"].pk).user is None
    assert opens(claims["joint"]) == 410


def test_a_reason_is_needed(people, claims, staff):
    answer = staff.post(f"/agency/people/{people['joint'].pk}/end-access/", {"reason": " "})
    assert answer.status_code == 422
    assert not AccessEnd.objects.system("test").exists()
    assert seen_anywhere(people["joint"], claims["joint"])


def test_only_who_sees_the_home_ends_it(people, claims, landlord):
    where = f"/agency/people/{people['joint'].pk}/end-access/"
    for unit, role, expected in (
        ("south", "agent", 404),
        ("north", "caretaker", 403),
        ("north", "contractor", 403),
        ("head", "call_taker", 302),
    ):
        client = Client()
        client.force_login(factories.member(landlord[unit], role).user)
        answer = client.post(where, {"reason": "Parti"})
        assert answer.status_code == expected, role
    assert AccessEnd.objects.system("test").count() == 1
    row = AccessEnd.objects.system("test").get()
    south = Client()
    south.force_login(factories.member(landlord["south"], "agency_manager").user)
    assert south.post(f"/agency/access-ends/{row.pk}/undo/").status_code == 404


def test_an_agency_that_they_left_does_not_end_their_new_home(people, landlord, staff, rents):
    """Ben lives in the south now; the north still knows that he lived there."""
    south = factories.home_of(landlord["south"])
    ended = AWA + BEN.replace(";;cotitulaire", f";{TODAY - 5 * DAY:%d/%m/%Y};cotitulaire")
    moved = f"B7;{south.natural_key};T2;Ben;Traoré;;0639980002;15/11/2026;;titulaire\n"
    rents(ended, moved, LEA)
    ben = person("T2")
    assert ben.occupancies.in_force(TODAY).get().lease.dwelling == south
    answer = staff.post(f"/agency/people/{ben.pk}/end-access/", {"reason": "Parti"})
    assert answer.status_code == 404
    assert signed_in(ben).get("/my/").status_code == 200
    assert not ApiToken.objects.in_force(now()).exists()
    assert now() > moments.MOMENT
