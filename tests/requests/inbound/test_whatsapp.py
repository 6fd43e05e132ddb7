"""Messaging in and out, against a provider that answers, refuses and repeats as documented."""

import io
import random
import threading

import pytest
from django.db import connection
from PIL import Image

from portal.actor import Actor
from portal.clock import now
from portal.dev import phonecatcher
from requests import tasks
from requests.attachments.models import Attachment
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.conversation.actions import write
from requests.jobs import queue
from requests.notifications import events as notifications
from requests.notifications.models import Delivery, FailingAddress
from tests.factories import category, landlord, member
from tests.requests.attachments.pdfs import PLAIN
from tests.requests.fixtures.whatsapp import (
    ALWAYS,
    NUMBER,
    came_in,
    envelope,
    message,
    post,
    provider,
    read,
)

pytestmark = pytest.mark.long

__all__ = ["provider", "read"]


def status(ours: str, state: str, code: int = 0, number: str = "wamid.out") -> bytes:
    told = {"id": number, "status": state, "biz_opaque_callback_data": ours}
    if code:
        told["errors"] = [{"code": code}]
    return phonecatcher.envelope(statuses=[told])


@pytest.fixture
def chat(landlord, provider, read):
    """A claim begun by messaging, its acknowledgement sent."""
    category("ADM-14", "A1", "crc")
    provider.spoke[NUMBER] = ALWAYS
    assert post(envelope(message("1", body="La lumière du hall ne marche plus"))).status_code == 200
    read()
    return Claim.objects.system("test").get(channel="social")


def test_a_conversation_begins_and_is_answered_on_the_same_channel(chat, provider, read, clock):
    assert (chat.contact_phone, chat.contact_name) == (NUMBER, "Awa")
    path, sent = provider.posts[0]
    assert path == "/v23.0/106/messages"
    assert (sent["to"], sent["type"]) == (NUMBER.lstrip("+"), "text")
    assert chat.reference in sent["text"]["body"].replace(" ", "")
    delivery = Delivery.unscoped.get()
    assert (delivery.channel, delivery.recipient, delivery.state) == ("social", NUMBER, "sent")
    for state in ("read", "sent", "delivered", "failed", "read"):
        assert post(status(delivery.pk.hex, state)).status_code == 200
    read()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    clock.forward(seconds=1)
    post(envelope(message("2", body="C'est au 2e étage")))
    read()
    assert came_in(chat)[-1] == "C'est au 2e étage"
    assert Claim.objects.system("test").filter(channel="social").count() == 1
    assert phonecatcher.messages(provider.folder)[0].to == NUMBER


def test_after_24_hours_only_the_template_leaves(chat, provider, landlord, clock, work):
    sonia = member(landlord["north"], "agent")
    clock.forward(hours=25)
    provider.spoke.clear()
    advance(
        claim=chat,
        transition=Event.ASK,
        actor=Actor.member(sonia),
        now=clock(),
        text="Quel\nétage ?",
    )
    clock.forward(minutes=2)
    work()
    sent = provider.posts[-1][1]
    assert sent["type"] == "template"
    [part] = sent["template"]["components"]
    assert "Quel étage ?" in part["parameters"][0]["text"]
    assert (sent["template"]["name"], sent["template"]["language"]) == (
        "palier_news",
        {"code": "fr"},
    )


def test_a_window_that_the_provider_calls_over_is_answered_by_the_template(
    chat, provider, landlord, clock, work
):
    provider.spoke.clear()  # the provider's clock, not ours, decides
    sonia = member(landlord["north"], "agent")
    advance(claim=chat, transition=Event.ASK, actor=Actor.member(sonia), now=clock(), text="Où ?")
    clock.forward(minutes=2)
    work()
    kinds = [sent["type"] for _path, sent in provider.posts[1:]]
    assert kinds == ["text", "template"]
    assert Delivery.unscoped.filter(state="sent").count() == 2


