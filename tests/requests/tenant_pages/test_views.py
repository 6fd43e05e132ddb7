"""The signed-in tenant's space, and its walls: another household is a 404."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from tests import factories

pytestmark = pytest.mark.long

BILL = "AB12CD34"


@pytest.fixture
def awa(landlord):
    return factories.tenant(landlord["dwelling"], email="awa@example.test", bill_code=BILL)


@pytest.fixture
def neighbour(landlord):
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    return factories.tenant(home, email="luc@example.test", first_name="Luc", last_name="Petit")


def filed(tenant, key="k", category="PLO-03", **fields) -> Claim:
    home = tenant.occupancies.get().lease.dwelling
    filing = Filing(
        channel="web",
        key=key,
        category=category,
        tenant=str(tenant.pk),
        **{"dwelling": home.pk, **fields},
    )
    return file_claim(filing, actor=Actor.TENANT, now=now())


PAGES = ["", "print/", "qr/"]
MOVES = ["write/", "do/withdraw/", "do/say_fixed/", "do/not_sure/", "do/reopen/"]


@pytest.mark.parametrize("path", PAGES)
def test_my_claim_is_mine_and_a_404_for_the_neighbour(client, awa, neighbour, path):
    claim = filed(awa)
    client.force_login(awa.user)
    assert client.get(f"/my/{claim.pk}/{path}").status_code == 200
    client.force_login(neighbour.user)
    assert client.get(f"/my/{claim.pk}/{path}").status_code == 404
    assert client.get(f"/my/{uuid.uuid4()}/{path}").status_code == 404


@pytest.mark.parametrize("path", MOVES)
def test_the_neighbour_moves_nothing(client, awa, neighbour, path):
    claim = filed(awa)
    client.force_login(neighbour.user)
    assert client.post(f"/my/{claim.pk}/{path}", {"text": "x"}).status_code == 404
    claim.refresh_from_db()
    assert (claim.state, claim.messages.count()) == ("received", 0)


def test_strangers_go_to_the_sign_in_page_and_staff_are_refused(client, awa, landlord):
    claim = filed(awa)
    for path in ("/my/", "/my/dwelling/", f"/my/{claim.pk}/"):
        assert client.get(path).status_code == 302
    client.force_login(factories.member(landlord["north"], "agent").user)
    assert client.get("/my/").status_code == 403


def test_a_former_tenant_sees_nothing_new_of_the_dwelling(client, awa, landlord):
    claim = filed(awa)
    former = factories.tenant(landlord["dwelling"], email="ex@example.test", last_name="Ancien")
    former.occupancies.update(ends="2021-01-01")
    client.force_login(former.user)
    assert client.get(f"/my/{claim.pk}/").status_code == 404
    assert client.get("/my/").context["homes"] == []


def test_login_shows_the_address_that_the_link_hides(client, awa):
    claim = filed(awa)
    client.force_login(awa.user)
    assert "1 rue du Lin" in client.get(f"/my/{claim.pk}/").content.decode()
    assert "1 rue du Lin" not in client.get(f"/s/{claim.token}/").content.decode()


def test_home_says_whose_turn_it_is_first(client, awa):
    claim = filed(awa)
    Claim.objects.system("test").update(state="done")
    client.force_login(awa.user)
    page = client.get("/my/").content.decode()
    order = ["/file/", 'class="door"', f"/my/{claim.pk}/", 'id="claims"']
    positions = [page.index(part) for part in order]
    assert positions == sorted(positions)


def test_my_building_shows_shared_faults_without_anybody(client, awa, neighbour):
    factories.category("ASC-02", "U2", "oncall", collective=True, label_fr="Ascenseur arrêté")
    factories.category("VOI-01", "U2", "crc", asset="building", label_fr="Tapage")
    theirs = filed(neighbour, "a", "ASC-02", words="SECRET", place_note="chez Petit")
    filed(neighbour, "b", "VOI-01", words="BRUIT")
    filed(neighbour, "c")
    Claim.objects.system("test").filter(pk=theirs.pk).update(state="waiting_tenant")
    client.force_login(awa.user)
    answer = client.get("/my/")
    page = answer.content.decode()
    assert [i.what for i in answer.context["incidents"]] == ["Ascenseur arrêté"]
    assert answer.context["incidents"][0].state == "in_review"
    for secret in ("SECRET", "Petit", "BRUIT", "Tapage", str(theirs.pk), theirs.reference):
        assert secret not in page


def test_what_i_joined_is_no_news_of_the_building(client, awa, neighbour):
    factories.category("ASC-02", "U2", "oncall", collective=True)
    theirs = filed(neighbour, "a", "ASC-02")
    filed(awa, "b", "ASC-02", same_as=str(theirs.pk))
    client.force_login(awa.user)
    assert client.get("/my/").context["incidents"] == []


def test_claims_are_paged_and_searched(client, awa, django_assert_max_num_queries):
    for number in range(23):
        filed(awa, f"k{number}", words="chaudière" if number == 7 else "")
    client.force_login(awa.user)
    assert len(client.get("/my/").context["page_obj"].object_list) == 10
    assert len(client.get("/my/?page=3").context["page_obj"].object_list) == 3
    assert client.get("/my/?q=chaudière").context["page_obj"].paginator.count == 1
    reference = Claim.objects.system("test").first().spoken_reference
    assert client.get("/my/", {"q": reference}).context["page_obj"].paginator.count == 1
    assert client.get("/my/?q=zzz").context["page_obj"].paginator.count == 0
    with django_assert_max_num_queries(16):
        client.get("/my/")


def test_writing_by_login_names_the_author(client, awa):
    claim = filed(awa)
    client.force_login(awa.user)
    client.post(f"/my/{claim.pk}/write/", {"text": "Bonjour"})
    assert claim.messages.get().author == awa.user


# Linking a dwelling


@pytest.fixture
def visitor(landlord):
    return factories.account("nouvelle@example.test")


@pytest.fixture
def unlinked(landlord):
    return factories.tenant(landlord["dwelling"], bill_code=BILL, last_name="Le-Bihan")


def link(client, code=BILL, last_name="Le Bihan"):
    return client.post("/my/dwelling/", {"code": code, "last_name": last_name})


def test_code_and_name_link_the_account(client, unlinked, visitor):
    client.force_login(visitor)
    assert link(client, "ab12-cd 34", "LE BIHAN").url == "/my/"
    unlinked.refresh_from_db()
    assert unlinked.user == visitor
    assert client.get("/my/").context["homes"] != []


@pytest.mark.parametrize(
    ("code", "name"), [("AB12CD35", "Le Bihan"), (BILL, "Martin"), (BILL, "%"), ("%", "Le Bihan")]
)
def test_a_wrong_code_and_a_wrong_name_get_the_same_answer(client, unlinked, visitor, code, name):
    client.force_login(visitor)
    answer = link(client, code, name)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["code"]
    assert f'value="{name}"' in answer.content.decode()
    unlinked.refresh_from_db()
    assert unlinked.user is None


def test_the_sixth_try_in_an_hour_is_refused_even_with_the_right_code(client, unlinked, visitor):
    client.force_login(visitor)
    for _ in range(5):
        link(client, "WRONG")
    answer = link(client)
    assert answer.status_code == 422
    unlinked.refresh_from_db()
    assert unlinked.user is None


def test_tries_are_counted_by_address_too(client, unlinked, visitor):
    for number in range(5):
        client.force_login(factories.account(f"bot{number}@example.test"))
        link(client, "WRONG")
    client.force_login(visitor)
    assert link(client).status_code == 422


def test_a_dwelling_already_linked_or_left_cannot_be_taken(client, unlinked, visitor):
    client.force_login(visitor)
    unlinked.user = factories.account("deja@example.test")
    unlinked.save()
    assert link(client).status_code == 422
    unlinked.user = None
    unlinked.save()
    unlinked.occupancies.update(ends=timezone.localdate() - timedelta(days=1))
    assert link(client).status_code == 422


def test_a_mere_occupant_is_not_linked_by_the_bill(client, unlinked, visitor):
    unlinked.occupancies.update(capacity="occupant")
    client.force_login(visitor)
    assert link(client).status_code == 422


def test_without_the_bill_a_person_checks(client, visitor):
    factories.category("ADM-14", "A1", "crc")
    client.force_login(visitor)
    key = client.get("/my/dwelling/").context["person"].initial["key"]
    wish = {"key": key, "name": "Awa", "address": "1 rue du Lin"}
    assert client.post("/my/dwelling/check/", {**wish, "address": ""}).status_code == 422
    client.post("/my/dwelling/check/", wish)
    claim = Claim.objects.system("test").get()
    assert (claim.contact_email, claim.tenant) == ("nouvelle@example.test", None)
    assert "nouvelle@example.test" in claim.words
