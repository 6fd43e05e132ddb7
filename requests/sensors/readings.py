"""Parse readings sent over HTTP or MQTT (``{"value": 21.5, "at": "…"}``); subscribe to a broker."""

import json
import logging
import ssl
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from django.db import close_old_connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.models import Pulse
from requests.sensors import actions as sensors

log = logging.getLogger(__name__)
MOST = 500  # readings accepted in one message
LARGEST = 64 * 1024


class Unreadable(ValueError):
    """The message holds no readings in a known form; ``str()`` says what is wrong."""


def parse_readings(body: bytes, now: datetime) -> list[tuple[float, datetime]]:
    """Return the values of one message with their instants, oldest first. Raises ``Unreadable``.

    The message is JSON: a number, one object, or a list of them. ``at`` defaults to ``now``.
    """
    if len(body) > LARGEST:
        raise Unreadable("more than 64 KB")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    rows = found if isinstance(found, list) else [found]
    if len(rows) > MOST:
        raise Unreadable("more than 500 readings")
    return sorted((_one(row, now) for row in rows), key=lambda pair: pair[1])


def _one(row, now: datetime) -> tuple[float, datetime]:
    given = row if isinstance(row, dict) else {"value": row}
    value, at = given.get("value"), given.get("at")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable("value must be a number")
    if not -1e15 < value < 1e15:  # also refuses NaN and the infinities
        raise Unreadable("value is no measure")
    if at is None:
        return float(value), now
    try:
        moment = parse_datetime(at) if isinstance(at, str) else None
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise Unreadable("at must be an ISO 8601 instant with its zone")
    return float(value), moment


class Subscriber:
    """A subscriber to ``<topic>/<sensor>`` on a broker (``mqtts://user:password@host:port``).

    A message is acknowledged once it is in the database. After a crash before that, the broker
    sends it again; recording it twice has no effect.
    """

    def __init__(self, url: str, topic: str, clock: Callable[[], datetime]) -> None:
        self.topic, self.clock = topic.strip("/"), clock
        self.parts, self.stopped, self.subscribed = urlsplit(url), False, False
        if self.parts.scheme not in ("mqtt", "mqtts"):
            raise ValueError("the broker's address begins with mqtt:// or mqtts://")
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id="palier-sensors",
            clean_session=False,
            manual_ack=True,
        )
        if self.parts.username:
            self.client.username_pw_set(
                unquote(self.parts.username), unquote(self.parts.password or "")
            )
        if self.parts.scheme == "mqtts":
            self.client.tls_set_context(ssl.create_default_context())
        self.client.on_connect = self._connected
        self.client.on_subscribe = self._listening
        self.client.on_message = self._message

    def run(self) -> None:
        """Read messages until ``stop`` is called from another thread or a signal.

        Raises OSError without a broker. An error that a message raises ends the process: its
        supervisor starts it again, and the broker sends again what was not acknowledged.
        """
        port = self.parts.port or (8883 if self.parts.scheme == "mqtts" else 1883)
        self.client.connect(self.parts.hostname or "localhost", port, keepalive=30)
        while not self.stopped:
            found = self.client.loop(timeout=1.0)
            if found != mqtt.MQTT_ERR_SUCCESS and not self.stopped:
                raise ConnectionError(mqtt.error_string(found))
            if self.client.is_connected():
                Pulse.beat("sensors")
        self.client.disconnect()

    def stop(self, *_signal) -> None:
        self.stopped = True

    def _connected(self, client, _userdata, _flags, reason, _properties) -> None:
        if reason.is_failure:
            log.warning("the broker refuses us: %s", reason)
            return
        client.subscribe(f"{self.topic}/+", qos=1)

    def _listening(self, _client, _userdata, _mid, _reasons, _properties) -> None:
        self.subscribed = True

    def _message(self, client, _userdata, message) -> None:
        """Record one message. Log and acknowledge invalid ones; let database errors through."""
        close_old_connections()
        slug = message.topic.rpartition("/")[2]
        try:
            now = self.clock()
            for value, at in parse_readings(message.payload, now):
                sensors.record_reading(slug=slug, value=value, at=at, now=now)
        except (ValueError, sensors.UnknownSensor) as error:
            log.warning("reading of %s set aside: %r", slug, error)
        client.ack(message.mid, message.qos)
