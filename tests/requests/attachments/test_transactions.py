"""A photo is decoded before the transaction that keeps it begins, whatever door it came by."""

import struct
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from portal import form_keys
from portal.access import PUBLIC, audience
from portal.actor import Actor
from portal.clock import now
from requests.attachments import uploads
from requests.attachments.models import Attachment
from requests.channels import intake as intakes
from requests.channels import photo_links
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.transitions import advance
from requests.inbound import reader
from requests.work_orders import appointments
from requests.work_orders.actions import create_order, send_order
from requests.work_orders.models import OrderLink
from tests import factories
from tests.requests.attachments import pdfs
from tests.requests.attachments.pictures import picture
from tests.requests.fixtures.work import later
from tests.requests.rounds import helpers

SMALL = struct.pack(">II", 8, 8) + picture(size=(8, 8))


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def depths(monkeypatch) -> list[int]:
    """How many transactions, inside that of the test, were open at each decoding."""
    found, outside = [], len(connection.savepoint_ids)

    def decode(script, argument, name, data, why):
        found.append(len(connection.savepoint_ids) - outside)
        return data if argument == "PDF" else SMALL

    monkeypatch.setattr(uploads, "run_isolated", decode)
    return found


def photo(colour: int = 0, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(size=(8 + colour, 8)), "image/jpeg")


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("b.pdf", pdfs.PLAIN, "application/pdf")


def keyed(**values) -> dict:
    return {form_keys.FIELD: form_keys.new_key(), **values}


@pytest.fixture
def claim(landlord):
    return factories.leak(landlord, now(), contact_email="awa@example.test")


def done(claim, landlord) -> None:
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    for step in (Event.TAKE_CHARGE, Event.REPORT_DONE):
        advance(claim=claim, transition=step, actor=agent, now=now())


def by_photo_link(client, claim, landlord):
    path = reverse("photos:photo_link", args=[photo_links.make(claim.reference, claim.filed_at)])
    return client.post(path, keyed(photos=[photo(), pdf()]))


def by_reply(client, claim, landlord):
    path = reverse("follow_write", args=[claim.token])
    return client.post(path, keyed(text="Voilà", photos=[photo(), pdf()]))


def by_step(client, claim, landlord):
    done(claim, landlord)
    path = reverse("follow_act", args=[claim.token, Event.SAY_NOT_FIXED])
    return client.post(path, keyed(text="Il pleut encore", photos=[photo(), pdf()]))


def by_filing(client, claim, landlord):
    client.post("/file/fault/water/", {"category": "PLO-03"})
    client.post("/file/where/", {"address": "1 place Neuve", "home": "other"})
    return client.post("/file/words/", keyed(words="Voilà", photos=[photo(), pdf()]))


def by_staff(client, claim, landlord):
    client.force_login(factories.member(landlord["north"], "agent").user)
    sent = {"version": claim.version, "text": "Voilà", "kind": "note", "channel": "web"}
    sent |= {"sure": "on", "attached": [photo(), pdf()]}
    return client.post(f"/agency/{claim.pk}/message/", keyed(**sent))


@pytest.mark.weakness("decoded in a transaction")
@pytest.mark.parametrize("door", [by_photo_link, by_reply, by_step, by_filing, by_staff])
def test_files_are_decoded_outside_any_transaction(client, claim, landlord, depths, door):
    answer = door(client, claim, landlord)
    assert answer.status_code == 302
    assert depths == [0, 0]
    assert Attachment.unscoped.count() == 2


def test_a_contractors_photos_are_decoded_outside_any_transaction(client, order, claim, depths):
    link = OrderLink.unscoped.create(order=order, created_at=now())
    starts = now() + timedelta(days=1)
    who = {"actor": Actor.CONTRACTOR, "channel": "phone", "now": now()}
    appointments.book(order=order, starts=starts, ends=starts + timedelta(hours=2), **who)
    appointments.confirm(order=order, actor=Actor.CONTRACTOR, now=now())
    order.refresh_from_db()
    sent = {"version": order.version, "text": "Joint changé", "before": photo(), "after": photo(1)}
    answer = client.post(reverse("job_act", args=[link.token, "done"]), keyed(**sent))
    assert answer.status_code == 302
    assert depths == [0, 0]
    assert order.photos.count() == 2


