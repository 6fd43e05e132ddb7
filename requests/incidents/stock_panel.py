"""The incidents of a place, on the pages of the stock, and the way to open one there."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import EVERYWHERE
from agencies.models import Equipment
from agencies.stock_panels import StockAction, StockPage, StockPanel
from portal.access import DESK_ROLES
from requests.incidents.models import Incident

YEAR = timedelta(days=365)


def incidents_here(page: StockPage) -> dict | None:
    """Return the open incidents of the place, and those closed in a year; None without any.

    What the neighbours know, without names: whoever works there reads it.
    """
    rows = Incident.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=page.moment - YEAR))
    if isinstance(page.place, Equipment):
        rows = rows.filter(equipment=page.place)
    elif page.building is None:
        rows = rows.filter(building__residence=page.residence)
    else:
        rows = rows.filter(building=page.building)
        if page.staircase:
            rows = rows.filter(Q(staircase=page.staircase) | Q(staircase__isnull=True))
    found = list(rows.select_related("building", "staircase").order_by("-opened_at")[:20])
    if not found:
        return None
    return {
        "open": [row for row in found if row.closed_at is None],
        "closed": [row for row in found if row.closed_at][:5],
        "links": page.membership.role in DESK_ROLES,
    }


def _open(page: StockPage) -> str | None:
    """Return the page that opens an incident here; nothing is chosen for a whole residence."""
    member = page.membership
    ours = member.role in EVERYWHERE or page.residence.unit_id == member.unit_id
    if member.role not in DESK_ROLES or not ours:
        return None
    kind, key = page.kind, page.place.pk
    if page.dwelling:
        kind, key = "staircase", page.dwelling.staircase_id
    return f"{reverse('incident_direct')}?{kind}={key}"


INCIDENTS = StockPanel("incidents", "requests/incidents/_stock.html", incidents_here)
OPEN = StockAction(_("Open an incident"), _open)
