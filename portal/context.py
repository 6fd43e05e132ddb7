"""Context of every page: the landlord's details, the current membership and its menu."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from portal.session_store import opened_of
from portal.signon.provider import current


def page(request: HttpRequest) -> dict:
    """Return the context for all templates; it costs a query only where the landlord is shown."""
    entries = import_string(settings.PALIER_MENU)
    return {
        "landlord": SimpleLazyObject(lambda: _landlord(request)),
        "landlord_phone": SimpleLazyObject(lambda: _landlord(request).phone),
        # What the landlord's people write for everybody is in the landlord's language.
        "house_language": settings.LANGUAGE_CODE,
        # Where staff can log in through a provider: its name.
        "signon": provider.name if (provider := current()) else "",
        "membership": getattr(request, "membership", None),
        "training": settings.PALIER_TRAINING,
        "training_url": settings.PALIER_TRAINING_URL,
        "guide": SimpleLazyObject(lambda: import_string(settings.PALIER_GUIDE)(request))
        if settings.DEMO
        else None,
        "nav": SimpleLazyObject(lambda: entries(request)) if hasattr(request, "membership") else [],
    }


class Nobody:
    """The landlord of a page that must read no database: the program's own name."""

    name = "Palier"
    phone = email = address = colour = tokens = logo_small = ""

    def __str__(self) -> str:
        return self.name

    def get_accessibility_display(self) -> str:
        """Return nothing: only the landlord's row knows."""
        return ""


def _landlord(request: HttpRequest):
    """Return the landlord's row, read once per HTTP request."""
    if not hasattr(request, "landlord"):
        opened = opened_of(request)
        request.landlord = (opened and opened.landlord) or import_string(settings.PALIER_LANDLORD)()
    return request.landlord
