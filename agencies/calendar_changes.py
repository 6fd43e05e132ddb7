"""Report that hours, holidays or closures changed to the app that dates promises by them."""

from django.conf import settings
from django.utils.module_loading import import_string


def report_calendar_change(unit) -> None:
    """Report a change of one unit's calendar.

    ``unit`` None: the landlord's usual week or days changed, for every unit.
    """
    import_string(settings.PALIER_CALENDAR_CHANGED)(unit)
