"""The works announced at a place, on the pages of the stock."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import EVERYWHERE
from agencies.stock_panels import StockAction, StockPage, StockPanel
from portal.access import DESK_ROLES, Role
from requests.planned_works.models import PlannedWorks

WRITERS = frozenset({Role.AGENT, Role.AGENCY_MANAGER, Role.HEAD_OFFICE})


def works_ahead(page: StockPage) -> dict | None:
    """Return the works ahead that concern the place, whoever works there; None without any."""
    rows = PlannedWorks.objects.ahead(page.moment)
    if page.staircase:
        rows = rows.at(page.staircase, page.dwelling)
    else:
        rows = rows.filter(residence=page.residence)
        if page.building:
            rows = rows.filter(staircases__building=page.building) | rows.filter(
                staircases__isnull=True
            )
    found = list(rows.distinct().order_by("starts")[:10])
    if not found:
        return None
    return {"works": found, "links": page.membership.role in DESK_ROLES}


def _announce(page: StockPage) -> str | None:
    member = page.membership
    ours = member.role in EVERYWHERE or page.residence.unit_id == member.unit_id
    if member.role not in WRITERS or not ours:
        return None
    return f"{reverse('planned_new')}?residence={page.residence.pk}"


WORKS = StockPanel("works", "requests/planned_works/_stock.html", works_ahead)
ANNOUNCE = StockAction(_("Announce works"), _announce)
