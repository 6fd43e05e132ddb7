"""Test readings over HTTP and a real broker: one claim per fault, until it is cleared."""

import asyncio
import json
import threading
import time
from datetime import timedelta

import paho.mqtt.publish as publish
import pytest
from amqtt.broker import Broker
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation
from pwdlib.hashers.argon2 import Argon2Hasher

from agencies.models import Equipment
from portal.clock import now
from portal.dev.embedded import free_port
from requests.channels import signatures
from requests.claims.models import Claim
from requests.sensors import actions as sensors
from requests.sensors.models import Reading, Sensor, SensorFault
from requests.sensors.readings import Subscriber, Unreadable, parse_readings
from tests.factories import common_fault, member, sensor

START = now().replace(microsecond=0) - timedelta(hours=5)


@pytest.fixture
def boiler(landlord) -> Sensor:
    building = landlord["dwelling"].staircase.building
    equipment = Equipment.objects.create(building=building, kind="boiler", label="Chaudière A")
    return sensor(common_fault("CHA-01"), equipment=equipment)


def say(value: float, minutes: int, slug: str = "chaudiere-1") -> bool:
    """Record a reading ``minutes`` after the start, received at once."""
    at = START + timedelta(minutes=minutes)
    return sensors.record_reading(slug=slug, value=value, at=at, now=at)


def claims():
    return Claim.objects.system("test").filter(channel="sensor").order_by("filed_at")


def test_one_claim_per_fault_until_it_is_cleared(boiler):
    say(60, 0)
    say(40, 5)
    say(41, 14)
    assert not claims().exists()
    say(42, 15)
    say(43, 30)
    claim = claims().get()
    assert (claim.building, claim.dwelling, claim.tenant) == (boiler.place, None, None)
    assert "Départ chaudière" in claim.words
    assert "42" in claim.words
    say(52, 40)  # inside the limit, but not by the margin
    say(40, 50)
    say(40, 90)
    assert claims().count() == 1
    say(56, 100)
    fault = SensorFault.objects.get()
    assert fault.cleared_at == START + timedelta(minutes=100)
    assert "56" in claim.messages.get(direction="note").text
    claim.refresh_from_db()
    assert claim.ended_at is None
    say(40, 110)
    say(40, 121)
    assert claims().count() == 2


def test_a_short_dip_a_repeat_and_a_late_reading_open_nothing(boiler):
    say(40, 0)
    say(51, 5)
    say(40, 8)
    assert say(40, 8) is False
    say(45, 12)
    say(40, 3)  # comes late
    assert not claims().exists()
    boiler.refresh_from_db()
    assert (boiler.last_value, Reading.objects.count()) == (45, 5)
    for minutes in (-60 * 24 * 40, 60):
        at = START + timedelta(minutes=minutes)
        with pytest.raises(sensors.ImplausibleReading):
            sensors.record_reading(slug="chaudiere-1", value=1, at=at, now=START)
    with pytest.raises(sensors.UnknownSensor):
        say(1, 1, "nobody")


def test_two_sensors_of_one_equipment_report_one_fault(boiler):
    sensor(boiler.category, "chaudiere-2", equipment=boiler.equipment)
    for slug in ("chaudiere-1", "chaudiere-2"):
        say(40, 0, slug)
        say(40, 20, slug)
    assert claims().count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        SensorFault.objects.create(
            sensor=Sensor.objects.get(slug="chaudiere-2"),
            equipment=boiler.equipment,
            category=boiler.category,
            value=1,
            opened_at=START,
        )


def test_time_alone_makes_a_fault_and_silence_is_noticed(boiler):
    say(40, 0)
    assert sensors.sweep(START + timedelta(minutes=9)) == 0
    assert not claims().exists()
    sensors.sweep(START + timedelta(minutes=11))
    assert claims().count() == 1
    assert sensors.sweep(START + timedelta(minutes=61)) == 1
    assert sensors.sweep(START + timedelta(minutes=62)) == 0
    boiler.refresh_from_db()
    assert boiler.silent_since == START + timedelta(minutes=61)
    say(60, 70)
    boiler.refresh_from_db()
    assert boiler.silent_since is None


