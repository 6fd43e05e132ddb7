"""Of a confidential claim a contractor learns what the work needs: no category, no word of it."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image

from portal.clock import now
from requests import tasks
from requests.attachments import inbound_files
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.household import confidential
from requests.jobs import queue
from requests.kit import pdf
from requests.notifications import events
from requests.notifications.text_models import MessageText
from requests.work_orders import appointments, visit_documents
from requests.work_orders.models import OrderLink
from tests import factories
from tests.requests.fixtures.work import book

pytestmark = pytest.mark.long

WORDS = "Mon ex a forcé la porte, CANARY"
CATEGORY = "Violences dans le foyer"
STAFF = "Changer la serrure de la porte d'entrée\nCylindre européen"


@pytest.fixture(params=["category", "marked", "marked afterwards"])
def secret(request, make_claim, make_order, agent, settings, tmp_path):
    """A confidential claim with its order: by its category, by its author, before or after."""
    settings.MEDIA_ROOT = tmp_path
    factories.category("VOI-06", "U2", "crc", sensitive=True, label_fr=CATEGORY, label_en=CATEGORY)
    factories.category("SER-01", "U2", "crc", label_fr=CATEGORY, label_en=CATEGORY)
    code = "VOI-06" if request.param == "category" else "SER-01"
    claim = make_claim(
        category=code, words=WORDS, place_note=WORDS, confidential=request.param == "marked"
    )
    photo = BytesIO()
    Image.new("RGB", (8, 8)).save(photo, "JPEG")
    inbound_files.keep(
        inbound_files.clean("p.jpg", photo.getvalue()),
        claim=claim,
        message=None,
        channel="web",
        now=now(),
    )
    # Written before it became confidential, the order repeats the tenant's words.
    later = request.param == "marked afterwards"
    order = make_order(claim, description=WORDS if later else STAFF)
    if later:
        confidential.mark(claim=claim, confidential=True, actor=agent, now=now())
    order.claim.refresh_from_db()
    return order


@pytest.fixture
def sent(monkeypatch) -> list:
    found = []

    def send(message):
        found.append(message)
        return Receipt(True, "id", "taken")

    monkeypatch.setattr("requests.channels.outbound.email.send", send)
    return found


def check(text: str, where: str) -> None:
    for canary in ("CANARY", "Violences", "forcé"):
        assert canary not in text, where


def as_text(message) -> str:
    files = " ".join(str(body) for _name, body, _kind in message.files)
    return f"{message.subject} {message.text} {message.html} {files}"


@pytest.mark.weakness("confidential order")
def test_page_mail_feed_and_paper(secret, sent, agent, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        pdf, "pdf", lambda template, context: drawn.append((template, context)) or b"%PDF"
    )
    book(secret, agent, days=2)
    factories.pass_time(minutes=5)
    queue.drain(tasks.HANDLERS, now)
    mailed = [message for message in sent if message.to == secret.contractor.email]
    assert len(mailed) == 2  # the order, then the visit with its file for the calendar
    for message in mailed:
        check(as_text(message), "mail")
    link = OrderLink.unscoped.filter(order=secret).last()
    page = Client().get(f"/job/{link.token}/").content.decode()
    check(page, "page")
    assert "/photo/" not in page
    found = secret.photos.get().attachment_id
    assert Client().get(f"/job/{link.token}/photo/{found}/").status_code == 404
    acts = Client().get(f"/job/{link.token}/no_access/").content.decode()
    check(acts, "act")
    feed = Client().get(f"/job/calendar/{secret.contractor.calendar_token}.ics")
    assert feed.status_code == 200
    check(feed.content.decode(), "feed")
    assert str(secret).replace("\N{NO-BREAK SPACE}", " ") in feed.content.decode().replace(
        "\N{NO-BREAK SPACE}", " "
    )
    member = factories.member(secret.claim.residence.unit, "contractor")
    member.contractor = secret.contractor
    member.save(update_fields=["contractor"])
    signed = Client()
    signed.force_login(member.user)
    for path in ("", "?view=all", "calendar/", f"{secret.pk}/"):
        check(signed.get(f"/jobs/{path}").content.decode(), path)
    assert signed.get("/jobs/?q=Violences").context["page_obj"].paginator.count == 0


def test_the_paper_itself(secret):
    page = {"order": secret, "claim": secret.claim, "now": now(), "mailed": False, "why": ""}
    check(render_to_string("requests/work_orders/order_pdf.html", page), "pdf")
    assert visit_documents.order_pdf(secret, now=now()).startswith(b"%PDF")


def test_the_title_is_what_staff_wrote(secret):
    assert secret.title in {"Changer la serrure de la porte d'entrée", "Travaux dans un logement"}


def test_an_ordinary_order_still_says_what_and_in_whose_words(make_claim, make_order):
    order = make_order(make_claim(words=WORDS))
    link = OrderLink.unscoped.create(order=order, created_at=now())
    page = Client().get(f"/job/{link.token}/").content.decode()
    assert "CANARY" in page
    assert order.title == "Fuite"


@pytest.mark.weakness("confidential order")
def test_the_order_form_is_not_filled_with_the_tenants_words(secret, landlord):
    staff = Client()
    staff.force_login(factories.member(landlord["head"], "head_office").user)
    form = staff.get(f"/work/claim/{secret.claim.pk}/new/").context["form"]
    assert form.initial["description"] == ""
    assert form.fields["description"].required


def test_a_text_message_of_the_landlord_tells_no_category(secret):
    """The landlord's own wording has {{ category }}; a phone lies on the kitchen table."""
    MessageText.objects.create(
        event="plan",
        channel="sms",
        language="fr",
        body="{{ category }} : visite {{ date }}\n{{ text }}",
    )
    claim = Claim.objects.system("test").get(pk=secret.claim.pk)
    ClaimEvent.unscoped.create(claim=claim, name="plan", at=now(), state=claim.state)
    kept = {"visit": (now() + timedelta(days=1)).isoformat(), "text": WORDS}
    for channel in ("sms", "social"):
        said = events.event_paragraph(claim, "plan", kept, channel, "fr")
        check(said, channel)
        assert "Votre demande" in said


def test_the_invitation_of_the_tenant_is_neutral(secret):
    check(visit_documents.tenants_title(secret), "calendar")
    assert appointments.active_visit(secret) is None
