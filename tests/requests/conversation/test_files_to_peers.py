"""A file goes from the staff's form to the tenant's own channel: each one's real peer has it."""

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from portal.dev import phonecatcher
from requests.channels.models import Intake
from requests.letters import actions as letters
from requests.letters.models import Letter
from tests import factories
from tests.requests.conversation.files import photo, receipt
from tests.requests.fixtures.channels import clock, make_claim, work
from tests.requests.fixtures.sms_provider import NUMBER, sms_provider
from tests.requests.fixtures.smtp import sink

__all__ = ["clock", "make_claim", "sink", "sms_provider", "work"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture
def chats(settings, tmp_path):
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
    settings.PALIER_WHATSAPP_NUMBER, settings.PALIER_WHATSAPP_TOKEN = "106", "token"
    with phonecatcher.Catcher(tmp_path / "phones") as running:
        settings.PALIER_WHATSAPP_URL = f"{running.base}/v23.0"
        yield running


@pytest.fixture
def answer(client, landlord, clock, work, settings, tmp_path, monkeypatch):
    """Answer a claim in the form of the inbox, with a receipt and a photo, and let it leave."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for views in ("views", "writing_views", "steps"):
        monkeypatch.setattr(f"requests.inbox.{views}.now", clock)
    monkeypatch.setattr("requests.inbox.reply_files.now", clock)
    agent = factories.member(landlord["north"], "agent")
    client.force_login(agent.user)

    def post(claim, channel: str):
        work()
        claim.refresh_from_db()
        form = {"version": claim.version, "text": "Voici votre quittance.", "kind": "out"}
        sent = {**form, "channel": channel, "sure": "on", "attached": [receipt(pages=1), photo()]}
        assert client.post(f"/agency/{claim.pk}/message/", sent).status_code == 302
        clock.forward(minutes=2)
        work()
        return agent

    return post


def test_by_mail_they_are_within_it(answer, make_claim, sink):
    answer(make_claim(), "email")
    mail = sink.mails[-1]
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    files.pop("logo.png", None)
    assert list(files) == ["quittance.pdf", "cave.jpg"]
    assert len(PdfReader(BytesIO(files["quittance.pdf"])).pages) == 1
    assert Image.open(BytesIO(files["cave.jpg"])).size == (80, 60)


def test_by_text_message_the_link_opens_them(answer, make_claim, sms_provider, client):
    claim = make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    answer(claim, "sms")
    body = sms_provider.posts[-1][2]["Body"]
    assert "2 fichiers pour vous" in body
    assert "quittance.pdf" not in body
    client.logout()
    path = "/s/" + body.partition("/s/")[2].split()[0]
    page = client.get(path).content.decode()
    assert "quittance.pdf" in page
    assert "cave.jpg" in page


def test_by_messaging_they_follow_the_text(answer, make_claim, chats):
    chats.spoke[NUMBER] = float("inf")
    claim = make_claim(channel="social", contact_email="", contact_phone=NUMBER)
    _heard(claim)
    answer(claim, "social")
    text, document, image = [given for _path, given in chats.posts[-3:]]
    assert "Voici votre quittance." in text["text"]["body"]
    assert document["document"]["filename"] == "quittance.pdf"
    assert chats.media[document["document"]["id"]][1].startswith(b"%PDF-")
    assert chats.media[image["image"]["id"]][0] == "image/jpeg"
    delivery = claim.deliveries.order_by("created_at").last()
    assert (delivery.state, delivery.answer) == ("sent", "text, 2 of 2 files")


def test_when_only_a_template_may_leave_the_link_does(answer, make_claim, chats, clock):
    claim = make_claim(channel="social", contact_email="", contact_phone=NUMBER)
    _heard(claim)
    clock.forward(hours=25)
    answer(claim, "social")
    given = chats.posts[-1][1]
    assert given["type"] == "template"
    assert "2 fichiers pour vous" in str(given)
    assert chats.media == {}


def test_of_a_confidential_request_no_file_goes_by_messaging(answer, make_claim, chats):
    chats.spoke[NUMBER] = float("inf")
    claim = make_claim(channel="social", contact_email="", contact_phone=NUMBER)
    _heard(claim)
    type(claim).objects.system("test").filter(pk=claim.pk).update(confidential=True)
    answer(claim, "social")
    assert chats.media == {}


def test_a_provider_that_refuses_files_still_gets_the_text(answer, make_claim, chats, monkeypatch):
    chats.spoke[NUMBER] = float("inf")
    claim = make_claim(channel="social", contact_email="", contact_phone=NUMBER)
    _heard(claim)
    monkeypatch.setattr(
        chats, "upload", lambda asked, body: phonecatcher.reply(asked, 500, {"error": {}})
    )
    answer(claim, "social")
    delivery = claim.deliveries.order_by("created_at").last()
    assert (delivery.state, delivery.answer) == ("sent", "text, 0 of 2 files")
    assert "2 fichiers pour vous" in chats.posts[-1][1]["text"]["body"]


def test_by_letter_their_pages_are_in_the_envelope(answer, make_claim, clock, work):
    claim = make_claim(contact_email="", channel="letter")
    agent = answer(claim, "letter")
    waiting = letters.waiting_deliveries(agent, clock())
    batch = letters.make_batch(
        membership=agent, picked={d.pk for d in waiting}, registered=set(), now=clock()
    )
    work()
    letter = Letter.objects.system("test").get(batch=batch)
    pages = PdfReader(BytesIO(letters.content(letter))).pages
    assert len(pages) == 3
    assert "quittance.pdf" in pages[0].extract_text()


def test_by_phone_the_note_to_read_aloud_names_them(answer, make_claim):
    claim = make_claim(channel="phone", contact_email="", contact_phone="0240000000")
    answer(claim, "phone")
    said = claim.messages.filter(direction="note").order_by("at").last()
    assert "2 fichiers pour vous" in said.text


def _heard(claim) -> None:
    """The person wrote just now: the 24 hours of free texts run."""
    Intake.objects.system("test").create(
        channel="social",
        external_id=str(claim.pk),
        sender=NUMBER,
        raw=b"",
        received_at=claim.filed_at,
        state=Intake.State.PARSED,
        claim=claim,
    )