def test_off_means_off_for_one_and_for_all(boiler, landlord):
    boss = member(landlord["head"], "head_office")
    sensors.switch(on=False, by=boss.user, now=START)
    say(40, 0)
    say(40, 20)
    sensors.sweep(START + timedelta(minutes=40))
    assert not claims().exists()
    sensors.switch(on=True, by=boss.user, now=START)
    sensors.switch_one(sensor=boiler, on=False)
    say(40, 21)
    say(40, 42)
    assert not claims().exists()
    sensors.switch_one(sensor=boiler, on=True)
    say(40, 50)
    assert not claims().exists()  # what was measured while off does not count
    say(40, 60)
    assert claims().count() == 1


def test_readings_are_bounded(boiler, monkeypatch):
    monkeypatch.setattr(sensors, "MAX_READINGS", 3)
    for minute in range(6):
        say(60, minute)
    sensors.sweep(START + timedelta(minutes=7))
    kept = [(row.at - START).seconds // 60 for row in Reading.objects.all()]
    assert kept == [5, 4, 3]
    sensors.sweep(START + timedelta(days=31))
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("above", "below", "margin"), [(None, None, 0), (10, 20, 0), (20, 10, 5), (20, None, -1)]
)
def test_limits_that_make_no_sense_are_refused(boiler, above, below, margin):
    with pytest.raises(IntegrityError), transaction.atomic():
        Sensor.objects.update(above=above, below=below, margin=margin)


# Readings over HTTP


def post(body, slug="chaudiere-1", **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().generic("POST", f"/hooks/sensors/{slug}/", data, headers=headers)


def test_a_sensor_posts_with_its_own_key_only(boiler, settings):
    key = sensors.make_key(boiler)
    boiler.refresh_from_db()
    assert key not in str(vars(boiler))
    own = {"Authorization": f"Bearer {key}"}
    rows = [{"value": 40, "at": (now() - timedelta(minutes=m)).isoformat()} for m in (20, 1)]
    assert post(rows, **own).json() == {"taken": 2}
    assert post(rows, **own).json() == {"taken": 0}
    assert claims().count() == 1
    other = sensor(boiler.category, "autre", building=boiler.place)
    assert post(1, slug="autre", **own).status_code == 401
    assert post(1).status_code == 401
    assert post(1, slug="nobody", **own).status_code == 401
    sensors.make_key(boiler)
    assert post(1, **own).status_code == 401
    settings.PALIER_HOOK_KEY = "k" * 20
    at = str(int(now().timestamp()))
    sign = signatures.sign("k" * 20, int(at), b"7")
    signed = {"X-Palier-Timestamp": at, "X-Palier-Signature": sign}
    assert post(b"7", slug=other.slug, **signed).status_code == 202
    assert post(b"8", slug=other.slug, **signed).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"warm",
        b"NaN",
        b"1" * 400,
        b"1e999",
        b'{"value": true}',
        b'{"value": "7"}',
        b'{"at": "2026-01-01T00:00:00Z"}',
        b'{"value": 7, "at": "yesterday"}',
        b'{"value": 7, "at": "2026-01-01T00:00:00"}',
        b'{"value": 7, "at": 12}',
        b"[" * 30_000,
        b"[" + b"1," * 600 + b"1]",
        b"1" * 70_000,
        b"\xff",
    ],
)
def test_nonsense_is_refused(body):
    with pytest.raises(Unreadable):
        parse_readings(body, START)


