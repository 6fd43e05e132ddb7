"""The place of a draft, and what is already known there: reports, incidents, planned works."""

from django.http import HttpRequest
from django.utils import timezone

from agencies.addresses import recognise
from agencies.models import Building, Dwelling, Staircase
from portal.clock import now
from requests.catalogue.models import Category
from requests.incidents import actions as incident_actions
from requests.incidents import known_faults
from requests.incidents.models import Incident, IncidentClaim
from requests.planned_works import actions as planned_works
from requests.tenant_pages.forms import ELSEWHERE, SHARED_SPOTS, SPOTS
from tenants.homes import current_homes


def home_of(request: HttpRequest, draft: dict) -> Dwelling | None:
    """The own home that the draft names; None when it names none, or the account has it no more."""
    homes = current_homes(request.user, timezone.localdate())
    return next((home for home in homes if str(home.pk) == draft.get("home")), None)


def smallest(request: HttpRequest, draft: dict, category: Category) -> dict:
    """The smallest place we may use: own dwelling, its staircase, or a building of ours.

    As keywords of ``Filing``; {} when the words name no place of ours.
    """
    home = home_of(request, draft)
    if home:
        shared = (
            draft["spot"] in SHARED_SPOTS if draft.get("spot") else category.asset != "dwelling"
        )
        return {"staircase": home.staircase_id} if shared else {"dwelling": home.pk}
    found = recognise(draft.get("address", ""))
    if found is None:
        return {}
    if found.staircase:
        return {"staircase": found.staircase.pk}
    return {"building": found.building.pk}


def spoken(draft: dict) -> str:
    """The place in the words of the tenant and of our lists, in the language in force."""
    parts = (draft.get("address"), SPOTS.get(draft.get("spot")), draft.get("place"))
    return " · ".join(str(part) for part in parts if part)


def known(request: HttpRequest, draft: dict, category: Category) -> bool:
    """Whether there is something to read before filing: neighbours' reports, or planned works."""
    looks = (incident, reports, works)
    return any(look(request, draft, category) for look in looks)


def reports(request: HttpRequest, draft: dict, category: Category) -> list[known_faults.Incident]:
    """What the neighbours already reported of the same kind, when the building is known.

    Those under an open incident are told by that incident.
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


def incident(request: HttpRequest, draft: dict, category: Category) -> Incident | None:
    """The open incident that this fault most likely belongs to, when the building is known."""
    spot = None if category.sensitive else _spot(request, draft)
    if spot is None:
        return None
    building, stairs, home = spot
    here = home or stairs or building.staircases.order_by("pk").first()
    return incident_actions.open_incident_for(here, category) if here else None


def works(request: HttpRequest, draft: dict, category: Category) -> list:
    """Announced works that explain the fault, when the building is known."""
    spot = _spot(request, draft)
    if spot is None:
        return []
    building, stairs, home = spot
    stairs = stairs or building.staircases.order_by("pk").first()
    return list(planned_works.explaining(category, stairs, home, now())) if stairs else []


def _spot(
    request: HttpRequest, draft: dict
) -> tuple[Building, Staircase | None, Dwelling | None] | None:
    """Building, staircase and own home of the draft; None when the place is not ours."""
    home = home_of(request, draft)
    if home:
        return home.staircase.building, home.staircase, home
    elsewhere = draft.get("home") in {"", ELSEWHERE, None}
    found = recognise(draft.get("address", "")) if elsewhere else None
    return (found.building, found.staircase, None) if found else None
