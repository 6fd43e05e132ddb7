"""Say that hours, holidays or closures changed, to the room that promises dates by them."""

from django.conf import settings
from django.utils.module_loading import import_string


def tell(unit) -> None:
    """``unit`` None: the landlord's usual week or days changed, for every unit."""
    import_string(settings.PALIER_CALENDAR_CHANGED)(unit)