def test_staff_see_each_sensor_and_switch_it(boiler, landlord, client):
    say(40, 0)
    say(40, 20)
    sonia = member(landlord["north"], "agent")
    client.force_login(sonia.user)
    page = client.get("/agency/sensors/").content.decode()
    assert "Départ chaudière" in page
    assert "40 °C" in page
    assert claims().get().spoken_reference in page
    assert client.post(f"/agency/sensors/{boiler.pk}/off/").status_code == 403
    client.force_login(member(landlord["south"], "agency_manager").user)
    assert "Départ chaudière" not in client.get("/agency/sensors/").content.decode()
    assert client.post(f"/agency/sensors/{boiler.pk}/off/").status_code == 404
    client.force_login(member(landlord["north"], "agency_manager").user)
    client.post(f"/agency/sensors/{boiler.pk}/off/")
    boiler.refresh_from_db()
    assert not boiler.active
    assert client.post("/agency/sensors/all/off/").status_code == 403
    client.force_login(member(landlord["head"], "head_office").user)
    client.post("/agency/sensors/all/off/")
    assert not sensors.is_on()


def test_the_health_page_tells_of_silence_and_of_each_door(boiler, landlord, client, settings):
    settings.PALIER_WHATSAPP_SECRET = ""
    say(60, 0)
    sensors.sweep(START + timedelta(minutes=61))
    client.force_login(member(landlord["head"], "head_office").user)
    with translation.override("en"):
        page = client.get("/agency/channels/", headers={"Accept-Language": "en"}).content.decode()
    for said in ("1 silent sensor", "0 key", "0 call", "Not set"):
        assert said in page
    assert 'href="/agency/sensors/"' in page


# Readings over MQTT


@pytest.fixture
def broker(tmp_path):
    """Run a real broker with a password on a free port, in its own thread."""
    passwords = tmp_path / "passwords"
    passwords.write_text(f"palier:{Argon2Hasher().hash('pass word')}\n")
    port, loop, ready = free_port(), asyncio.new_event_loop(), threading.Event()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {
            "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(passwords)}
        },
    }

    def serve():
        asyncio.set_event_loop(loop)
        running = Broker(config, loop=loop)
        loop.run_until_complete(running.start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(running.shutdown())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(30)
    yield port
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)


class Listening:
    """Run the subscriber in a thread. ``failure`` is the error that ended it."""

    def __init__(self, port: int) -> None:
        self.subscriber = Subscriber(
            f"mqtt://palier:pass%20word@127.0.0.1:{port}", "palier/sensors", now
        )
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.subscriber.run()
        except Exception as error:
            self.failure = error
        finally:
            connection.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self.subscriber.stop()
        self.thread.join(30)
        assert not self.thread.is_alive()


def until(true, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_readings_over_a_broker_are_kept_and_none_is_lost_while_we_are_away(
    broker, landlord, monkeypatch
):
    # A broker, a thread and a connection of its own: about two seconds.
    building = landlord["dwelling"].staircase.building
    sensor(common_fault("CHA-01"), building=building)

    def tell(payload, slug="chaudiere-1"):
        publish.single(
            f"palier/sensors/{slug}",
            payload,
            qos=1,
            hostname="127.0.0.1",
            port=broker,
            auth={"username": "palier", "password": "pass word"},
        )

    def row(value, minutes):
        at = (now() - timedelta(minutes=minutes)).isoformat()
        return json.dumps({"value": value, "at": at})

    with Listening(broker) as first:
        until(first.subscriber.client.is_connected)
        until(lambda: first.subscriber.subscribed)
        tell("warm")
        tell("7", slug="nobody")
        tell(row(40, 30))
        until(lambda: Reading.objects.count() == 1)
    tell(row(40, 15))  # no subscriber: the broker keeps the message
    with Listening(broker):
        until(lambda: claims().count() == 1)

    def broken(**_values):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(sensors, "record_reading", broken)
    acknowledged = []
    with Listening(broker) as third:
        monkeypatch.setattr(third.subscriber.client, "ack", lambda *a: acknowledged.append(a))
        until(lambda: third.subscriber.subscribed)
        tell(row(60, 1))
        until(lambda: third.failure is not None)
    # MQTT makes the broker send it again after the supervisor's restart.
    assert isinstance(third.failure, RuntimeError)
    assert acknowledged == []
