"""Nothing is lost and nothing is read twice."""

from portal.clock import now
from requests.attachments.models import Attachment
from requests.channels.mailbox_models import Mailbox
from requests.claims.event_models import Message
from tests.factories import member
from tests.requests.channels import mails as made
from tests.requests.inbound.mail.helpers import answer, came_in, claims

# 10, 12, 13 · what is kept


def test_files_quotes_and_html_are_kept_beside_the_words(told, arrive):
    claim, sent = told
    raw = made.parts(
        made.part(
            "Content-Type: text/html; charset=utf-8",
            "<p>Oui</p><script>x</script><blockquote>Avant</blockquote>",
        ),
        made.part("Content-Type: image/jpeg", b"\xff\xd8\xffphoto"),
        In_Reply_To=sent.message_id,
    )
    intake = arrive(raw)
    assert (intake.text, intake.folded) == ("Oui", "> Avant")
    assert "script" not in intake.html
    assert bytes(intake.raw) == raw
    kept = Attachment.unscoped.get()
    assert (kept.claim, kept.message, kept.name) == (claim, intake.message, "photo.jpg")
    assert kept.file.read() == b"\xff\xd8\xffphoto"


def test_a_file_that_is_too_heavy_gets_a_helpful_answer(told, arrive, mails):
    _claim, sent = told
    raw = made.parts(
        made.TEXT,
        made.part('Content-Type: image/jpeg; name="grande.jpg"', b"x" * 21_000_000),
        In_Reply_To=sent.message_id,
    )
    arrive(raw)
    assert "grande.jpg" in mails.sent[-1].text
    assert "20 Mo" in mails.sent[-1].text


# 1, 2 · never lose, never twice


def test_one_mail_to_two_mailboxes_is_one_message(told, arrive):
    claim, sent = told
    other = Mailbox.objects.create(slug="siege", address="siege@bailleur.example")
    first = arrive(answer(sent, Delivered_To="palier@bailleur.example"))
    second = arrive(answer(sent, Delivered_To="siege@bailleur.example"), other)
    assert (first.state, second.state, second.claim) == ("parsed", "discarded", claim)
    assert len(came_in(claim)) == 1


def test_a_mail_that_cannot_be_read_waits_and_the_next_one_passes(
    told, arrive, monkeypatch, client, landlord, clock, work
):
    claim, sent = told
    with monkeypatch.context() as broken:
        broken.setattr("requests.inbound.reader.email.parse", lambda *a, **k: 1 / 0)
        lost = arrive(answer(sent))
    assert lost.state == "failed"
    assert "ZeroDivisionError" in lost.error
    assert arrive(answer(sent, "Le suivant", message_id="<8@t>")).state == "parsed"
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{lost.pk}/replay/").status_code == 302
    clock.forward(seconds=1)
    clock.at = max(clock.at, now())
    work()
    lost.refresh_from_db()
    assert (lost.state, lost.claim) == ("parsed", claim)
    assert len(came_in(claim)) == 2


def test_claim_and_message_come_together_or_not_at_all(arrive, box, monkeypatch):
    monkeypatch.setattr("requests.inbound.new_claims.keep_files", lambda *a: 1 / 0)
    intake = arrive(made.mail())
    assert intake.state == "failed"
    assert claims().count() == 0
    assert not Message.unscoped.exists()
