"""The "Talk to someone" block: in the same place on every tenant page (docs/principles.md, P5)."""

from django import template
from django.utils import timezone

from agencies.hours import caretakers_of, hours_text
from agencies.models import Residence
from tenants.homes import current_homes

register = template.Library()


@register.inclusion_tag("components/talk.html", takes_context=True)
def talk_block(context) -> dict:
    """Phone for everyone; the agency's hours and the caretaker when the home is known.

    The home is that of the page's claim (``place_of_talk``) or of the signed-in tenant.
    """
    request = context.get("request")
    residence = context.get("place_of_talk") or _own_residence(request)
    unit = residence.unit if residence else None
    return {
        "phone": (unit and unit.phone) or context.get("landlord_phone"),
        "unit": unit,
        "hours": hours_text(unit) if unit else [],
        "caretakers": caretakers_of(residence, timezone.localdate()) if residence else [],
        "here": bool(request and request.path == "/talk/"),
    }


def _own_residence(request) -> Residence | None:
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return None
    if getattr(request, "membership", None):
        return None
    homes = current_homes(request.user, timezone.localdate())
    return homes[0].staircase.building.residence if homes else None