@pytest.mark.parametrize(
    ("http", "code", "state", "failing"),
    [
        (400, 131026, "failed_permanent", True),
        (400, 132001, "failed_permanent", False),
        (401, 190, "failed_permanent", False),
        (429, 130429, "failed_temporary", False),
        (500, 131000, "failed_temporary", False),
    ],
)
def test_documented_errors_are_told_apart(provider, landlord, read, http, code, state, failing):
    category("ADM-14", "A1", "crc")
    provider.answers.append((http, code))
    post(envelope(message("1")))
    read()
    assert Delivery.unscoped.get(channel="social").state == state
    assert FailingAddress.unscoped.filter(channel="social").exists() is failing


def test_who_is_not_reached_by_messaging_gets_a_text_once(chat, provider, read, texts):
    delivery = Delivery.unscoped.get()
    for _ in range(3):
        post(status(delivery.pk.hex, "failed", 131026))
    read()
    assert [sms.to for sms in texts.sent] == [NUMBER]


def test_a_photo_is_fetched_and_cleaned(chat, provider, read, clock):
    clock.forward(seconds=1)
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    provider.media["media-1"] = ("image/png", out.getvalue())
    image = {"id": "media-1", "mime_type": "image/png", "caption": "Le plafonnier"}
    post(envelope(message("2", "image", image=image)))
    read()
    kept = Attachment.unscoped.get()
    assert (kept.claim, kept.content_type, kept.width) == (chat, "image/jpeg", 20)
    assert came_in(chat)[-1] == "Le plafonnier"


def test_a_file_that_is_gone_or_too_big_costs_nothing_else(chat, provider, read, clock):
    clock.forward(seconds=1)
    post(envelope(message("2", "image", image={"id": "gone", "caption": "Ici"})))
    clock.forward(seconds=1)
    post(envelope(message("3", "image", image={"id": "../../secret"})))
    read()
    assert came_in(chat)[1:] == ["Ici", "photo"]
    assert not Attachment.unscoped.exists()
    assert chat.events.filter(name=Event.TOO_BIG).count() == 2


def test_a_provider_that_is_away_is_asked_again(chat, provider, read, settings, clock):
    right = settings.PALIER_WHATSAPP_URL
    settings.PALIER_WHATSAPP_URL = "http://127.0.0.1:9/v23.0"
    post(envelope(message("2", "image", image={"id": "media-1"})))
    read()
    intake = Intake.unscoped.get(external_id="wamid.2")
    assert intake.state == "new"
    settings.PALIER_WHATSAPP_URL = right
    provider.media["media-1"] = ("application/pdf", PLAIN)
    clock.forward(minutes=5)
    read()
    assert Attachment.unscoped.get().content_type == "application/pdf"


def test_a_place_a_button_and_a_reaction(chat, provider, read, clock):
    clock.forward(seconds=1)
    place = {"latitude": 47.2, "longitude": -1.55, "name": "Hall B"}
    post(envelope(message("2", "location", location=place)))
    clock.forward(seconds=1)
    button = {"type": "button_reply", "button_reply": {"id": "1", "title": "Oui"}}
    post(envelope(message("3", "interactive", interactive=button)))
    before = chat.events.count()
    read()
    assert "Hall B, 47.2, -1.55" in came_in(chat)[1]
    assert came_in(chat)[2] == "Oui"
    assert chat.events.count() > before
    moved = chat.events.count()
    post(envelope(message("4", "reaction", reaction={"emoji": "👍", "message_id": "wamid.x"})))
    read()
    assert chat.events.count() == moved


def test_an_unknown_kind_is_told_politely(chat, provider, read, clock):
    clock.forward(seconds=1)
    post(envelope(message("2", "order", order={"catalog_id": "1"})))
    read()
    assert "order" in came_in(chat)[-1]
    assert "pu ouvrir" in provider.posts[-1][1]["text"]["body"]


