"""What every page needs: the landlord's phone number, the current membership and its menu."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


def page(request: HttpRequest) -> dict:
    """Context for all templates; costs no query beyond the middleware's own."""
    entries = import_string(settings.PALIER_MENU)
    return {
        "landlord_phone": settings.PALIER_PHONE,
        "membership": getattr(request, "membership", None),
        "nav": SimpleLazyObject(lambda: entries(request)) if hasattr(request, "membership") else [],
    }
