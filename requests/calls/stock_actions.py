"""Ways to file a request from a page of the stock, its place filled in."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import EVERYWHERE, caretaker_buildings
from agencies.stock_panels import StockAction, StockPage
from portal.access import DESK_ROLES, Role


def _place(page: StockPage) -> str:
    """Return the place as the forms name it: ``staircase:12``."""
    return f"{page.kind}:{page.place.pk}"


def _at_desk(page: StockPage) -> bool:
    member = page.membership
    ours = member.role in EVERYWHERE or page.residence.unit_id == member.unit_id
    return member.role in DESK_ROLES and ours


def _file(page: StockPage) -> str | None:
    return f"{reverse('calls:here')}?{urlencode({'at': _place(page)})}" if _at_desk(page) else None


def _report(page: StockPage) -> str | None:
    """Return the round of the caretaker, at one of their own buildings."""
    if page.membership.role != Role.CARETAKER:
        return None
    own = caretaker_buildings(page.membership)
    building = page.building or own.filter(residence=page.residence).first()
    return f"{reverse('round:home')}?at={building.pk}" if building else None


FILE = StockAction(_("File a request here"), _file, primary=True)
REPORT = StockAction(_("Report a fault here"), _report, primary=True)
