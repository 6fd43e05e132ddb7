"""The round: own buildings only, each item once, files that are photos, checks that propose."""

import uuid
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate
from PIL import Image

from agencies.models import Building, Equipment, Residence, Sector, Staircase
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.equipment.models import EquipmentCorrection
from requests.filing.actions import Filing, file_claim
from requests.rounds import queries as rounds
from tests import factories

JSON = {"accept": "application/json"}
WORDS = "canari-7h2k"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place(landlord) -> dict:
    """A sector with the north's building, another sector with another, and their caretaker."""
    north = landlord["north"]
    mine = Sector.objects.create(unit=north, name="1")
    other = Sector.objects.create(unit=north, name="2")
    home = landlord["dwelling"]
    building = home.staircase.building
    Residence.objects.filter(pk=building.residence_id).update(sector=mine)
    residence = Residence.objects.create(
        code="r2", name="Ailleurs", unit=north, sector=other, commune="Valmer", postcode="99000"
    )
    far = Building.objects.create(residence=residence, code="A")
    stairs = Staircase.objects.create(building=far, code="1", street="9 rue du Lin")
    factories.common_fault()
    return {
        **landlord,
        "building": building,
        "far": far,
        "far_home": factories.dwelling(stairs, "99"),
        "karim": factories.caretaker(north, mine),
    }


@pytest.fixture
def karim(client, place):
    client.force_login(place["karim"].user)
    return client


