"""The administrator gives name, colour and logo; the tenant meets them on page, mail and paper."""

import re
from io import BytesIO

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from agencies.models import Landlord
from portal.clock import now
from portal.models import User
from requests.jobs import queue
from requests.tasks import HANDLERS
from tests import factories
from tests.e2e.chromium import signed_in
from tests.e2e.shots import shoot
from tests.requests.fixtures.landlords import logo

AWA = "awa@tenant.example"
COLOUR, DRAWN = "#7A1F3D", "rgb(122, 31, 61)"


@pytest.fixture
def house(transactional_db, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.MEDIA_ROOT = tmp_path
    settings.PALIER_STAFF_MFA = False
    factories.pass_time(minutes=0)
    stock = factories.landlord()
    Landlord.objects.create(name="Bailleur", phone="02 40 00 00 00")
    return stock


@pytest.mark.django_db(transaction=True)
def test_the_landlord_speaks_everywhere(live_server, house):
    admin = User.objects.create_superuser("root@example.test", "x" * 20)
    with signed_in(live_server.url, admin) as page:
        page.goto(live_server.url + reverse("admin:agencies_landlord_change", args=[1]))
        page.fill("[name=name]", "Valmer Habitat")
        page.fill("[name=colour]", COLOUR)
        page.set_input_files(
            "[name=new_logo]", {"name": "l.png", "mimeType": "image/png", "buffer": logo()}
        )
        with page.expect_navigation():
            page.locator("[name=_save]").click()
    assert Landlord.objects.get().colour == COLOUR

    claim = factories.leak(house, now(), contact_email=AWA, words="Ça coule")
    queue.drain(HANDLERS, now)
    sent = mail.outbox[-1]
    assert sent.from_email.startswith("Valmer Habitat <")
    assert sent.subject.startswith("Votre demande ")
    assert sent.subject.endswith(": bien reçue")
    html = sent.alternatives[0][0]
    assert COLOUR in html
    assert 'src="cid:logo"' in html

    with signed_in(live_server.url, factories.account(AWA)) as page:
        page.goto(f"{live_server.url}/s/{claim.token}/")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            expect(page.get_by_alt_text("Valmer Habitat")).to_be_visible()
            band = page.locator(".site-header").evaluate("e => getComputedStyle(e).backgroundColor")
            assert band == DRAWN
            shoot(page, "who-speaks", str(width))
        page.get_by_role("link", name=re.compile("dossier", re.I)).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("Télécharger")).click()
        paper = PdfReader(BytesIO(download.value.path().read_bytes())).pages[0]
    text = paper.extract_text()
    assert "Valmer Habitat" in text
    assert claim.spoken_reference in text
    assert "1 / " in text
    assert paper.images
    assert re.search(rb"0\.478\d* 0\.121\d* 0\.239\d*", paper.get_contents().get_data())
