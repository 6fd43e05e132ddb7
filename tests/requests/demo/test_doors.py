"""Each channel of the demonstration, tried as an evaluator tries it."""

import asyncio
import os
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from portal.clock import now
from portal.dev import imapbox, mailcatcher
from requests import tasks
from requests.channels.models import Intake
from requests.channels.outbound.receipt import Receipt
from requests.claims.models import Claim
from requests.demo import doors
from requests.inbound import imap
from requests.inbound.missed_call_models import MissedCall
from requests.jobs import queue
from requests.open311.models import Open311Key
from requests.sensors.models import Sensor
from tests.factories import category, common_fault, sensor
from tests.requests.channels import packs

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(landlord, settings, tmp_path):
    settings.MEDIA_ROOT = settings.PALIER_HOME = tmp_path
    settings.DEMO = True
    category("ADM-14", "A1", "crc")
    return landlord


def work() -> None:
    queue.drain(tasks.HANDLERS, now)


def place(house):
    return house["dwelling"].staircase.building


def send(client, door: str, **fields):
    data = {f"{door}-{name}": value for name, value in fields.items()}
    return client.post(reverse("demo:doors"), {"door": door, **data})


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The mail catcher's IMAP server over a folder; returns that folder."""
    folder = tmp_path / "mailbox"
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(imapbox.start(folder, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("PALIER_IMAP", f"127.0.0.1:{port}")
    monkeypatch.setenv(doors.SECRET_NAME, "demo")
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield folder
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    server.close()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def test_a_mail_is_caught_kept_in_the_mailbox_and_fetched(client, house, served, monkeypatch):
    caught = served.parent / "mail"
    caught.mkdir()
    keeper = mailcatcher.Keeper(caught, doors.ADDRESS, served)

    class Server:
        """Hands over to the catcher what smtplib would send."""

        def __init__(self, *_args, **_more) -> None: ...
        def __enter__(self):
            return self

        def __exit__(self, *_error) -> None: ...
        def send_message(self, message) -> None:
            envelope = SimpleNamespace(
                mail_from=message["From"],
                rcpt_tos=[message["To"]],
                original_content=message.as_bytes().replace(b"\n", b"\r\n"),
            )
            assert asyncio.run(keeper.handle_DATA(None, None, envelope)).startswith("250")

    monkeypatch.setattr("smtplib.SMTP", Server)
    assert doors.connect_mailbox() == doors.connect_mailbox()
    photo = SimpleUploadedFile("évier.jpg", packs.picture(), "image/jpeg")
    written = {"sender": "awa@example.org", "subject": "Fuite", "text": "Ça fuit à côté."}
    answer = send(client, "mail", **written, photo=photo)
    assert answer.url == reverse("demo:doors") + "#mail"
    for turn in (1, 0):  # fetched once
        assert imap.poll(now) == turn
        doors.connect_mailbox()
    work()
    claim = Claim.objects.system("test").get(channel="email")
    assert claim.contact_email == "awa@example.org"
    assert "Ça fuit à côté." in claim.words
    assert [row.name for row in claim.attachments.all()] == ["évier.jpg"]
    page = client.get(reverse("demo:doors")).content.decode()
    assert doors.ADDRESS in page


def test_without_a_mail_server_the_typed_words_stay(client, house, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = send(client, "mail", sender="a@b.example", subject="Fuite", text="Ça fuit.")
    assert answer.status_code == 503
    assert "Ça fuit." in answer.content.decode()


@pytest.mark.parametrize(("by", "channel"), [("sms", "sms"), ("social", "social")])
def test_a_phone_writes(client, house, settings, by, channel):
    settings.PALIER_WHATSAPP_NUMBER = "106"
    send(client, "phone", channel=by, number="06 39 98 11 22", text="La porte ne ferme plus")
    work()
    claim = Claim.objects.system("test").get(channel=channel)
    assert (claim.contact_phone, claim.words) == ("+33639981122", "La porte ne ferme plus")
    chosen = client.get(reverse("demo:doors"), {"number": "+33639980001", "channel": by})
    assert 'value="+33639980001"' in chosen.content.decode()


def test_a_call_and_a_post_come_in(client, house):
    send(client, "call", number="02 40 00 01 23")
    send(client, "post", name="Yvon", text="Toujours pas d'ascenseur")
    work()
    assert MissedCall.objects.system("test").get().number == "+33240000123"
    assert Intake.unscoped.get(channel="page").text == "Toujours pas d'ascenseur"


@pytest.mark.parametrize("door", ["mail", "phone", "call", "post"])
def test_a_mistake_is_said_and_nothing_comes(client, house, door):
    answer = send(client, door, number="12", text="resté")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "error-summary" in page
    assert ("resté" in page) is (door != "call")
    assert not Intake.unscoped.exists()
    assert client.post(reverse("demo:doors"), {"door": "window"}).status_code == 302


def test_a_sensor_makes_a_request_and_is_usual_again(client, house):
    row = sensor(common_fault("CHF-01"), building=place(house), for_minutes=30)
    client.post(reverse("demo:measure", args=[row.slug]), {"wrong": "1"})
    claim = Claim.objects.system("test").get(channel="sensor")
    assert claim.category.code == "CHF-01"
    assert doors.talk(now()) == 0  # one that is out of order is not talked over
    client.post(reverse("demo:measure", args=[row.slug]))
    assert not row.faults.filter(cleared_at=None).exists()
    assert doors.talk(now() + timedelta(minutes=1)) == 1
    row.refresh_from_db()
    assert not row.is_out(row.last_value)


def test_sensors_keep_talking_in_a_demonstration_alone(house, settings):
    row = sensor(common_fault("CHF-01"), building=place(house))
    settings.DEMO = False
    tasks.talk_of_sensors()
    assert not row.readings.exists()
    settings.DEMO = True
    tasks.talk_of_sensors()
    assert row.readings.count() == 1
    assert Sensor.objects.get().last_value >= doors.WARM[0]


def test_the_letter_and_the_key_of_the_city(client, house):
    assert client.get(reverse("demo:letter")).content.startswith(b"%PDF-")
    for _turn in range(2):
        doors.make_open311_key(now())
    key = Open311Key.objects.get()
    assert key.digest == Open311Key.digest_of(doors.OPEN311_KEY)
    assert doors.OPEN311_KEY in client.get(reverse("demo:doors")).content.decode()


def test_without_a_mailbox_none_is_made(house, monkeypatch):
    monkeypatch.delenv("PALIER_IMAP", raising=False)
    assert doors.connect_mailbox() is None
    assert "PALIER_IMAP" not in os.environ


def test_a_city_reports(client, house):
    doors.make_open311_key(now())
    building = place(house)
    building.latitude, building.longitude = 47.2, -1.55
    building.save()
    common_fault("ASC-01")
    entrance = house["dwelling"].staircase.pk
    send(client, "report", service="ASC-01", entrance=entrance, text="L'ascenseur est arrêté")
    work()
    claim = Claim.objects.system("test").get(channel="open311")
    assert (claim.category.code, claim.building) == ("ASC-01", building)
    page = client.get(reverse("demo:doors"), headers={"X-Panel": "1"}).content.decode()
    assert claim.spoken_reference in page
    assert "data-refresh" not in page


def test_the_door_tells_what_became_of_what_was_sent(client, house, settings, monkeypatch):
    settings.PALIER_WHATSAPP_NUMBER = "106"
    url = reverse("demo:doors")
    send(client, "phone", channel="sms", number="06 39 98 11 22", text="La porte ne ferme plus")
    send(client, "call", number="02 40 00 01 23")
    before = client.get(url, headers={"X-Panel": "1"}).content.decode()
    assert before.count(f'data-refresh="{url}"') == 5
    assert before.count("Conservé tel quel") == 2
    monkeypatch.setattr(
        "requests.channels.outbound.sms.send", lambda *_a, **_k: Receipt(True, provider_id="1")
    )
    work()
    claim = Claim.objects.system("test").get(channel="sms")
    answer = claim.deliveries.get(channel="sms")
    page = client.get(url, headers={"X-Panel": "1"}).content.decode()
    assert f'href="{reverse("agency:claim", args=[claim.pk])}"' in page
    assert reverse("missed_calls:index") in page
    assert escape(answer.text.splitlines()[0]) in page
    assert "data-refresh" not in page
    # Another visitor sees nothing of it.
    client.logout()
    assert claim.spoken_reference not in client.get(url).content.decode()
