"""Staff attach files to what they write: they travel by the tenant's channel, and no further."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from portal.actor import Actor
from requests.attachments.models import Attachment
from requests.closing import dossier
from requests.letters import actions as letters
from requests.letters.models import Letter
from requests.work_orders.actions import create_order
from requests.work_orders.models import OrderPhoto
from tests import factories
from tests.requests.conversation.files import photo, receipt
from tests.requests.fixtures.channels import clock, mails, make_claim, texts, work

__all__ = ["clock", "mails", "make_claim", "texts", "work"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]
PHONE = "+33639981234"


@pytest.fixture(autouse=True)
def _disk(settings, tmp_path, client):
    settings.MEDIA_ROOT = tmp_path
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def agent(client, landlord, clock, monkeypatch):
    for views in ("views", "writing_views", "steps"):
        monkeypatch.setattr(f"requests.inbox.{views}.now", clock)
    monkeypatch.setattr("requests.inbox.reply_files.now", clock)
    member = factories.member(landlord["north"], "agent")
    client.force_login(member.user)
    return member


def post(client, claim, *files, text="Voici votre quittance.", kind="out", channel="email", **more):
    claim.refresh_from_db()
    data = {"version": claim.version, "text": text, "kind": kind, "channel": channel, "sure": "on"}
    return client.post(f"/agency/{claim.pk}/message/", {**data, "attached": list(files), **more})


def test_a_receipt_is_in_the_mail_and_on_the_page(client, agent, make_claim, clock, work, mails):
    claim = make_claim()
    work()
    assert post(client, claim, receipt(), photo()).status_code == 302
    clock.forward(minutes=2)
    work()
    sent = mails.sent[-1]
    assert [(name, kind) for name, _data, kind in sent.files] == [
        ("quittance.pdf", "application/pdf"),
        ("cave.jpg", "image/jpeg"),
    ]
    assert sent.files[0][1].startswith(b"%PDF-")
    assert "quittance.pdf, cave.jpg" in sent.text
    page = client.get(f"/s/{claim.token}/").content.decode()
    file = Attachment.unscoped.get(name="quittance.pdf")
    assert f"/s/{claim.token}/files/{file.pk}/" in page or str(file.pk) in page
    client.logout()
    address = page.split(str(file.pk))[0].rsplit('"', 1)[1] + str(file.pk) + "/"
    assert client.get(address).status_code == 200


def test_a_text_message_says_that_a_file_waits_behind_its_link_and_not_which(
    client, agent, make_claim, clock, work, texts
):
    claim = make_claim(contact_email="", contact_phone=PHONE)
    work()
    post(client, claim, receipt("jugement.pdf"), channel="sms")
    clock.forward(minutes=2)
    work()
    text = texts.sent[-1].text
    assert f"/s/{claim.token}/" in text
    assert "1 fichier" in text
    assert "jugement" not in text


def test_a_letter_holds_the_pages_of_its_files(client, agent, make_claim, clock, work, mails):
    claim = make_claim(contact_email="", channel="letter")
    work()
    assert post(client, claim, receipt(), photo(), channel="letter").status_code == 302
    clock.forward(minutes=2)
    work()
    waiting = letters.waiting_deliveries(agent, clock())
    batch = letters.make_batch(
        membership=agent, picked={d.pk for d in waiting}, registered=set(), now=clock()
    )
    work()
    letter = Letter.objects.system("test").get(batch=batch)
    pages = PdfReader(BytesIO(letters.content(letter))).pages
    assert letter.pages == len(pages) == 4  # the letter, two pages of the receipt, one photo
    assert "quittance.pdf" in pages[0].extract_text()
    assert len(pages[3].images) == 1


def test_the_file_of_a_note_stays_among_staff(client, agent, make_claim, work, landlord):
    claim = make_claim()
    work()
    post(client, claim, photo("entre-nous.jpg"), text="Vu sur place", kind="note")
    file = Attachment.unscoped.get()
    assert file.message.direction == "note"
    assert client.get(f"/agency/files/{file.pk}/").status_code == 200
    assert "entre-nous" not in client.get(f"/s/{claim.token}/").content.decode()
    assert client.get(f"/s/{claim.token}/files/{file.pk}/").status_code == 404
    assert dossier.build(claim, now=claim.filed_at)["photos"] == []
    client.force_login(factories.member(landlord["south"], "agent").user)
    assert client.get(f"/agency/files/{file.pk}/").status_code == 404


def test_what_staff_sent_is_not_given_to_a_contractor(client, agent, make_claim, work, clock):
    claim = make_claim()
    work()
    post(client, claim, photo("quittance.jpg"))
    claim.refresh_from_db()
    order = create_order(
        claim=claim,
        contractor=factories.contractor("Entreprise"),
        payer="landlord",
        why="",
        description="Fuite",
        respond_by=clock() + timedelta(days=1),
        actor=Actor.member(agent),
        now=clock(),
    )
    assert not OrderPhoto.objects.of(order=order).exists()


def test_a_file_that_is_being_checked_is_waited_for(
    client, agent, make_claim, clock, work, mails, monkeypatch
):
    claim = make_claim()
    work()
    post(client, claim, receipt())
    Attachment.unscoped.update(virus_state="waiting")
    before = len(mails.sent)
    clock.forward(minutes=2)
    work()
    assert len(mails.sent) == before
    Attachment.unscoped.update(virus_state="clean")
    clock.forward(minutes=2)
    work()
    assert [name for name, *_rest in mails.sent[-1].files] == ["quittance.pdf"]


def test_a_file_with_a_virus_never_leaves_and_the_words_do(
    client, agent, make_claim, clock, work, mails
):
    claim = make_claim()
    work()
    post(client, claim, receipt())
    Attachment.unscoped.update(virus_state="refused", virus_name="Eicar")
    clock.forward(minutes=2)
    work()
    assert mails.sent[-1].files == []
    assert "quittance" not in mails.sent[-1].text.replace("Voici votre quittance.", "")


def test_an_undone_reply_gives_its_files_back(client, agent, make_claim, work):
    claim = make_claim()
    work()
    post(client, claim, receipt())
    event = claim.events.get(name="message_out")
    answer = client.post("/agency/undo/", {"events": event.pk}, follow=True)
    page = answer.content.decode()
    assert "quittance.pdf" in page
    file = Attachment.unscoped.get()
    assert (file.claim, file.message) == (None, None)
    # Sent again, with the file that was kept; another one is taken away.
    post(client, claim, photo())
    assert set(claim.attachments.values_list("name", flat=True)) == {"quittance.pdf", "cave.jpg"}


def test_a_refused_file_costs_neither_words_nor_the_other_file(client, agent, make_claim, work):
    claim = make_claim()
    work()
    bad = SimpleUploadedFile("photo.jpg", b"MZ not a photo", "image/jpeg")
    answer = post(client, claim, receipt(), bad)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "photo.jpg" in page
    assert "Voici votre quittance." in page
    assert "quittance.pdf" in page
    assert not claim.messages.filter(direction="out").exists()
    kept = Attachment.unscoped.get()
    assert post(client, claim, text="Sans fichier", remove=str(kept.pk)).status_code == 302
    assert not claim.attachments.exists()


def test_the_answer_that_ends_a_request_carries_its_certificate(
    client, agent, make_claim, clock, work, mails
):
    claim = make_claim()
    work()
    claim.refresh_from_db()
    data = {
        "version": claim.version,
        "text": "Voici.",
        "attached": [receipt("a.pdf")],
    }
    assert client.post(f"/agency/{claim.pk}/answer/", data).status_code == 302
    clock.forward(minutes=2)
    work()
    assert [name for name, *_rest in mails.sent[-1].files] == ["a.pdf"]
