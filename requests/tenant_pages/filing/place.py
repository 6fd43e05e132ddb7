"""The place that a draft names, and what is known there: reports, incidents, planned works."""

from django.utils import timezone

from agencies.addresses import Place, recognise
from agencies.http_types import PublicRequest
from agencies.models import Building, Dwelling, Staircase
from portal.clock import now
from requests.catalogue.models import Category
from requests.incidents import actions as incident_actions
from requests.incidents import known_faults
from requests.incidents.models import Incident, IncidentClaim
from requests.planned_works import actions as planned_works
from requests.tenant_pages.forms import ELSEWHERE, SHARED_SPOTS, SPOTS
from tenants.homes import current_homes


def home_of(request: PublicRequest, draft: dict) -> Dwelling | None:
    """Return the own home that the draft names; None when it names none or the account lost it."""
    homes = current_homes(request.user, timezone.localdate())
    return next((home for home in homes if str(home.pk) == draft.get("home")), None)


def smallest_place(request: PublicRequest, draft: dict, category: Category) -> dict:
    """Return the smallest place that we may use: own dwelling, its staircase, or our building.

    As keywords of ``Filing``; {} when the words name no place of ours.
    """
    home = home_of(request, draft)
    if home:
        shared = (
            draft["spot"] in SHARED_SPOTS if draft.get("spot") else category.asset != "dwelling"
        )
        return {"staircase": home.staircase_id} if shared else {"dwelling": home.pk}
    found = _recognised(request, draft)
    if found is None:
        return {}
    if found.staircase:
        return {"staircase": found.staircase.pk}
    return {"building": found.building.pk}


def as_text(draft: dict) -> str:
    """Return the place in the words of the tenant and of our lists, in the active language."""
    parts = (draft.get("address"), SPOTS.get(draft.get("spot", "")), draft.get("place"))
    return " · ".join(str(part) for part in parts if part)


def is_anything_known(request: PublicRequest, draft: dict, category: Category) -> bool:
    """Return whether neighbours' reports or planned works must be shown before filing."""
    looks = (incident, reports, works)
    return any(look(request, draft, category) for look in looks)


def reports(request: PublicRequest, draft: dict, category: Category) -> list[known_faults.Incident]:
    """Return what the neighbours already reported of the same kind, when the building is known.

    Leaves out reports under an open incident: the incident shows them.
    """
    spot = _spot(request, draft) if known_faults.may_be_known(category) else None
    if spot is None:
        return []
    building, stairs, _home = spot
    found = known_faults.open_incidents(
        building.pk, stairs.pk if stairs else None, family=category.family_id, now=now()
    )
    grouped = IncidentClaim.objects.filter(
        claim__in=[pk for row in found for pk in row.claims], incident__closed_at__isnull=True
    )
    under = set(grouped.values_list("claim", flat=True))
    return [row for row in found if not row.claims & under]


def incident(request: PublicRequest, draft: dict, category: Category) -> Incident | None:
    """Return the open incident that this fault most likely belongs to. Needs a known building."""
    spot = None if category.sensitive else _spot(request, draft)
    if spot is None:
        return None
    building, stairs, home = spot
    here = home or stairs or building.staircases.order_by("pk").first()
    return incident_actions.open_incident_for(here, category) if here else None


def works(request: PublicRequest, draft: dict, category: Category) -> list:
    """Return the announced works that explain the fault, when the building is known."""
    spot = _spot(request, draft)
    if spot is None:
        return []
    building, stairs, home = spot
    stairs = stairs or building.staircases.order_by("pk").first()
    return (
        list(planned_works.works_explaining_fault(category, stairs, home, now())) if stairs else []
    )


def _recognised(request: PublicRequest, draft: dict) -> Place | None:
    """Return the place that the typed address names; looked up once for each request."""
    typed = draft.get("address", "")
    known: dict[str, Place | None] = request.__dict__.setdefault("recognised_addresses", {})
    if typed not in known:
        known[typed] = recognise(typed)
    return known[typed]


def _spot(
    request: PublicRequest, draft: dict
) -> tuple[Building, Staircase | None, Dwelling | None] | None:
    """Return building, staircase and own home of the draft; None when the place is not ours."""
    home = home_of(request, draft)
    if home:
        return home.staircase.building, home.staircase, home
    elsewhere = draft.get("home") in {"", ELSEWHERE, None}
    found = _recognised(request, draft) if elsewhere else None
    return (found.building, found.staircase, None) if found else None
