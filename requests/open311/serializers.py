"""A claim as anybody may read it: what, which residence, since when. Nobody's name or words."""

from django.utils import timezone

from requests.claims.models import Claim
from requests.kit.choices import ENDED


def shape(claim: Claim) -> dict:
    """``claim`` with category, family, owner's unit, residence and its buildings at hand.

    ``description`` is the catalogue's: what people wrote may name a neighbour.
    """
    residence = claim.residence
    points = [
        (b.latitude, b.longitude)
        for b in residence.buildings.all()
        if b.latitude is not None and b.longitude is not None
    ]
    unit = claim.owner.unit if claim.owner else residence.unit
    return {
        "service_request_id": str(claim.pk),
        "status": "closed" if claim.state in ENDED else "open",
        "status_notes": claim.get_state_display(),
        "service_name": str(claim.category),
        "service_code": claim.category.code,
        "description": claim.category.plain_language,
        "agency_responsible": str(unit),
        "service_notice": "",
        "requested_datetime": _iso(claim.filed_at),
        "updated_datetime": _iso(claim.updated_at or claim.filed_at),
        "expected_datetime": _iso(claim.promise_at) if claim.state not in ENDED else "",
        "address": f"{residence.name}, {residence.postcode} {residence.commune}",
        "address_id": residence.code,
        "zipcode": residence.postcode,
        "lat": _middle(points, 0),
        "long": _middle(points, 1),
        "media_url": "",
    }


def _middle(points: list[tuple[float, float]], axis: int) -> float | None:
    """The middle of the residence, to about ten metres."""
    return round(sum(p[axis] for p in points) / len(points), 4) if points else None


def _iso(value) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""