def photo(name="photo.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def filed(dwelling=None, building=None, category="PLO-03", words=WORDS):
    return file_claim(
        Filing(
            channel="web",
            key=str(uuid.uuid4()),
            category=category,
            words=words,
            contact_name=WORDS,
            dwelling=dwelling.pk if dwelling else None,
            building=building.pk if building else None,
        ),
        actor=Actor.TENANT,
        now=now(),
    )


def done(place, **where):
    claim = filed(**where)
    agent = factories.member(place["north"], "agent")
    for step in ("take_charge", "report_done"):
        advance(claim=claim, transition=step, actor=Actor.member(agent), now=now())
    return claim


def post(client, **data):
    data = {"kind": "report", "key": str(uuid.uuid4()), "category": "COM-01", **data}
    return client.post(reverse("round:send"), data, headers=JSON)


def claims():
    return Claim.objects.system("test")


# Who sees what


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


# Sending


def test_a_report_is_filed_with_its_photo(karim, place):
    answer = post(karim, building=place["building"].pk, words="hall", photos=[photo()])
    assert answer.status_code == 200
    claim = claims().get(channel="round")
    assert answer.json() == {"reference": claim.spoken_reference}
    assert claim.building == place["building"]
    assert claim.attachments.count() == 1
    assert claim.events.get(name="filed").actor == place["karim"].user


def test_the_same_item_sent_again_gets_the_same_receipt(karim, place):
    item = {"key": str(uuid.uuid4()), "building": place["building"].pk, "words": "hall"}
    first = post(karim, **item, photos=[photo()])
    again = post(karim, **item, photos=[photo()])
    assert first.json() == again.json()
    assert claims().filter(channel="round").count() == 1
    assert Attachment.objects.count() == 1


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
    assert not Attachment.objects.exists()


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


# Checking a contractor's work


def test_a_good_check_is_recorded_once_and_closes_nothing(karim, place):
    claim = done(place, dwelling=place["dwelling"])
    assert rounds.claims_of_building(place["karim"], place["building"].pk, now())[0].to_check
    item = {"kind": "check", "key": str(uuid.uuid4()), "claim": claim.pk, "fixed": "yes"}
    assert post(karim, **item).status_code == 200
    assert post(karim, **item).status_code == 200
    claim.refresh_from_db()
    assert claim.state == "done"
    assert claim.events.filter(name="verified").count() == 1
    assert not rounds.claims_of_building(place["karim"], place["building"].pk, now())[0].to_check
    assert post(karim, **{**item, "key": str(uuid.uuid4())}).status_code == 422


def test_a_bad_check_needs_a_word_or_a_photo(karim, place):
    claim = done(place, dwelling=place["dwelling"])
    item = {"kind": "check", "claim": claim.pk, "fixed": "no"}
    assert post(karim, **item).status_code == 422
    assert post(karim, **item, photos=[photo()]).status_code == 200


def test_a_bad_check_is_proposed_to_the_agency_who_reopens(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    item = {"kind": "check", "claim": claim.pk, "fixed": "no", "words": "ça goutte encore"}
    post(karim, **item, photos=[photo()])
    claim.refresh_from_db()
    assert claim.state == "done"
    manager = factories.member(place["north"], "agency_manager")
    client.force_login(manager.user)
    page = client.get(reverse("agency_rounds:index")).content.decode()
    assert "ça goutte encore" in page
    shown = client.get(reverse("agency_rounds:photo", args=[claim.attachments.get().pk]))
    assert shown.status_code == 200
    act = reverse("agency_rounds:decide_check", args=[claim.pk])
    client.post(act, {"way": "reopen"})
    client.post(act, {"way": "reopen"})
    claim.refresh_from_db()
    assert (claim.state, claim.reopened) == ("in_review", 1)
    assert claim.events.filter(name="send_back").count() == 1
    assert "ça goutte encore" not in client.get(reverse("agency_rounds:index")).content.decode()


def test_the_agency_may_keep_it_as_finished(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    post(karim, kind="check", claim=claim.pk, fixed="no", words="bof")
    client.force_login(factories.member(place["north"], "agency_manager").user)
    client.post(reverse("agency_rounds:decide_check", args=[claim.pk]), {"way": "keep"})
    claim.refresh_from_db()
    assert claim.state == "done"
    assert "bof" not in client.get(reverse("agency_rounds:index")).content.decode()


def test_another_agency_decides_nothing_here(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    post(karim, kind="check", claim=claim.pk, fixed="no", words="bof", photos=[photo()])
    client.force_login(factories.member(place["south"], "agent").user)
    assert "bof" not in client.get(reverse("agency_rounds:index")).content.decode()
    act = reverse("agency_rounds:decide_check", args=[claim.pk])
    assert client.post(act, {"way": "reopen"}).status_code == 404
    picture = reverse("agency_rounds:photo", args=[claim.attachments.get().pk])
    assert client.get(picture).status_code == 404


# Equipment


@pytest.fixture
def lift(place):
    return Equipment.objects.create(
        building=place["building"], kind="lift", label="Ascenseur", installed=1990
    )


def correct(client, lift, **values):
    data = {"key": str(uuid.uuid4()), "label": "Ascenseur", "installed": 1990, "contract": ""}
    return client.post(reverse("round:equipment", args=[lift.pk]), {**data, **values})


def test_a_correction_waits_for_the_agency_who_applies_it(client, karim, place, lift):
    assert correct(karim, lift, installed=2004).status_code == 302
    lift.refresh_from_db()
    assert lift.installed == 1990
    row = EquipmentCorrection.objects.get()
    assert (row.was, row.becomes) == ({"installed": 1990}, {"installed": 2004})
    client.force_login(factories.member(place["south"], "agent").user)
    act = reverse("agency_rounds:decide_correction", args=[row.pk])
    assert client.post(act, {"way": "accept"}).status_code == 404
    client.force_login(factories.member(place["north"], "agent").user)
    assert "2004" in client.get(reverse("agency_rounds:index")).content.decode()
    client.post(act, {"way": "accept"})
    lift.refresh_from_db()
    assert lift.installed == 2004


def test_a_record_changed_meanwhile_is_not_overwritten(client, karim, place, lift):
    correct(karim, lift, installed=2004)
    Equipment.objects.update(installed=2010)
    client.force_login(factories.member(place["north"], "agent").user)
    row = EquipmentCorrection.objects.get()
    client.post(reverse("agency_rounds:decide_correction", args=[row.pk]), {"way": "accept"})
    lift.refresh_from_db()
    row.refresh_from_db()
    assert (lift.installed, row.accepted) == (2010, None)


def test_nothing_different_is_no_correction_and_a_wrong_year_is_said(karim, lift):
    correct(karim, lift)
    assert correct(karim, lift, installed=3000).status_code == 422
    assert not EquipmentCorrection.objects.exists()


# The application and the halls


def test_the_worker_and_the_manifest_are_ours(client, db):
    worker = client.get(reverse("round:worker"))
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Service-Worker-Allowed"] == "/round/"
    assert "worker-src 'self'" in client.get("/")["Content-Security-Policy"]
    manifest = client.get(reverse("round:manifest")).json()
    assert manifest["scope"] == manifest["start_url"] == "/round/"


def test_a_caretaker_enters_by_the_round(karim):
    assert karim.get("/enter/").url == "/round/"


def test_a_hall_code_opens_filing_with_the_address(client, place):
    stairs = place["dwelling"].staircase
    address = reverse("hall", args=[stairs.hall_code])
    assert client.get(address).status_code == 200
    assert "draft" not in client.session  # a GET changes nothing
    answer = client.post(address)
    assert answer.url == reverse("file_what")
    assert client.session["draft"]["address"] == "1 rue du Lin, 99000 Valmer"
    assert client.get(reverse("hall", args=["ZZZZZZZZ"])).status_code == 404


def test_the_sheet_shows_each_hall_with_its_code(karim, place):
    stairs = place["dwelling"].staircase
    page = karim.get(reverse("round:sheet", args=[place["building"].pk])).content.decode()
    assert stairs.hall_code in page
    assert karim.get(reverse("round:qr", args=[stairs.pk]))["Content-Type"] == "image/svg+xml"