def test_an_answer_to_one_of_our_messages_joins_its_claim(chat, provider, read, clock, landlord):
    other = Claim.objects.system("test").get(pk=chat.pk)
    clock.forward(seconds=1)
    provider.spoke[NUMBER] = ALWAYS
    sent = Delivery.unscoped.get()
    post(envelope(message("9", body="Oui", context={"id": sent.provider_id})))
    stranger = message("10", body="x", sender="+33639985678", context={"id": sent.provider_id})
    post(envelope(stranger))
    read()
    assert came_in(other) == ["La lumière du hall ne marche plus", "Oui"]


def test_yes_closes_what_was_reported_done(chat, read, landlord, clock, work):
    sonia = member(landlord["head"], "head_office")
    advance(claim=chat, transition=Event.REPORT_DONE, actor=Actor.member(sonia), now=clock())
    post(envelope(message("2", body="OUI")))
    read()
    chat.refresh_from_db()
    assert chat.state == "closed"


def test_a_sensitive_claim_says_nothing_by_messaging(chat):
    chat.category.sensitive = True
    kept = {"text": "Qui vous menace ?"}
    assert "menace" not in notifications.event_paragraph(chat, "ask", kept, "social", "fr")


def test_who_never_wrote_by_messaging_is_not_written_to_there(make_claim, provider, work, texts):
    make_claim(channel="sms", contact_email="", contact_phone=NUMBER)
    work()
    assert provider.posts == []
    assert len(texts.sent) == 1


def test_only_the_provider_may_post_and_only_it_verifies(provider, client, db, settings):
    body = envelope(message("1"))
    assert post(body, "sha256=00").status_code == 401
    assert post(body, "").status_code == 401
    assert post(b"{", None).status_code == 400
    assert post(b"[" * 60_000, None).status_code == 400
    for odd in (b"[]", b"{}", b'{"entry": 7}', b'{"entry": [{"changes": [{"value": []}]}]}'):
        assert post(odd).status_code == 200
    assert not Intake.unscoped.exists()
    asked = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "11"}
    assert client.get("/hooks/whatsapp/", asked).content == b"11"
    wrong = ({"hub.verify_token": "x"}, {"hub.challenge": "<script>"}, {"hub.mode": "x"})
    for change in wrong:
        assert client.get("/hooks/whatsapp/", asked | change).status_code == 404
    settings.PALIER_WHATSAPP_SECRET = settings.PALIER_WHATSAPP_VERIFY = ""
    empty = asked | {"hub.verify_token": ""}
    assert client.get("/hooks/whatsapp/", empty).status_code == 404
    assert post(body, phonecatcher.hub_signature("", body)).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_replayed_ten_times_out_of_order_and_at_once_it_is_one_message(provider):
    # Real connections: threads that post and workers that read at the same time.
    landlord()
    category("ADM-14", "A1", "crc")
    provider.spoke[NUMBER] = ALWAYS
    post(envelope(message("1", body="La porte")))
    queue.drain(tasks.HANDLERS, now)
    delivery = Delivery.unscoped.get()
    bodies = [envelope(message("2", body="Encore")), envelope(message("3", body="Merci"))]
    bodies += [status(delivery.pk.hex, state) for state in ("sent", "delivered", "read")]
    posts = bodies * 10
    random.Random(7).shuffle(posts)
    failures = []

    def go(mine):
        try:
            for body in mine:
                assert post(body).status_code == 200
                queue.drain(tasks.HANDLERS, now, most=3)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(posts[n::5],)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    queue.drain(tasks.HANDLERS, now)
    assert failures == []
    texts = Message.unscoped.filter(direction="in").order_by("text").values_list("text", flat=True)
    assert list(texts) == ["Encore", "La porte", "Merci"]
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert Intake.unscoped.filter(state="parsed").count() == 6


def test_staff_answer_by_hand_through_messaging(chat, provider, landlord, clock, work):
    boss = member(landlord["head"], "head_office")
    write(
        claim=chat,
        text="Nous passons demain.",
        direction="out",
        channel="social",
        actor=Actor.member(boss),
        now=clock(),
    )
    clock.forward(minutes=2)
    work()
    assert "Nous passons demain." in str(provider.posts[-1][1])
