"""The landlord's own details, found by name from the settings: portal imports no other app."""

from django.conf import settings

from agencies.models import Landlord
from portal.memory import once

KEY = "landlord"


def current() -> Landlord:
    """Return the one row; before it exists, the name and phone of the environment."""
    return once(KEY, _read)


def _read() -> Landlord:
    return Landlord.objects.defer("logo").first() or Landlord(
        name="Palier", phone=settings.PALIER_PHONE
    )
