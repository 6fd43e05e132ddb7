"""The claim by its link: what is asked first, plain words, photos, letter; nothing of others."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.actor import Actor
from portal.clock import now
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation import actions as conversation
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from tests import factories
from tests.requests.attachments.pdfs import PLAIN
from tests.requests.tenant_pages.photos import photo

pytestmark = pytest.mark.long

PDF = PLAIN + b"<script>alert(1)</script>\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def claim(landlord) -> Claim:
    made = factories.leak(landlord, now(), words="Ça coule", contact_name="Awa Traoré")
    route_claim(claim_id=made.pk, now=now())
    made.refresh_from_db()
    return made


@pytest.fixture
def agent(landlord):
    return factories.member(landlord["north"], "agent")


def move(claim, agent, *names, **facts):
    for name in names:
        advance(claim=claim, transition=name, now=now(), actor=Actor.member(agent), **facts)
    claim.refresh_from_db()


def page(client, claim, path="") -> str:
    answer = client.get(f"/s/{claim.token}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_by_link_no_full_name_and_no_address(client, claim, agent):
    for path in ("", "print/"):
        text = page(client, claim, path)
        assert "Traoré" not in text
        assert "rue du Lin" not in text


def test_next_news_is_dated_and_lateness_is_admitted(client, claim):
    shown = client.get(f"/s/{claim.token}/")
    assert shown.context["late"] is False
    assert shown.context["promise"] == claim.promise_at
    Claim.objects.system("test").update(promise_at=now() - timedelta(hours=1))
    late = client.get(f"/s/{claim.token}/")
    assert late.context["late"] is True
    assert "notice--warn" in late.content.decode()


def test_what_happened_is_oldest_first_with_first_names(client, claim, agent):
    move(claim, agent, Event.TAKE_CHARGE)
    filed, routed, taken = client.get(f"/s/{claim.token}/").context["thread"]
    assert (filed.kind, filed.text) == ("message", claim.words)
    assert "Nord" in routed.text
    assert "Siege" not in routed.text
    assert "Sonia" in taken.text


def test_the_question_comes_first_and_an_answer_with_photo_goes_back(client, claim, agent):
    conversation.write_step_message(
        claim=claim, text="De quel côté ?", now=now(), actor=Actor.member(agent)
    )
    move(claim, agent, Event.ASK, text="De quel côté ?")
    text = page(client, claim)
    assert text.index("De quel côté ?") < text.index('class="thread"')
    answer = client.post(f"/s/{claim.token}/write/", {"text": "À gauche", "photos": [photo()]})
    assert answer.status_code == 302
    claim.refresh_from_db()
    assert claim.state == "in_review"
    message = claim.messages.get(text="À gauche")
    assert [a.name for a in message.attachments.all()] == ["évier.jpg"]


def test_a_photo_alone_is_an_answer(client, claim):
    client.post(f"/s/{claim.token}/write/", {"photos": [photo()]})
    assert claim.messages.filter(direction="in").count() == 2
    assert claim.attachments.count() == 1


def test_a_refused_file_keeps_the_words_and_the_other_files(client, claim):
    svg = SimpleUploadedFile("plan.svg", b"<svg/>")
    sent = {"text": "Voici la preuve", "photos": [photo(), svg]}
    answer = client.post(f"/s/{claim.token}/write/", sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Voici la preuve" in shown
    assert "plan.svg" in shown
    assert "évier.jpg" in shown
    assert claim.messages.count() == 1
    client.post(f"/s/{claim.token}/write/", {"text": "Voici la preuve"})
    assert claim.messages.last().attachments.count() == 1


def test_an_empty_message_is_refused(client, claim):
    assert client.post(f"/s/{claim.token}/write/", {"text": "  "}).status_code == 422


def test_yes_closes_and_a_get_never_acts(client, claim, agent):
    move(claim, agent, Event.REPORT_DONE)
    assert "/do/say_fixed/" in page(client, claim)
    for name in ("say_fixed", "say_not_fixed", "not_sure", "withdraw"):
        assert client.get(f"/s/{claim.token}/do/{name}/").status_code == 405
    client.post(f"/s/{claim.token}/do/say_fixed/")
    claim.refresh_from_db()
    assert claim.state == "closed"


def test_no_goes_back_to_the_office(client, claim, agent):
    move(claim, agent, Event.REPORT_DONE)
    client.post(f"/s/{claim.token}/do/say_not_fixed/")
    claim.refresh_from_db()
    assert (claim.state, claim.reopened) == ("in_review", 1)


def test_not_sure_asks_for_a_call_once_and_closes_nothing(client, claim, agent):
    move(claim, agent, Event.REPORT_DONE)
    for _ in range(2):
        client.post(f"/s/{claim.token}/do/not_sure/")
    claim.refresh_from_db()
    assert claim.state == "done"
    assert claim.messages.filter(direction="in").count() == 2


def test_a_refusal_shows_its_reason_and_the_ways_to_appeal(client, claim, agent):
    move(claim, agent, Event.REFUSE, reason="tenant_upkeep", text="Le joint est à vous.")
    text = page(client, claim)
    assert "Le joint est à vous." in text
    assert "87-712" in text
    assert "/do/reopen/" in text
    assert client.post(f"/s/{claim.token}/do/reopen/", {"text": ""}).status_code == 422
    client.post(f"/s/{claim.token}/do/reopen/", {"text": "Il est usé"})
    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert claim.messages.filter(text="Il est usé").exists()


def test_reopening_takes_the_photos_along(client, claim, agent):
    move(claim, agent, Event.REPORT_DONE)
    client.post(f"/s/{claim.token}/do/say_fixed/")
    sent = {"text": "Ça refuit", "photos": [photo()]}
    client.post(f"/s/{claim.token}/do/reopen/", sent)
    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert claim.messages.get(text="Ça refuit").attachments.count() == 1


def test_a_step_that_came_too_late_loses_neither_words_nor_photos(client, claim):
    client.post(f"/s/{claim.token}/do/withdraw/")
    sent = {"text": "Ça refuit", "photos": [photo()]}
    late = client.post(f"/s/{claim.token}/do/reopen/", sent)
    shown = late.content.decode()
    assert (late.status_code, "Ça refuit" in shown, "évier.jpg" in shown) == (409, True, True)
    client.post(f"/s/{claim.token}/write/", {"text": "Ça refuit"})
    assert claim.messages.get(text="Ça refuit").attachments.count() == 1


def test_withdrawing_ends_it_and_saying_it_twice_is_harmless(client, claim):
    for _ in range(2):
        assert client.post(f"/s/{claim.token}/do/withdraw/").status_code == 302
    claim.refresh_from_db()
    assert claim.state == "withdrawn"


@pytest.mark.parametrize("name", ["take_charge", "refuse", "hand_over", "close_unanswered", "x"])
def test_the_office_s_moves_are_not_the_tenant_s(client, claim, name):
    data = {"text": "t", "reason": "other"}
    assert client.post(f"/s/{claim.token}/do/{name}/", data).status_code == 404
    claim.refresh_from_db()
    assert claim.state == "received"


def test_notes_and_their_files_stay_inside(client, claim, agent):
    note = Message.unscoped.create(
        claim=claim, direction="note", channel="web", text="INTERNE", author=agent.user, at=now()
    )
    kept = uploads.keep(photo(), session="", channel="web", now=now(), claim=claim)
    Attachment.unscoped.update(message=note)
    text = page(client, claim)
    assert "INTERNE" not in text
    assert str(kept.pk) not in text
    assert client.get(f"/s/{claim.token}/files/{kept.pk}/").status_code == 404


def test_a_photo_is_served_so_that_it_can_do_no_harm(client, claim):
    kept = uploads.keep(photo(), session="", channel="web", now=now(), claim=claim)
    answer = client.get(f"/s/{claim.token}/files/{kept.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_pdf_is_only_saved_never_shown(client, claim):
    upload = SimpleUploadedFile('devis".html', PDF)
    kept = uploads.keep(upload, session="", channel="web", now=now(), claim=claim)
    answer = client.get(f"/s/{claim.token}/files/{kept.pk}/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_opens_through_its_own_claim_only(client, claim, landlord):
    other = file_claim(
        Filing(channel="web", key="o", category="PLO-03"), actor=Actor.TENANT, now=now()
    )
    kept = uploads.keep(photo(), session="", channel="web", now=now(), claim=claim)
    draft = uploads.keep(photo(), session="s", channel="web", now=now())
    assert client.get(f"/s/{other.token}/files/{kept.pk}/").status_code == 404
    assert client.get(f"/s/{claim.token}/files/{draft.pk}/").status_code == 404
    assert client.get(f"/s/{claim.token}/files/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize("path", ["", "print/", "qr/"])
def test_a_guessed_reference_or_uuid_opens_nothing(client, claim, path):
    other = "y" if claim.token.endswith("x") else "x"
    for guess in (claim.reference, claim.pk, claim.token[:-1] + other):
        assert client.get(f"/s/{guess}/{path}").status_code == 404


def test_the_letter_has_its_code_and_the_office_as_addressee(client, claim):
    text = page(client, claim, "print/")
    assert claim.spoken_reference in text
    assert "Nord" in text
    assert f"/s/{claim.token}/qr/" in text
    code = client.get(f"/s/{claim.token}/qr/")
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<svg" in code.content
    assert b"<script" not in code.content
    assert "unsafe-inline" not in code["Content-Security-Policy"]


def test_personal_pages_are_kept_by_nobody(client, claim):
    for path in ("", "print/", "qr/"):
        assert "no-store" in client.get(f"/s/{claim.token}/{path}")["Cache-Control"]


def test_the_agency_hours_and_caretaker_of_the_home_are_named(client, claim, landlord):
    keeper = factories.member(landlord["north"], "caretaker")
    keeper.presence = "Loge du 12, 8 h – 12 h"
    keeper.save()
    away = factories.member(landlord["south"], "caretaker")
    away.user.first_name = "Ailleurs"
    away.user.save()
    text = page(client, claim)
    assert "Loge du 12" in text
    assert "Ailleurs" not in text
    assert "17\u00a0h\u00a030" in text
