"""Describe a claim to the public: fault, residence, dates. No name, and no words of a person."""

from django.utils import timezone

from requests.claims.event_models import ClaimEvent
from requests.claims.models import Claim
from requests.claims.workflow import TRANSITIONS
from requests.kit.choices import ENDED, State
from requests.promises.outlook import promise_said

# Steps after which a request stands elsewhere: what others say in between is nobody's business.
STEPS = frozenset(row.name for row in TRANSITIONS.values() if row.target)


def to_service_request(claim: Claim) -> dict:
    """Return a claim as a service request of GeoReport v2.

    ``claim`` comes with category, unit, residence and its buildings fetched. The unit is the
    owner's or, before the claim has one, the residence's.
    ``description`` is the catalogue's, because people's own words may name a neighbour.
    """
    residence = claim.residence
    assert residence is not None  # in_common_parts() leaves out claims without one
    points = [
        (b.latitude, b.longitude)
        for b in residence.buildings.all()
        if b.latitude is not None and b.longitude is not None
    ]
    return {
        "service_request_id": str(claim.pk),
        "status": "closed" if claim.state in ENDED else "open",
        "status_notes": claim.get_state_display(),
        "service_name": str(claim.category),
        "service_code": claim.category.code,
        "description": claim.category.plain_language,
        "agency_responsible": str(claim.unit),
        "service_notice": "",
        "requested_datetime": _iso(claim.filed_at),
        "updated_datetime": _iso(claim.updated_at or claim.filed_at),
        "expected_datetime": _iso(promise_said(claim)),
        "address": f"{residence.name}, {residence.postcode} {residence.commune}",
        "address_id": residence.code,
        "zipcode": residence.postcode,
        "lat": _middle(points, 0),
        "long": _middle(points, 1),
        "media_url": "",
    }


def to_update(event: ClaimEvent) -> dict:
    """Return a step of a shared fault as a service request update: its state, in our words."""
    return {
        "update_id": str(event.pk),
        "service_request_id": str(event.claim_id),
        "status": "closed" if event.state in ENDED else "open",
        "updated_datetime": _iso(event.at),
        "description": str(State(event.state).label),
        "media_url": "",
    }


def _middle(points: list[tuple[float, float]], axis: int) -> float | None:
    """Return the middle of the residence on one axis, in degrees, to about ten metres."""
    return round(sum(p[axis] for p in points) / len(points), 4) if points else None


def _iso(value) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""