@pytest.fixture
def order(claim, landlord):
    contract = factories.contract(factories.contractor())
    agent = Actor.member(factories.member(landlord["north"], "agent"))
    made = create_order(
        claim=claim,
        contractor=contract.contractor,
        contract=contract,
        payer="landlord",
        why="by_law",
        description="Réparer",
        access_notes="",
        respond_by=later(days=10),
        actor=agent,
        now=now(),
    )
    send_order(order=made, actor=agent, now=now())
    return made


def test_a_caretakers_photos_are_decoded_outside_any_transaction(client, landlord, depths):
    factories.common_fault()
    home = landlord["dwelling"]
    client.force_login(factories.caretaker(landlord["north"]).user)
    answer = helpers.post(client, building=home.staircase.building_id, photos=[photo(), photo(1)])
    assert answer.status_code == 200
    assert depths == [0, 0]


def mail() -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = "awa@example.test", "agence@palier.example"
    made["Subject"], made["Message-ID"] = "Fuite", "<1@example.test>"
    made.set_content("Voilà")
    made.add_attachment(picture(), maintype="image", subtype="jpeg", filename="a.jpg")
    made.add_attachment(pdfs.PLAIN, maintype="application", subtype="pdf", filename="b.pdf")
    return made.as_bytes()


@pytest.mark.parametrize("by", ["worker", "person: request", "person: conversation"])
def test_the_files_of_a_mail_are_decoded_outside_any_transaction(
    client, claim, landlord, depths, by
):
    factories.category("ADM-14", "A2", "desk")
    intake, _new = intakes.receive(channel="email", external_id="1", raw=mail(), now=now())
    if by == "worker":
        reader.work(key="1", now=now(), intake_id=str(intake.pk))
    else:
        intakes.fail(intake, "unreadable")
        client.force_login(factories.member(landlord["head"], "head_office").user)
        name = "file" if by == "person: request" else "attach"
        sent = keyed(reference=claim.reference)
        assert client.post(reverse(f"channels:{name}", args=[intake.pk]), sent).status_code == 302
    assert depths == [0, 0]
    assert Attachment.unscoped.count() == 2


def test_the_same_form_sent_again_decodes_nothing_and_says_it_once(client, claim, depths):
    path, key = reverse("follow_write", args=[claim.token]), form_keys.new_key()
    for _time in range(2):
        client.post(path, {"text": "Voilà", form_keys.FIELD: key, "photos": [photo()]})
    assert depths == [0]
    assert Message.unscoped.filter(text="Voilà").count() == 1
    assert Attachment.unscoped.filter(claim=claim).count() == 1


def test_nobody_makes_us_decode_by_an_invented_link(client, claim, depths):
    answer = client.post("/s/invented/write/", keyed(text="Voilà", photos=[photo()]))
    assert answer.status_code == 404
    assert depths == []


def test_a_refused_photo_keeps_the_words_and_the_other_photos(client, claim, monkeypatch):
    def decode(script, argument, name, data, why):
        if name == "bad.jpg":
            raise uploads.Refused(name, uploads.UNREADABLE)
        return SMALL

    monkeypatch.setattr(uploads, "run_isolated", decode)
    path = reverse("follow_write", args=[claim.token])
    answer = client.post(path, keyed(text="Voilà", photos=[photo(), photo(1, "bad.jpg")]))
    assert answer.status_code == 422
    assert "bad.jpg" in answer.content.decode()
    assert "Voilà" in answer.content.decode()
    assert Attachment.unscoped.count() == 1


def test_work_asked_for_twice_is_a_mistake_and_no_endless_loop(rf, db, django_user_model):
    calls = []

    @audience(PUBLIC)
    def view(request):
        form_keys.require_before(calls.append)

    request = rf.post("/", keyed())
    request.user = django_user_model()
    request.resolver_match = type("Match", (), {"func": view})
    with pytest.raises(form_keys.DoBefore):
        view(request)
    assert calls == [request]
