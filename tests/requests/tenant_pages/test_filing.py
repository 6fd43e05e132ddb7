"""Filing by plain pages, without account or script: every branch, and nothing typed is lost."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from requests.attachments.models import Attachment
from requests.catalogue.models import Category, Family
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing.models import Draft
from requests.tenant_pages.filing import place
from tests import factories
from tests.requests.tenant_pages import walk

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(name="évier.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def test_five_steps_file_one_claim(client, landlord):
    answer = walk.file(client)
    claim = Claim.objects.system("test").get()
    assert answer.url == f"/s/{claim.token}/"
    page = client.get(answer.url).content.decode()
    assert claim.spoken_reference in page
    assert "Awa" not in page
    assert client.post("/file/check/").url == "/file/"
    assert Claim.objects.system("test").count() == 1


def test_the_sent_page_promises_a_date_even_before_routing(client, landlord):
    answer = walk.file(client)
    claim = Claim.objects.system("test").get()
    assert claim.promise_at is None
    page = client.get(answer.url)
    assert page.context["promise"] > claim.filed_at
    assert page.context["sent"] is True


def test_the_danger_numbers_are_on_the_first_page(client, landlord, settings):
    page = client.get("/file/").content.decode()
    numbers = ("tel:18", "tel:112", "tel:0800473333", "sms:114")
    assert all(number in page for number in numbers)
    assert settings.PALIER_PHONE in page


def test_the_faults_are_one_group_named_by_the_only_heading(client, landlord):
    page = client.get("/file/fault/water/").content.decode()
    assert page.count("<h1") == 1
    assert "<legend><h1>" in page


def test_nothing_chosen_is_said_and_the_page_comes_back(client, landlord):
    for path in ("/file/", "/file/fault/water/"):
        answer = client.post(path, {})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()


def test_danger_comes_before_any_form_with_the_faults_own_advice_first(client, landlord):
    Category.objects.filter(code="GAZ-01").update(safety_advice_fr="Sortez tous.")
    answer = client.post("/file/fault/water/", {"category": "GAZ-01"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/file/danger/", 302)]
    assert page.index("Sortez tous.") < page.index("tel:112") < page.index("/file/where/")


def test_something_else_lists_families_then_faults(client, landlord):
    factories.category(
        "VOI-01",
        "U2",
        "crc",
        tile="other",
        family=Family.objects.create(code="VOI", label_fr="Voisinage", label_en="N", tile="other"),
    )
    page = client.get("/file/fault/other/").content.decode()
    assert "Voisinage" in page
    assert "Plomberie" not in page
    assert client.post("/file/fault/other/", {"family": "VOI"}).url == "/file/family/VOI/"
    assert client.post("/file/family/VOI/", {"category": "VOI-01"}).url == "/file/where/"
    assert client.get("/file/family/PLO/").status_code == 404


def test_search_finds_without_accents_and_files(client, landlord):
    Category.objects.filter(code="PLO-03").update(plain_language_fr="Mon évier est bouché")
    assert "Mon évier" in client.get("/file/search/?q=EVIER bouche").content.decode()
    answer = client.post("/file/search/?q=evier", {"category": "PLO-03"})
    assert answer.url == "/file/where/"
    none = client.get("/file/search/", {"q": "<b>zzz"})
    assert none.status_code == 200
    assert "<b>zzz" not in none.content.decode()


# Normally yours


@pytest.fixture
def upkeep(landlord):
    return factories.category(
        "PLO-15", "U4", "crc", responsible="tenant", legal_source="D87-712 IV-e [v]; OPH31 U2"
    )


def test_normally_yours_gives_the_reason_and_is_never_a_refusal(client, upkeep):
    answer = client.post("/file/fault/water/", {"category": "PLO-15"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/file/yours/"
    page = answer.content.decode()
    assert "87-712" in page
    assert "OPH31" not in page
    assert client.post("/file/yours/", {"choice": "anyway"}).url == "/file/where/"
    walk.after_fault(client)
    claim = Claim.objects.system("test").get()
    assert claim.category == upkeep
    assert claim.events.get(name=Event.FILED).facts == {"sent_anyway": True}


def test_normally_yours_cannot_be_skipped_by_address(client, upkeep):
    client.post("/file/fault/water/", {"category": "PLO-15"})
    walk.after_fault(client)
    assert client.post("/file/check/").url == "/file/yours/"
    assert not Claim.objects.system("test").exists()


def test_normally_yours_leads_to_a_question(client, upkeep):
    factories.category("ADM-14", "A1", "crc", tile="other")
    client.post("/file/fault/water/", {"category": "PLO-15"})
    assert client.post("/file/yours/", {"choice": "question"}).url == "/file/where/"
    walk.after_fault(client)
    claim = Claim.objects.system("test").get()
    assert claim.category.code == "ADM-14"
    assert claim.events.get(name=Event.FILED).facts == {}


def test_paperwork_is_nobodys_upkeep(client, landlord):
    factories.category("LOY-01", "A2", "crc", responsible="tenant")
    assert client.post("/file/fault/water/", {"category": "LOY-01"}).url == "/file/where/"


# Where, and "already reported?"


def test_neighbours_see_the_fault_and_nothing_personal(client, lift):
    client.post("/file/fault/water/", {"category": "ASC-02"})
    answer = client.post("/file/where/", {"address": "1, Rue du Lin 99000 Valmer, porte 3"})
    assert answer.url == "/file/already/"
    page = client.get(answer.url).content.decode()
    assert "Ascenseur arrêté" in page
    for secret in ("SECRET", "Voisin", "0611111111", "porte 42", lift.token, lift.reference):
        assert secret not in page


def test_one_fault_that_many_reported_is_offered_once(client, lift, landlord):
    walk.report_lift(landlord, "another", walk.MOMENT + timedelta(hours=1))
    client.post("/file/fault/water/", {"category": "ASC-02"})
    client.post("/file/where/", {"address": "1 rue du Lin"})
    (only,) = client.get("/file/already/").context["incidents"]
    assert only.pk == lift.pk
    assert only.since == lift.filed_at
    assert len(only.claims) == 2


def test_the_typed_address_is_looked_up_once_a_page(client, lift, monkeypatch):
    asked = []
    real = place.recognise
    monkeypatch.setattr(place, "recognise", lambda typed: asked.append(typed) or real(typed))
    client.post("/file/fault/water/", {"category": "ASC-02"})
    assert client.post("/file/where/", {"address": "1 rue du Lin"}).url == "/file/already/"
    client.get("/file/already/")
    assert asked == ["1 rue du Lin"] * 2


def test_me_too_files_ones_own_claim_that_follows(client, lift):
    client.post("/file/fault/water/", {"category": "ASC-02"})
    client.post("/file/where/", {"address": "1 rue du Lin"})
    assert client.post("/file/already/", {}).status_code == 422
    assert client.post("/file/already/", {"same": str(lift.pk)}).url == "/file/words/"
    client.post("/file/words/", {})
    client.post("/file/reach/", {"name": "Awa", "phone": "0612345678"})
    client.post("/file/check/")
    mine = Claim.objects.system("test").exclude(pk=lift.pk).get()
    assert mine.follows == lift
    assert mine.staircase == lift.staircase
    assert mine.token != lift.token


def test_mine_is_another_and_a_foreign_id_joins_nothing(client, lift):
    client.post("/file/fault/water/", {"category": "ASC-02"})
    client.post("/file/where/", {"address": "1 rue du Lin"})
    foreign = {"same": "00000000-0000-4000-8000-000000000000"}
    assert client.post("/file/already/", foreign).status_code == 422
    assert client.post("/file/already/", {"same": "another"}).url == "/file/words/"
    walk.after_fault(client, address="1 rue du Lin")
    client.post("/file/already/", {"same": "another"})
    client.post("/file/check/")
    assert Claim.objects.system("test").exclude(pk=lift.pk).get().follows is None


@pytest.mark.parametrize("address", ["rue du Lin", "11 rue du Lin", "1 rue du Lino", "chez moi"])
def test_an_address_that_is_not_exactly_ours_shows_nothing(client, lift, address):
    client.post("/file/fault/water/", {"category": "ASC-02"})
    assert client.post("/file/where/", {"address": address}).url == "/file/words/"


def test_a_fault_at_home_never_shows_the_neighbours(client, lift):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    assert client.post("/file/where/", {"address": "1 rue du Lin"}).url == "/file/words/"


def test_the_place_is_kept_for_the_office(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    where = {"address": "3 place Neuve", "spot": "kitchen", "place": "sous l'évier"}
    client.post("/file/where/", where)
    walk.after_where(client)
    note = Claim.objects.system("test").get().place_note
    assert note.startswith("3 place Neuve · ")
    assert note.endswith(" · sous l'évier")


# Photos and description


def test_a_refused_file_costs_neither_words_nor_other_files(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    svg = SimpleUploadedFile("plan.svg", b"<svg/>")
    sent = {"words": "Ça coule fort", "photos": [photo(), svg]}
    answer = client.post("/file/words/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ça coule fort" in page
    assert "plan.svg" in page
    assert "évier.jpg" in page
    walk.after_fault(client, words="Ça coule fort")
    claim = Claim.objects.system("test").get()
    assert [a.name for a in claim.attachments.all()] == ["évier.jpg"]
    assert claim.attachments.get().message == claim.messages.get()


def test_files_are_added_and_removed_without_script(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    answer = client.post("/file/words/", {"words": "Ici", "photos": [photo()], "more": "1"})
    assert answer.url == "/file/words/"
    kept = Attachment.unscoped.get()
    assert client.get(f"/file/photos/{kept.pk}/").status_code == 200
    client.post("/file/words/", {"words": "Ici", "remove": str(kept.pk)})
    assert not Attachment.unscoped.exists()
    assert "Ici" in client.get("/file/words/").content.decode()


def test_another_visitor_neither_sees_nor_sends_my_draft_photo(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/words/", {"photos": [photo()], "more": "1"})
    kept = Attachment.unscoped.get()
    stranger = client.__class__()
    assert stranger.get(f"/file/photos/{kept.pk}/").status_code == 404
    stranger.post("/file/fault/water/", {"category": "PLO-03"})
    stranger.post("/file/words/", {"remove": str(kept.pk)})
    walk.after_fault(stranger)
    kept.refresh_from_db()
    assert kept.claim is None


# How to reach you, check, drafts


def test_what_was_typed_comes_back_with_the_error(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    answer = client.post("/file/reach/", {"name": "Awa"})
    assert answer.status_code == 422
    assert 'value="Awa"' in answer.content.decode()
    wrong = client.post("/file/reach/", {"name": "Awa", "phone": "javascript:1", "email": "a@"})
    assert set(wrong.context["form"].errors) == {"phone", "email"}


def test_half_days_are_kept(client, landlord):
    walk.file(client, availability=["tue_am", "call"])
    assert Claim.objects.system("test").get().availability == ["tue_am", "call"]


def test_change_comes_straight_back_to_the_check_page(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    walk.after_fault(client, send=False)
    page = client.get("/file/check/").content.decode()
    for path in ("/file/", "/file/where/", "/file/words/", "/file/reach/"):
        assert f'href="{path}"' in page
    assert client.post("/file/words/", {"words": "Mieux dit"}).url == "/file/check/"
    assert "Mieux dit" in client.get("/file/check/").content.decode()


def test_another_fault_asks_every_page_again_with_the_answers_filled_in(client, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    walk.after_fault(client, send=False)
    factories.category("PLO-04", "U3", "contractor_direct")
    assert client.post("/file/fault/water/", {"category": "PLO-04"}).url == "/file/where/"
    assert "1 place Neuve" in client.get("/file/where/").content.decode()


def test_a_session_that_expired_loses_no_typed_text(client, landlord):
    assert client.post("/file/words/", {"words": "Tapé longtemps"}).url == "/file/"
    client.post("/file/fault/water/", {"category": "PLO-03"})
    assert "Tapé longtemps" in client.get("/file/words/").content.decode()
    for step in ("where", "words", "reach"):
        assert f'data-draft="file-{step}"' in client.get(f"/file/{step}/").content.decode()


def test_the_draft_of_a_signed_in_person_outlives_the_session(client, landlord):
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    client.force_login(tenant.user)
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/words/", {"words": "Commencé hier"})
    again = client.__class__()
    again.force_login(tenant.user)
    assert "Commencé hier" in again.get("/file/words/").content.decode()
    walk.after_fault(again)
    assert not Draft.unscoped.exists()


def test_a_known_tenant_finds_everything_filled_in(client, landlord):
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    tenant.contact_points.create(kind="phone", value="+33611223344")
    client.force_login(tenant.user)
    client.post("/file/fault/water/", {"category": "PLO-03"})
    where = client.get("/file/where/").content.decode()
    assert "1 rue du Lin, 12" in where
    client.post("/file/where/", {"home": str(landlord["dwelling"].pk)})
    client.post("/file/words/", {})
    reach = client.get("/file/reach/").content.decode()
    for known in ("Awa Traoré", "06 11 22 33 44", "awa@example.test"):
        assert known in reach
    client.post("/file/reach/", {"name": "Awa Traoré", "phone": "06 11 22 33 44"})
    client.post("/file/check/")
    claim = Claim.objects.system("test").get()
    assert (claim.tenant, claim.dwelling) == (tenant, landlord["dwelling"])


def test_nobody_files_for_a_home_that_is_not_theirs(client, landlord):
    tenant = factories.tenant(landlord["dwelling"], email="awa@example.test")
    other = factories.dwelling(landlord["dwelling"].staircase, "99")
    client.force_login(tenant.user)
    client.post("/file/fault/water/", {"category": "PLO-03"})
    assert client.post("/file/where/", {"home": str(other.pk)}).status_code == 422
    stranger = client.__class__()
    stranger.post("/file/fault/water/", {"category": "PLO-03"})
    stranger.post("/file/where/", {"home": str(landlord["dwelling"].pk), "address": "ici"})
    walk.after_where(stranger)
    assert Claim.objects.system("test").get().dwelling is None


def test_call_me_back_files_a_claim(client, landlord):
    factories.category("ADM-14", "A1", "crc")
    page = client.get("/talk/")
    key = page.context["form"].initial["key"]
    wish = {"key": key, "name": "Awa", "phone": "06 12 34 56 78", "best": "mon_am"}
    assert client.post("/talk/", {**wish, "phone": ""}).status_code == 422
    first = client.post("/talk/", wish)
    assert client.post("/talk/", wish).url == first.url
    claim = Claim.objects.system("test").get()
    assert claim.category.code == "ADM-14"
    assert claim.availability == ["mon_am", "call"]


def test_talk_to_someone_is_on_every_tenant_page(client, landlord):
    for path in ("/", "/file/", "/file/fault/water/", "/talk/", "/accessibility/", "/nowhere/"):
        page = client.get(path).content.decode()
        assert page.count('id="talk-title"') == 1, path
