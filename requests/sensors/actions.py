"""From a reading to at most one claim per fault, until the value is back to normal."""

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

KEPT_FOR = timedelta(days=30)
MOST_KEPT = 2000  # readings of one sensor
FUTURE = timedelta(minutes=5)  # how far a sensor's clock may be ahead of ours


class Unknown(Exception):
    """No sensor has this name."""


class Wrong(ValueError):
    """A reading that cannot be: its instant lies ahead of us or too far back."""


def digest_of(key: str) -> str:
    """The keys are random and long, so a plain digest is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_key(sensor: Sensor) -> str:
    """Give the sensor a fresh key, which is returned and kept nowhere; the old one ends."""
    key = secrets.token_urlsafe(24)
    sensor.digest = digest_of(key)
    Sensor.objects.filter(pk=sensor.pk).update(digest=sensor.digest)
    return key


def is_on() -> bool:
    """Whether sensors may open claims at all."""
    last = SensorSwitch.objects.first()
    return last is None or last.on


def switch(*, on: bool, by, now: datetime) -> None:
    """All sensors together; kept with author and date. Readings go on being noted."""
    if is_on() != on:
        SensorSwitch.objects.create(on=on, by=by, at=now)


@transaction.atomic
def switch_one(*, sensor: Sensor, on: bool) -> None:
    """One sensor. What it measured while it was off opens nothing."""
    Sensor.objects.filter(pk=sensor.pk).update(active=on, breach_since=None)


@transaction.atomic
def take(*, slug: str, value: float, at: datetime, now: datetime) -> bool:
    """Note one reading and draw the consequence; False when it was noted before.

    ``at`` is the sensor's instant. One that comes late is noted and moves nothing. Raises
    ``Unknown`` and ``Wrong``.
    """
    rows = Sensor.objects.select_related("equipment", "category")
    sensor = rows.select_for_update(of=("self",)).filter(slug=slug).first()
    if sensor is None:
        raise Unknown(slug)
    if not now - KEPT_FOR < at <= now + FUTURE:
        raise Wrong(f"{at.isoformat()} is too far from now")
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
    else:  # between the limit and the margin: neither a new fault nor the end of one
        sensor.breach_since = None


def _open(sensor: Sensor, value: float, now: datetime) -> None:
    """One claim; the database refuses a second one for the same fault."""
    if SensorFault.objects.filter(sensor=sensor, cleared_at=None).exists():
        return
    try:
        with transaction.atomic():
            fault = SensorFault.objects.create(
                sensor=sensor,
                equipment=sensor.equipment,
                category=sensor.category,
                value=value,
                opened_at=sensor.breach_since,
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
            "value": shown(sensor, value),
            "limit": shown(sensor, limit),
        }


def shown(sensor: Sensor, value: float | None) -> str:
    """The value with its unit, as people write it."""
    if value is None:
        return "—"
    rounded = round(value, 2)
    number = formats.localize(int(rounded) if rounded == int(rounded) else rounded, use_l10n=True)
    return f"{number} {sensor.unit}".strip()


def _clear(sensor: Sensor, value: float, at: datetime, now: datetime) -> None:
    """Back to normal: the fault ends and its claim is told. A person still ends the claim."""
    fault = SensorFault.objects.filter(sensor=sensor, cleared_at=None).first()
    if fault is None:
        return
    fault.cleared_at = at
    fault.save(update_fields=["cleared_at"])
    if fault.claim_id:
        with translation.override(settings.LANGUAGE_CODE):
            text = _("The sensor “%(name)s” is back to normal: %(value)s.")
            words = {"name": sensor.name, "value": shown(sensor, value)}
            outgoing.note(fault.claim, text % words, now)


def sweep(now: datetime) -> int:
    """Notice what no reading says: silence, and a limit passed since long. Trims the readings.

    Returns how many sensors fell silent.
    """
    silent = 0
    for number in Sensor.objects.filter(heard_at__isnull=False).values_list("pk", flat=True):
        silent += _watch(number, now)
    return silent


@transaction.atomic
def _watch(number: int, now: datetime) -> bool:
    rows = Sensor.objects.select_related("equipment", "category")
    sensor = rows.select_for_update(of=("self",)).get(pk=number)
    last = sensor.readings.order_by("-at").values_list("at", flat=True)[MOST_KEPT : MOST_KEPT + 1]
    oldest = max([now - KEPT_FOR, *last])
    sensor.readings.filter(at__lte=oldest).delete()
    if sensor.silent_since is None and now - sensor.heard_at > timedelta(
        minutes=sensor.silent_minutes
    ):
        sensor.silent_since = now
        sensor.save(update_fields=["silent_since"])
        return True
    # A sensor that speaks only when its value changes: time alone makes it a fault.
    if (
        sensor.silent_since is None
        and sensor.breach_since
        and sensor.active
        and is_on()
        and now - sensor.breach_since >= timedelta(minutes=sensor.for_minutes)
    ):
        _open(sensor, sensor.last_value, now)
    return False
