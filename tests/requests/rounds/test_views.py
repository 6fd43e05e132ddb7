"""The round: who sees what, and what is sent."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate

from agencies.models import Building, Equipment, Residence
from requests.attachments.models import Attachment
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.rounds import views
from tests import factories
from tests.requests.rounds.helpers import JSON, WORDS, claims, done, filed, photo, post


def test_the_scope_is_the_own_sector(place):
    mine, far = filed(place["dwelling"]), filed(place["far_home"])
    seen = Claim.objects.for_caretaker(place["karim"])
    assert list(seen) == [mine]
    whole = factories.caretaker(place["south"])
    assert not Claim.objects.for_caretaker(whole).exists()
    whole.unit = place["north"]
    assert set(Claim.objects.for_caretaker(whole)) == {mine, far}


@pytest.mark.parametrize("role", ["agent", "admin", "tenant_representative"])
def test_no_other_role_has_a_round(place, role):
    filed(place["dwelling"])
    assert not Claim.objects.for_caretaker(factories.member(place["north"], role)).exists()
    assert not Claim.objects.for_caretaker(None).exists()


def test_of_a_household_only_fault_door_and_date_are_shown(karim, place):
    filed(place["dwelling"])
    body = karim.get(reverse("round:home")).content.decode()
    assert "Fuite" in body
    assert "12" in body
    assert WORDS not in body


def test_a_typed_address_does_not_make_a_household_public(karim, place):
    filed(building=place["building"], category="PLO-03")  # the fault is in a dwelling
    body = karim.get(reverse("round:home")).content.decode()
    assert "Fuite" in body
    assert WORDS not in body


def test_paperwork_is_not_for_the_caretaker(karim, place):
    factories.category("LOY-01", "A2", "agency_clientele", label_fr="Difficulté à payer")
    filed(place["dwelling"], category="LOY-01")
    assert "Difficulté" not in karim.get(reverse("round:home")).content.decode()


def test_words_about_shared_parts_are_shown(karim, place):
    filed(building=place["building"], category="COM-01")
    assert WORDS in karim.get(reverse("round:home")).content.decode()


def test_sensitive_claims_are_never_shown(karim, place):
    factories.common_fault("VOI-01", sensitive=True, label_fr="Violences")
    filed(building=place["building"], category="VOI-01")
    body = karim.get(reverse("round:home")).content.decode()
    assert "Violences" not in body
    assert WORDS not in body


def test_the_shell_and_the_offline_page_hold_nobodys_claim(karim, place):
    filed(building=place["building"], category="COM-01")
    for name in ("shell", "offline"):
        body = karim.get(reverse(f"round:{name}")).content.decode()
        assert WORDS not in body
        assert "Fuite" not in body


def test_other_buildings_are_not_there(karim, place):
    lift = Equipment.objects.create(building=place["far"], kind="lift", label="Ascenseur")
    stairs = place["far_home"].staircase
    for name, pk in (
        ("building", place["far"].pk),
        ("sheet", place["far"].pk),
        ("equipment", lift.pk),
        ("qr", stairs.pk),
    ):
        assert karim.get(reverse(f"round:{name}", args=[pk])).status_code == 404
    assert karim.post(reverse("round:equipment", args=[lift.pk]), {}).status_code == 404
    assert post(karim, building=place["far"].pk).status_code == 404
    far = done(place, dwelling=place["far_home"])
    assert post(karim, kind="check", claim=far.pk, fixed="yes").status_code == 404
    stranger = {"building": place["building"].pk, "dwelling": place["far_home"].pk}
    assert post(karim, kind="tenant", **stranger, category="PLO-03").status_code == 422
    assert not claims().filter(channel="round").exists()


def test_a_report_is_filed_with_its_photo(karim, place):
    answer = post(karim, building=place["building"].pk, words="hall", photos=[photo()])
    assert answer.status_code == 200
    claim = claims().get(channel="round")
    assert answer.json() == {"reference": claim.spoken_reference}
    assert claim.building == place["building"]
    assert claim.attachments.count() == 1
    assert claim.events.get(name=Event.FILED).actor == place["karim"].user


def test_the_same_item_sent_again_gets_the_same_receipt(karim, place):
    item = {"key": str(uuid.uuid4()), "building": place["building"].pk, "words": "hall"}
    first = post(karim, **item, photos=[photo()])
    again = post(karim, **item, photos=[photo()])
    assert first.json() == again.json()
    assert claims().filter(channel="round").count() == 1
    assert Attachment.unscoped.count() == 1


def test_a_key_with_other_words_is_refused(karim, place):
    item = {"key": str(uuid.uuid4()), "building": place["building"].pk}
    post(karim, **item, words="hall")
    assert post(karim, **item, words="cave").status_code == 422
    assert claims().filter(channel="round").count() == 1


def test_a_key_belongs_to_its_account(karim, place):
    item = {"key": str(uuid.uuid4()), "building": place["building"].pk}
    first = post(karim, **item)
    other = factories.account("lea@example.test")
    place["karim"].pk, place["karim"].user = None, other
    place["karim"].save()
    karim.force_login(other)
    assert post(karim, **item).json() != first.json()


def test_a_hostile_file_is_refused_and_nothing_is_filed(karim, place):
    svg = SimpleUploadedFile("photo.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    answer = post(karim, building=place["building"].pk, photos=[photo("bonne.jpg"), svg])
    assert answer.status_code == 422
    assert "photo.jpg" in answer.json()["why"]
    assert not claims().exists()
    assert not Attachment.unscoped.exists()


def test_an_ended_session_answers_401_to_the_outbox(client, place):
    assert post(client, building=place["building"].pk).status_code == 401
    assert client.get(reverse("round:token"), headers=JSON).status_code == 401


def test_the_token_says_whose_session_it_is(karim, place):
    answer = karim.get(reverse("round:token"), headers=JSON).json()
    assert answer["owner"] == str(place["karim"].user_id)
    assert answer["token"]


def test_a_post_without_token_is_refused(place):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(place["karim"].user)
    assert post(strict, building=place["building"].pk).status_code == 403
    token = strict.get(reverse("round:token")).json()["token"]
    answer = strict.post(
        reverse("round:send"),
        {"key": str(uuid.uuid4()), "category": "COM-01", "building": place["building"].pk},
        headers={**JSON, "X-CSRFToken": token},
    )
    assert answer.status_code == 200


def test_without_javascript_the_form_gives_pages(karim, place):
    data = {"key": str(uuid.uuid4()), "building": place["building"].pk, "words": "hall"}
    wrong = karim.post(reverse("round:send"), data)
    assert wrong.status_code == 422
    assert "hall" in wrong.content.decode()
    right = karim.post(reverse("round:send"), {**data, "category": "COM-01"})
    assert right.status_code == 302
    claim = claims().get(channel="round")
    assert claim.spoken_reference in karim.get(right.url).content.decode()


def test_without_javascript_a_refused_check_keeps_its_words(karim, place):
    claim = done(place, dwelling=place["dwelling"])
    data = {"kind": "check", "key": str(uuid.uuid4()), "claim": claim.pk, "fixed": "no"}
    bare = karim.post(reverse("round:send"), data)
    assert bare.status_code == 422
    assert f'href="#words-{claim.pk}"' in bare.content.decode()
    svg = SimpleUploadedFile("photo.jpg", b"<svg/>", content_type="image/jpeg")
    answer = karim.post(reverse("round:send"), {**data, "words": "ça goutte", "photos": [svg]})
    assert answer.status_code == 422
    assert "ça goutte</textarea>" in answer.content.decode()


def test_for_a_tenant_the_claim_is_the_tenants(karim, place):
    awa = factories.tenant(place["dwelling"], email="awa@example.test")
    awa.contact_points.create(kind="email", value="awa@example.test", preferred=True)
    page = karim.get(reverse("round:tenant")).content.decode()
    assert "Traoré" not in page
    where = {"building": place["building"].pk, "dwelling": place["dwelling"].pk}
    assert post(karim, kind="tenant", **where, category="PLO-03").status_code == 200
    claim = claims().get(channel="round")
    assert (claim.tenant, claim.contact_email) == (awa, "awa@example.test")
    assert Claim.objects.of_user(awa.user, localdate()).get() == claim


def test_who_has_many_buildings_searches_for_those_that_are_not_listed(client, place, monkeypatch):
    monkeypatch.setattr(views, "MOST_BUILDINGS", 2)
    residence = Residence.objects.get(pk=place["building"].residence_id)
    late = Residence.objects.create(
        code="r9", name="Zénith", unit=place["north"], commune="Valmer", postcode="99000"
    )
    for number in range(3):
        Building.objects.create(residence=residence, code=f"C{number}")
    last = Building.objects.create(residence=late, code="Z")
    place["karim"].sectors.clear()
    client.force_login(place["karim"].user)

    def shown(**query) -> tuple[list[str], int]:
        page = client.get(reverse("round:home"), query).context
        return [building.code for building in page["buildings"]], page["place"].pk

    assert last.code not in shown()[0]
    assert "un autre de vos bâtiments" in client.get(reverse("round:home")).content.decode()
    assert shown(find="zénith") == (["Z"], last.pk)
    codes, chosen = shown(at=last.pk)
    assert (codes[0], len(codes), chosen) == ("Z", 2, last.pk)
    foreign = Building.objects.exclude(residence__unit=place["north"]).first()
    assert foreign is None or shown(at=foreign.pk)[1] != foreign.pk
    assert shown(find="nowhere") == shown()
