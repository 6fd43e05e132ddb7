"""Turn a report posted through Open311 (GeoReport v2) into a ``Filing``.

Source of the fields: wiki.open311.org/GeoReport_v2, "POST Service Request".
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.conf import settings

from agencies import addresses
from agencies.models import Building, Residence
from portal import phones
from requests.channels.models import Intake
from requests.filing.actions import Filing
from requests.kit.choices import Channel

NEAR = 300.0  # most metres from a building to the point given
AT_BUILDING = 60.0  # metres: within this distance the building itself is meant
METRES_PER_DEGREE = 111_320.0


class UnknownPlace(Exception):
    """The point or the residence code given is none of ours."""


@dataclass(frozen=True)
class Place:
    """The keys of the smallest place that the report names; all None when a person must look."""

    residence: int | None = None
    building: int | None = None
    staircase: int | None = None


def locate(address_id: str, address: str, latitude: float | None, longitude: float | None) -> Place:
    """Return the place by the residence's code, else by the address, else the nearest building.

    Raises ``UnknownPlace`` when only a point was given and no building of ours is near it, or when
    no residence has that code.
    """
    if address_id:
        found = Residence.objects.filter(code=address_id).first()
        if found is None:
            raise UnknownPlace
        return Place(residence=found.pk)
    known = addresses.recognise(address) if address else None
    if known:
        if known.staircase:
            return Place(staircase=known.staircase.pk)
        return Place(building=known.building.pk)
    if latitude is None or longitude is None:
        return Place()
    nearest = _nearest(latitude, longitude)
    if nearest:
        distance, building = nearest
        if distance <= AT_BUILDING:
            return Place(building=building.pk)
        return Place(residence=building.residence_id)
    if address:
        return Place()  # a person may still recognise the address
    raise UnknownPlace


def _nearest(latitude: float, longitude: float) -> tuple[float, Building] | None:
    """Return the nearest building within ``NEAR`` metres with its distance, or None."""
    wide = math.cos(math.radians(latitude)) or 1e-9
    up = NEAR / METRES_PER_DEGREE
    rows = Building.objects.filter(
        latitude__range=(latitude - up, latitude + up),
        longitude__range=(longitude - up / wide, longitude + up / wide),
    )
    found = [
        (
            METRES_PER_DEGREE
            * math.hypot(row.latitude - latitude, (row.longitude - longitude) * wide),
            row,
        )
        for row in rows
        if row.latitude is not None and row.longitude is not None
    ]
    found = [pair for pair in found if pair[0] <= NEAR]
    return min(found, key=lambda pair: pair[0]) if found else None


def number(text: str) -> float | None:
    """Return a coordinate, None when empty. Raises ValueError unless it is a finite number."""
    if not text.strip():
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def links_of(intake: Intake) -> list[str]:
    """Return the addresses of photos in a stored report."""
    given = parse_qsl(bytes(intake.raw).decode("utf-8"), keep_blank_values=True)
    return [value for name, value in given if name == "media_url"]


@dataclass(frozen=True)
class Update:
    """What an application passes on about a request: ``sender`` is an address, a number or ""."""

    claim: str
    words: str
    sender: str
    sender_name: str


def update_of(intake: Intake) -> Update | None:
    """Return a stored update of a request; None when the input is a report."""
    given = parse_qsl(bytes(intake.raw).decode("utf-8"), keep_blank_values=True)
    form = dict(given)
    if "service_code" in form or "service_request_id" not in form:
        return None
    links = [value for name, value in given if name == "media_url"]
    phone = phones.to_e164(form.get("phone", "")) or form.get("phone", "")
    names = (form.get("title", ""), form.get("first_name", ""), form.get("last_name", ""))
    return Update(
        claim=form["service_request_id"],
        words="\n".join([form["description"], *links]),
        sender=form.get("email", "").lower() or phone,
        sender_name=" ".join(filter(None, names))[:120],
    )


def to_filing(intake: Intake, fetched: Collection[str] = ()) -> tuple[Filing, str]:
    """Return the stored report as a filing, and its sender (mail address, phone number or "").

    Addresses of photos stand among the words, but for those whose photo was ``fetched``.
    """
    given = parse_qsl(bytes(intake.raw).decode("utf-8"), keep_blank_values=True)
    form = dict(given)
    links = [value for name, value in given if name == "media_url"]
    spot = locate(
        form.get("address_id", ""),
        form.get("address_string", ""),
        number(form.get("lat", "")),
        number(form.get("long", "")),
    )
    # The view stored the answers as text, in the reader's language.
    said = [form.get("description", ""), *(v for k, v in given if k == "told")]
    said += [link for link in links if link not in fetched]
    phone = phones.to_e164(form.get("phone", "")) or form.get("phone", "")
    email = form.get("email", "").lower()
    note = form.get("address_string", "")
    if not note and form.get("lat") and not any((spot.building, spot.staircase)):
        note = f"{form['lat']}, {form['long']}"
    filing = Filing(
        channel=Channel.OPEN311,
        key=str(intake.pk),
        category=form["service_code"],
        words="\n".join(filter(None, said)),
        residence=spot.residence,
        building=spot.building,
        staircase=spot.staircase,
        place_note=note[:200],
        contact_name=f"{form.get('first_name', '')} {form.get('last_name', '')}".strip()[:120],
        contact_email=email,
        contact_phone=phone[:30],
        language=settings.LANGUAGE_CODE,
    )
    return filing, email or phone
