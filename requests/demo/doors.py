"""Sensors with their readings, and calls to return: what the other doors bring in a day."""

from datetime import datetime, timedelta

from agencies.models import Equipment
from requests.actions import sensors
from requests.models import Category, MissedCall, Reading, Sensor
from tenants.models import ContactPoint

EVERY = timedelta(minutes=20)
DAY = 72  # readings


def build(now: datetime) -> None:
    """Three sensors (one of them silent) and two numbers that rang. None opens a request: the
    demo's requests are those of its stories."""
    boilers = list(Equipment.objects.filter(kind=Equipment.Kind.BOILER).order_by("pk")[:2])
    lift = Equipment.objects.filter(kind=Equipment.Kind.LIFT).order_by("pk").first()
    heat = _category("heating")
    if heat and boilers:
        usual = {"category": heat, "unit": "°C", "below": 50, "margin": 5, "for_minutes": 30}
        for number, boiler in enumerate(boilers, 1):
            made = Sensor.objects.create(
                slug=f"chaudiere-{number}",
                name=f"Départ eau chaude, {boiler.building}",
                equipment=boiler,
                **usual,
            )
            _history(made, now, 63 - number)
    if lift and (out := _category("lift")):
        made = Sensor.objects.create(
            slug="ascenseur-1",
            name="Porte d'ascenseur, ouvertures forcées",
            equipment=lift,
            category=out,
            above=3,
            silent_minutes=120,
        )
        sensors.take(slug=made.slug, value=0, at=now - EVERY * 12, now=now - EVERY * 12)
        sensors.sweep(now)
    _calls(now)


def _category(tile: str) -> Category | None:
    """A shared fault under this picture."""
    rows = Category.objects.filter(active=True, collective=True, sensitive=False, tile=tile)
    return rows.order_by("code").first()


def _history(sensor: Sensor, now: datetime, usual: int) -> None:
    """A day of readings."""
    instants = [now - EVERY * (DAY - n) for n in range(DAY - 3)]
    Reading.objects.bulk_create(
        Reading(sensor=sensor, at=at, value=usual + n % 4) for n, at in enumerate(instants)
    )
    for n in (3, 2, 1):
        at = now - EVERY * n
        sensors.take(slug=sensor.slug, value=usual, at=at, now=at)


def _calls(now: datetime) -> None:
    known = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE).order_by("pk").first()
    for number, times, minutes in ((known.value if known else "", 3, 50), ("+33240000123", 1, 12)):
        if number:
            last = now - timedelta(minutes=minutes)
            MissedCall.objects.create(
                number=number,
                first_at=last - timedelta(minutes=4 * times),
                last_at=last,
                due_at=last,
                times=times,
            )
