"""What every page needs: the landlord's phone number and the current membership."""

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict:
    """Context for all templates; costs no query beyond the middleware's own."""
    return {
        "landlord_phone": settings.PALIER_PHONE,
        "membership": getattr(request, "membership", None),
        "nav": getattr(request, "nav", []),
    }
