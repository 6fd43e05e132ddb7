"""Record readings, open one claim per fault, and end the fault when the value is normal again."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import formats, translation
from django.utils.translation import gettext as _

from portal.actor import Actor
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import Channel
from requests.notifications import outgoing
from requests.sensors.models import Reading, Sensor, SensorFault, SensorSwitch

RETENTION = timedelta(days=30)
MAX_READINGS = 2000  # readings kept for one sensor
FUTURE = timedelta(minutes=5)  # most that a sensor's clock may be ahead of ours


class UnknownSensor(Exception):
    """No sensor has this slug."""


class ImplausibleReading(ValueError):
    """The instant of a reading is too far in the future or in the past."""


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key; the keys are random and long, so no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_key(sensor: Sensor) -> str:
    """Give the sensor a new key and return it.

    Only its digest is stored. The old key stops working.
    """
    key = secrets.token_urlsafe(24)
    sensor.digest = digest_of(key)
    Sensor.objects.filter(pk=sensor.pk).update(digest=sensor.digest)
    return key


def is_on() -> bool:
    """Return whether sensors may open claims at all."""
    last = SensorSwitch.objects.first()
    return last is None or last.on


def switch(*, on: bool, by, now: datetime) -> None:
    """Switch all sensors on or off, with author and date. Readings are recorded either way."""
    if is_on() != on:
        SensorSwitch.objects.create(on=on, by=by, at=now)


@transaction.atomic
def switch_one(*, sensor: Sensor, on: bool) -> None:
    """Switch one sensor on or off. Values measured while it was off open no fault."""
    Sensor.objects.filter(pk=sensor.pk).update(active=on, breach_since=None)


@transaction.atomic
def record_reading(*, slug: str, value: float, at: datetime, now: datetime) -> bool:
    """Record one reading and open or clear its fault; return False when it was recorded before.

    ``at`` is aware, by the sensor's clock. A reading older than the last one is recorded and has no
    other effect. Raises ``UnknownSensor`` and ``ImplausibleReading``.
    """
    rows = Sensor.objects.select_related("equipment", "category")
    sensor = rows.select_for_update(of=("self",)).filter(slug=slug).first()
    if sensor is None:
        raise UnknownSensor(slug)
    if not now - RETENTION < at <= now + FUTURE:
        raise ImplausibleReading(f"{at.isoformat()} is too far from now")
    _row, new = Reading.objects.get_or_create(sensor=sensor, at=at, defaults={"value": value})
    if not new:
        return False
    sensor.heard_at, sensor.silent_since = now, None
    if sensor.last_at is None or at > sensor.last_at:
        sensor.last_at, sensor.last_value = at, value
        _judge(sensor, value, at, now)
    sensor.save(update_fields=["heard_at", "silent_since", "last_at", "last_value", "breach_since"])
    return True


def _judge(sensor: Sensor, value: float, at: datetime, now: datetime) -> None:
    if sensor.is_back(value):
        sensor.breach_since = None
        _clear(sensor, value, at, now)
    elif not (sensor.active and is_on()):
        sensor.breach_since = None
    elif sensor.is_out(value):
        sensor.breach_since = sensor.breach_since or at
        if at - sensor.breach_since >= timedelta(minutes=sensor.for_minutes):
            _open(sensor, value, now)
    else:  # between the limit and the margin: no new fault, and no end of one
        sensor.breach_since = None


def _open(sensor: Sensor, value: float, now: datetime) -> None:
    """Open a fault and file its claim, unless the fault is open (a database constraint)."""
    since = sensor.breach_since
    if since is None or SensorFault.objects.filter(sensor=sensor, cleared_at=None).exists():
        return
    try:
        with transaction.atomic():
            fault = SensorFault.objects.create(
                sensor=sensor,
                equipment=sensor.equipment,
                category=sensor.category,
                value=value,
                opened_at=since,
            )
    except IntegrityError:
        return  # another sensor of the same equipment has reported it
    staircase = sensor.equipment.staircase_id if sensor.equipment else None
    fault.claim = file_claim(
        Filing(
            channel=Channel.SENSOR,
            key=f"fault/{fault.pk}",
            category=sensor.category.code,
            words=_words(sensor, value),
            staircase=staircase,
            building=None if staircase else sensor.place.pk,
            place_note=str(sensor.equipment or sensor.name)[:200],
            language=settings.LANGUAGE_CODE,
        ),
        actor=Actor.SYSTEM,
        now=now,
    )
    fault.save(update_fields=["claim"])


def _words(sensor: Sensor, value: float) -> str:
    limit = sensor.above
    with translation.override(settings.LANGUAGE_CODE):
        text = _("Sensor “%(name)s”: %(value)s, above the limit of %(limit)s.")
        if sensor.above is None or value <= sensor.above:
            text = _("Sensor “%(name)s”: %(value)s, below the limit of %(limit)s.")
            limit = sensor.below
        return text % {
            "name": sensor.name,
            "value": format_value(sensor, value),
            "limit": format_value(sensor, limit),
        }


def format_value(sensor: Sensor, value: float | None) -> str:
    """Return the value with its unit, in the current language."""
    if value is None:
        return "—"
    rounded = round(value, 2)
    number = formats.localize(int(rounded) if rounded == int(rounded) else rounded, use_l10n=True)
    return f"{number} {sensor.unit}".strip()


def _clear(sensor: Sensor, value: float, at: datetime, now: datetime) -> None:
    """End the open fault and note it on its claim.

    The claim stays open until a person closes it.
    """
    fault = SensorFault.objects.filter(sensor=sensor, cleared_at=None).first()
    if fault is None:
        return
    fault.cleared_at = at
    fault.save(update_fields=["cleared_at"])
    if fault.claim:
        with translation.override(settings.LANGUAGE_CODE):
            text = _("The sensor “%(name)s” is back to normal: %(value)s.")
            words = {"name": sensor.name, "value": format_value(sensor, value)}
            outgoing.write_note(fault.claim, text % words, now)


def sweep(now: datetime) -> int:
    """Find sensors that fell silent and limits passed for too long; delete old readings.

    Return how many sensors fell silent.
    """
    silent = 0
    for number in Sensor.objects.filter(heard_at__isnull=False).values_list("pk", flat=True):
        silent += _watch(number, now)
    return silent


@transaction.atomic
def _watch(number: int, now: datetime) -> bool:
    rows = Sensor.objects.select_related("equipment", "category")
    sensor = rows.select_for_update(of=("self",)).get(pk=number)
    last = sensor.readings.order_by("-at").values_list("at", flat=True)[
        MAX_READINGS : MAX_READINGS + 1
    ]
    oldest = max([now - RETENTION, *last])
    sensor.readings.filter(at__lte=oldest).delete()
    heard_at = sensor.heard_at or now
    if sensor.silent_since is None and now - heard_at > timedelta(minutes=sensor.silent_minutes):
        sensor.silent_since = now
        sensor.save(update_fields=["silent_since"])
        return True
    # Some sensors send only changed values: the fault then opens without a new reading.
    if (
        sensor.silent_since is None
        and sensor.breach_since
        and sensor.last_value is not None
        and sensor.active
        and is_on()
        and now - sensor.breach_since >= timedelta(minutes=sensor.for_minutes)
    ):
        _open(sensor, sensor.last_value, now)
    return False
