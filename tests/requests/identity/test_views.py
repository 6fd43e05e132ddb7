"""Test the desks' pages of duplicates: visibility of both records, merge, undo, privacy."""

import uuid

import pytest

from agencies.models import Building, Dwelling, Residence, Staircase
from portal.actor import Actor
from portal.clock import now
from requests.claims.events import Event
from requests.filing.actions import Filing, file_claim
from requests.identity import doubles
from tenants.models import Distinct, IdentityMerge, Mandate
from tests import factories

PHONE = "+33612345678"
SECRET = "canari-secret"


@pytest.fixture
def pair(landlord):
    kept = factories.tenant(landlord["dwelling"])
    home = factories.dwelling(landlord["dwelling"].staircase, "13")
    absorbed = factories.tenant(home, first_name="AWA", last_name="Traore")
    for person in (kept, absorbed):
        factories.contact(person, PHONE)
    return kept, absorbed


@pytest.fixture
def elsewhere(landlord):
    """Return a person of the south agency."""
    residence = Residence.objects.create(
        code="r2", name="Les Noyers", unit=landlord["south"], commune="Valmer", postcode="99000"
    )
    building = Building.objects.create(residence=residence, code="A")
    staircase = Staircase.objects.create(building=building, code="1", street="2 rue du Lin")
    home = Dwelling.objects.create(staircase=staircase, natural_key="s1", door="1")
    return factories.tenant(home, first_name="Canari", last_name="Sudiste")


@pytest.fixture
def agent(client, landlord):
    member = factories.member(landlord["north"], "agent")
    client.force_login(member.user)
    return member


def url(kept, absorbed, page="") -> str:
    return f"/agency/doubles/{kept.pk}/{absorbed.pk}/{page}"


def filed(tenant, category="PLO-03") -> None:
    home = tenant.occupancies.first().lease.dwelling
    filing = Filing(
        channel="web",
        key=uuid.uuid4().hex,
        category=category,
        tenant=str(tenant.pk),
        dwelling=home.pk,
    )
    return file_claim(filing, actor=Actor.TENANT, now=now())


def confirm(client, kept, absorbed, **more):
    seen = client.get(url(kept, absorbed)).context["form"].initial["seen"]
    body = {"seen": seen, "reason": "Deux dossiers depuis 2022", **more}
    return client.post(url(kept, absorbed, "merge/"), body)


def test_from_the_list_to_the_merge_and_back(client, agent, pair):
    kept, absorbed = pair
    claim = filed(absorbed)
    doubles.sweep()
    page = client.get("/agency/doubles/").content.decode()
    assert url(*sorted(pair, key=lambda t: t.pk)) in page
    answer = confirm(client, kept, absorbed)
    made = IdentityMerge.objects.system("test").get()
    assert (answer.status_code, answer.url) == (302, f"/agency/doubles/merges/{made.key}/")
    assert (made.by, made.reason) == (agent.user, "Deux dossiers depuis 2022")
    claim.refresh_from_db()
    assert claim.tenant == kept
    event = claim.events.get(name=Event.IDENTITY_MERGED)
    assert (event.actor, event.role) == (agent.user, "agent")
    result = client.get(answer.url)
    assert b"/undo/" in result.content
    assert client.get(f"/agency/doubles/person/{absorbed.pk}/").status_code == 404
    assert client.post(f"{answer.url}undo/").status_code == 302
    claim.refresh_from_db()
    assert claim.tenant == absorbed
    assert client.get(f"/agency/doubles/person/{absorbed.pk}/").status_code == 200
    assert client.post(f"{answer.url}undo/").status_code == 409


def test_a_get_merges_nothing(client, agent, pair):
    client.get(url(*pair))
    assert client.get(url(*pair, "merge/")).status_code == 405
    assert not IdentityMerge.objects.system("test").exists()


def test_no_reason_no_merge_and_nothing_typed_is_lost(client, agent, pair):
    answer = confirm(client, *pair, reason=" ")
    assert answer.status_code == 422
    assert "id_reason" in answer.content.decode()
    assert not IdentityMerge.objects.system("test").exists()


def test_changed_since_it_was_read_is_a_409_with_the_reason_kept(client, agent, pair):
    kept, absorbed = pair
    seen = client.get(url(kept, absorbed)).context["form"].initial["seen"]
    filed(absorbed)
    body = {"seen": seen, "reason": "Elle me l'a dit"}
    answer = client.post(url(kept, absorbed, "merge/"), body)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Elle me l&#x27;a dit" in page
    assert seen not in page
    assert not IdentityMerge.objects.system("test").exists()


