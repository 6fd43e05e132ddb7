"""The landlord speaks: its name, logo and colour, and the notices that the law wants."""

from io import BytesIO

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from agencies.logos import NotALogo, read_logo
from agencies.models import Landlord
from agencies.models.landlord import dark_enough
from portal import codes
from portal.models import User
from tests.requests.fixtures.landlords import logo

pytestmark = pytest.mark.django_db
PAGES = ("/", "/file/", "/talk/", "/accounts/login/", "/legal/", "/data-protection/", "/nowhere/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_names_the_landlord_and_not_the_program(client, ours, path):
    page = client.get(path).content.decode()
    assert 'alt="Valmer Habitat"' in page
    assert 'href="/look.css?v=7A1F3D"' in page
    title = page[page.index("<title>") : page.index("</title>")]
    assert path == "/nowhere/" or "Valmer Habitat" in title
    assert "Palier" not in title
    for name in ("privacy_notice", "legal_notice", "accessibility"):
        assert f'href="{reverse(name)}"' in page


def test_without_a_logo_its_name_stands_there(client):
    Landlord.objects.create(name="Habitat <Sud>", phone="1")
    page = client.get("/").content.decode()
    assert "Habitat &lt;Sud&gt;" in page
    assert "look.css" not in page


def test_its_colours_are_a_sheet_of_their_own(client, ours):
    sheet = client.get("/look.css?v=7A1F3D")
    assert "--band:#7A1F3D" in sheet.content.decode()
    assert sheet["Content-Type"].startswith("text/css")
    Landlord.objects.update(colour="red}b{")
    assert client.get("/look.css").content == b":root{}"


@pytest.mark.parametrize("colour", ["#F4B740", "#ffffff", "red", "#12345", "#0A3A40;}"])
def test_a_colour_on_which_white_is_not_read_is_refused(colour):
    with pytest.raises(ValidationError):
        dark_enough(colour)
    dark_enough("#0A3A40")


def test_a_logo_is_made_anew_and_small(ours):
    assert len(ours.logo_small) <= 6 * 1024
    assert Image.open(BytesIO(ours.logo)).size == (720, 300)
    for data in (b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(99)):
        with pytest.raises(NotALogo):
            read_logo(data)


def test_the_settings_take_the_logo(client, landlord):
    ours = Landlord.objects.create(name="Valmer Habitat", phone="1")
    admin = User.objects.create_superuser("root@example.test", "x" * 20)
    client.force_login(admin)
    page = reverse("admin:agencies_landlord_change", args=[ours.pk])
    data = {"name": "Valmer", "phone": "1", "accessibility": "none", "colour": "#7A1F3D"}
    picture = SimpleUploadedFile("logo.png", logo(), content_type="image/png")
    assert client.post(page, data | {"new_logo": picture}).status_code == 302
    ours.refresh_from_db()
    assert bytes(ours.logo_small).startswith(b"\x89PNG")
    wrong = SimpleUploadedFile("logo.svg", b"<svg/>")
    assert client.post(page, data | {"new_logo": wrong}).status_code == 200
    assert client.post(page, data | {"no_logo": "on"}).status_code == 302
    ours.refresh_from_db()
    assert bytes(ours.logo) == b""


def test_the_accessibility_statement_has_its_compulsory_parts(client, ours):
    ours.inaccessible = "La carte des agences\nLes vidéos"
    ours.save()
    page = client.get("/accessibility/", headers={"accept-language": "en"}).content.decode()
    for part in (
        "Valmer Habitat",
        "2005-102",
        "RGAA",
        "not compliant",
        "La carte des agences",
        "contact@valmer.example",
        "https://formulaire.defenseurdesdroits.fr/",
        "https://www.defenseurdesdroits.fr/saisir/delegues",
        "Libre réponse 71120",
    ):
        assert part in page
    ours.accessibility, ours.audit_rate, ours.audited_on = "partial", 82, "2026-10-01"
    ours.audited_by = "Cabinet X"
    ours.save()
    page = client.get("/accessibility/", headers={"accept-language": "en"}).content.decode()
    assert "partially compliant" in page
    assert "82" in page
    assert "Cabinet X" in page


def test_the_privacy_notice_says_who_why_how_long_and_which_rights(client, ours, settings):
    page = client.get("/data-protection/", headers={"accept-language": "en"}).content.decode()
    for part in ("Valmer Habitat", "cnil.fr", reverse("my_data:home"), "months", "contract"):
        assert part in page
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert name in page
    assert "contact@valmer.example" in page
    ours.privacy_contact = "dpo@valmer.example"
    ours.save()
    assert "dpo@valmer.example" in client.get("/data-protection/").content.decode()


def test_the_cookies_told_are_those_that_are_set(client, ours, settings, landlord):
    client.get("/file/")
    client.post("/accounts/login/", {"login": "a@example.test"})
    told = client.get("/data-protection/").content.decode()
    assert client.cookies
    for name in client.cookies:
        assert name in told


def test_the_legal_notice_names_publisher_and_host(client, ours):
    Landlord.objects.update(
        legal_form="office public de l’habitat", siren="123 456 789", publisher="Mme A. Roy",
        host="Hébergeur SA\n2 rue du Lin\n01 02 03 04 05",
    )  # fmt: skip
    page = client.get("/legal/").content.decode()
    for part in ("123 456 789", "Mme A. Roy", "Hébergeur SA", "1 quai de la Sarle"):
        assert part in page


def test_a_code_comes_from_the_landlord(client, rf, ours):
    request = rf.get("/find/")
    request.session = client.session
    assert codes.send_to(request, "x", purpose="find", email="awa@example.test")
    assert mail.outbox[0].from_email.startswith("Valmer Habitat <")
    assert mail.outbox[0].body.startswith("Valmer Habitat\u00a0: votre code est ")
