"""Every paper says who speaks: the landlord's name, logo and colour, in the reader's language.

``PALIER_SCREENSHOTS=folder`` keeps the papers to look at.
"""

import os
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image, ImageDraw
from pypdf import PdfReader

from agencies.models import Equipment, Landlord
from portal.actor import Actor
from portal.clock import now
from requests.attachments.models import Attachment
from requests.closing import dossier_pdf
from requests.closing.proof import make_proof
from requests.conversation import actions as conversation
from requests.incidents.models import Incident
from requests.kit import pdf as documents
from requests.letters import layout
from requests.planned_works import actions as planned_works
from requests.planned_works import notices
from requests.work_orders.visit_documents import order_pdf
from tests import factories
from tests.requests.fixtures.landlords import ours
from tests.requests.fixtures.work import (
    agent,
    book,
    claim,
    contract,
    make_claim,
    make_order,
    order,
)

__all__ = ["agent", "claim", "contract", "make_claim", "make_order", "order", "ours"]
pytestmark = pytest.mark.django_db
KEPT = os.environ.get("PALIER_SCREENSHOTS")
FOLDER = Path(django_settings.BASE_DIR) / "templates"
WORDS = "Coupure d’eau de 8 h à 12 h : remplissez une bouteille et fermez vos robinets."


def named(language: str, name: str, drawn: bytes) -> PdfReader:
    if KEPT:
        (Path(KEPT) / f"{name}-{language}.pdf").write_bytes(drawn)
    return PdfReader(BytesIO(drawn))


def photo() -> bytes:
    picture, out = Image.new("RGB", (1200, 900), "#8aa0a5"), BytesIO()
    ImageDraw.Draw(picture).ellipse((400, 250, 800, 650), fill="#355")
    picture.save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def dossier(claim, order, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    book(order, days=2)
    conversation.write(
        claim=claim,
        text="Le plombier passe après-demain.",
        direction="out",
        channel="email",
        actor=Actor.SYSTEM,
        now=now(),
    )
    file = Attachment(claim=claim, name="fuite.jpg", content_type="image/jpeg", at=now())
    data = photo()
    file.size, file.sha256 = len(data), "ab" * 32
    file.file.save("x.jpg", ContentFile(data), save=False)
    file.save()
    return lambda: dossier_pdf.draw(claim, make_proof(claim=claim, now=now()))


@pytest.fixture
def letter(ours):
    def draw() -> bytes:
        return layout.draw(
            layout.Letter(
                to=["Mme Awa Traoré", "Porte 12", "1 rue du Lin", "99000 VALMER"],
                sender=ours.name,
                sender_lines=[*ours.address.splitlines(), ours.phone, ours.email],
                office_lines=["Agence Nord", "3 place du Port", "02 40 00 00 01"],
                dated=timezone.localdate(),
                subject="Fuite sous évier",
                reference="ABC 234",
                promise="jeudi 3 décembre, 14 h",
                paragraphs=[WORDS] * 3,
                signature=["Sonia", "Agence Nord", ours.name],
                link="https://palier.example/s/abcdefghijklmnopqrst/",
                phone="02 40 00 00 01",
                language=translation.get_language(),
                logo=ours.paper_logo,
            )
        )

    return draw


@pytest.fixture
def works(landlord, agent):
    """Works in a home, announced, with a notice that must be handed over."""
    factories.tenant(landlord["dwelling"], first_name="Omar", last_name="Silent")
    starts = (now() + timedelta(days=20)).replace(hour=7, minute=0)
    made = planned_works.announce(
        kind="dwelling",
        title="Remplacement des fenêtres",
        text=WORDS,
        residence=landlord["dwelling"].staircase.building.residence,
        starts=starts,
        ends=starts + timedelta(hours=8),
        membership=factories.member(landlord["head"], "head_office"),
        staircases=[],
        now=now(),
    )
    notices.write(works=str(made.pk), version=made.version, event="announced", key="x", now=now())
    return made


@pytest.fixture
def papers(client, landlord, ours, claim, order, dossier, letter, works):
    """Each paper by its name, drawn in the language that is active."""
    client.force_login(factories.member(landlord["north"], "agency_manager").user)
    stairs = landlord["dwelling"].staircase
    lift = Equipment.objects.create(
        building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur A1"
    )
    incident = Incident.objects.create(
        family=claim.category.family,
        building=stairs.building,
        staircase=stairs,
        title="Fuite dans la gaine",
        text=WORDS,
        opened_at=now(),
        opened_by=factories.account("x@example.test"),
        expected_end=now() + timedelta(days=1),
    )

    def fetched(name: str, number) -> bytes:
        spoken = {"accept-language": translation.get_language()}
        answer = client.get(reverse(name, args=[number]), headers=spoken)
        assert answer.status_code == 200, name
        return answer.content

    def cover() -> bytes:
        rows = {"batch": {"unit": "Agence Nord", "made_at": now()}, "letters": []}
        return documents.pdf("requests/letters/cover_pdf.html", rows)

    return {
        "dossier": dossier,
        "letter": letter,
        "order": lambda: order_pdf(order, now=now()),
        "cover": cover,
        "incident-poster": lambda: fetched("incident_poster", incident.pk),
        "works-poster": lambda: fetched("planned_poster", works.pk),
        "works-letters": lambda: fetched("planned_letters", works.pk),
        "label": lambda: fetched("equipment:label", lift.pk),
    }


@pytest.mark.long
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_paper_names_the_landlord_in_its_colour(papers, language):
    for name, draw in papers.items():
        with translation.override(language):
            drawn = draw()
        page = named(language, name, drawn).pages[0]
        assert "Valmer Habitat" in page.extract_text(), name
        assert len(page.images) >= 1, f"no logo on {name}"
        # #7A1F3D, as parts of one.
        assert re.search(rb"0\.478\d* 0\.121\d* 0\.239\d*", page.get_contents().get_data()), name
        assert {"/Lang": language}.items() <= PdfReader(BytesIO(drawn)).root_object.items()
        fonts = {str(font["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
        assert any("Atkinson" in font for font in fonts), (name, fonts)


def test_long_papers_are_numbered(papers):
    for name in ("dossier", "letter", "order", "cover"):
        assert re.search(r"1\s*/\s*\d", named("fr", name, papers[name]()).pages[0].extract_text())


def test_a_colour_that_is_none_is_not_drawn(papers, ours):
    Landlord.objects.update(colour="red}b{")
    assert b"red}" not in papers["cover"]()
    assert Landlord.objects.get().ink == "#0B5058"


def test_a_new_paper_stands_on_the_same_sheet():
    for path in FOLDER.rglob("*_pdf.html"):
        # A letter of the tenant's; the sheets of a pile, which another paper includes.
        if path.parent.name not in ("demo", "layout") and not path.name.startswith("_"):
            first = path.read_text().partition("%}")[0]
            assert "extends" in first, path
            assert "layout/paper_pdf.html" in first or "poster_pdf.html" in first, path