def test_the_slower_of_two_is_told_who_was_faster(client, agent, pair):
    kept, absorbed = pair
    seen = client.get(url(kept, absorbed)).context["form"].initial["seen"]
    body = {"seen": seen, "reason": "x"}
    assert client.post(url(kept, absorbed, "merge/"), body).status_code == 302
    for both in ((kept, absorbed), (absorbed, kept)):
        assert client.post(url(*both, "merge/"), body).status_code == 409
    assert IdentityMerge.objects.system("test").count() == 1


@pytest.mark.parametrize("order", [0, 1])
def test_both_sides_must_be_visible(client, agent, pair, elsewhere, order):
    both = [pair[0], elsewhere][:: 1 - 2 * order]
    for method, page in (("get", ""), ("post", "merge/"), ("post", "different/")):
        answer = getattr(client, method)(url(*both, page), {"seen": "x", "reason": "x"})
        assert answer.status_code == 404
        assert b"Sudiste" not in answer.content
    assert client.get(f"/agency/doubles/person/{elsewhere.pk}/").status_code == 404
    assert b"Sudiste" not in client.get("/agency/doubles/?name=Canari").content
    assert not IdentityMerge.objects.system("test").exists()


def test_a_merge_across_agencies_is_head_office_s_to_undo(client, landlord, pair, elsewhere):
    office = factories.member(landlord["head"], "head_office")
    client.force_login(office.user)
    answer = confirm(client, pair[0], elsewhere)
    assert answer.status_code == 302
    client.force_login(factories.member(landlord["north"], "agent").user)
    assert client.get(answer.url).status_code == 404
    assert client.post(f"{answer.url}undo/").status_code == 404
    client.force_login(office.user)
    assert client.post(f"{answer.url}undo/").status_code == 302


def test_confidential_claims_are_named_nowhere(client, agent, pair):
    kept, absorbed = pair
    factories.category(
        "VOI-09", "A2", "agency_clientele", sensitive=True, label_fr=SECRET, label_en=SECRET
    )
    filed(absorbed, "VOI-09")
    for path in (url(kept, absorbed), f"/agency/doubles/person/{absorbed.pk}/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert SECRET.encode() not in answer.content
    assert client.get(url(kept, absorbed)).context["moving"] == 0


def test_two_people_are_declared_once(client, agent, pair):
    assert client.post(url(*pair, "different/")).status_code == 302
    assert client.post(url(*pair[::-1], "different/")).status_code == 302
    assert Distinct.unscoped.count() == 1
    assert list(client.get("/agency/doubles/").context["page_obj"]) == []


def test_a_refused_pair_cannot_be_merged(client, agent, pair):
    kept, absorbed = pair
    for number, person in enumerate(pair):
        person.user = factories.account(f"{number}@example.test")
        person.save()
    page = client.get(url(kept, absorbed))
    assert page.context["refusals"]
    assert b"/merge/" not in page.content
    body = {"seen": page.context["form"].initial["seen"], "reason": "x"}
    assert client.post(url(kept, absorbed, "merge/"), body).status_code == 422


MANDATE = {
    "proxy_name": "Inès Morel",
    "proxy_email": "Ines@example.test",
    "scope": "ordinary",
    "ends": "",
    "consent": "counter",
    "proof": "F-33",
}


def test_staff_note_a_mandate_on_paper_and_end_it(client, agent, pair, elsewhere):
    page = f"/agency/doubles/person/{pair[0].pk}/"
    ends = client.get(page).context["form"].fields["ends"].initial
    assert client.post(page, {**MANDATE, "ends": ends, "proof": ""}).status_code == 422
    late = ends.replace(year=ends.year + 2)
    answer = client.post(page, {**MANDATE, "ends": late})
    assert answer.status_code == 422
    assert "ends" in answer.context["form"].errors
    assert client.post(page, {**MANDATE, "ends": ends}).status_code == 302
    made = Mandate.objects.system("test").get()
    assert (made.consent, made.proof, made.proxy_email) == ("counter", "F-33", "ines@example.test")
    assert made.consent_at
    assert made.proxy is None
    foreign = factories.mandate(elsewhere, None)
    assert client.post(f"/agency/doubles/mandates/{foreign.pk}/end/").status_code == 404
    assert client.post(f"/agency/doubles/mandates/{made.pk}/end/").status_code == 302
    made.refresh_from_db()
    assert made.revoked_by == agent.user


def test_any_two_people_can_be_compared(client, agent, pair, elsewhere):
    page = client.get(f"/agency/doubles/?with={pair[0].pk}&name=traore").content.decode()
    assert url(*pair) in page
    assert url(pair[0], pair[0]) not in page
    for wrong in ("x", elsewhere.pk):
        answer = client.get(f"/agency/doubles/?with={wrong}&name=a")
        assert answer.context["chosen"] is None
