"""The button that orders an inspection, on pages of the stock."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import EVERYWHERE
from agencies.stock_panels import StockAction, StockPage
from portal.access import DESK_ROLES


def address_of(kind: str, pk: int, **more: Any) -> str:
    """Return where an inspection of a place is ordered; ``why`` is written into the order."""
    return f"{reverse('inspection_new')}?{urlencode({'at': f'{kind}:{pk}', **more})}"


def _order(page: StockPage) -> str | None:
    """Return it for the desks of the place; a home is looked at on its tenant's request only."""
    member = page.membership
    ours = member.role in EVERYWHERE or page.residence.unit_id == member.unit_id
    if page.kind == "dwelling" or member.role not in DESK_ROLES or not ours:
        return None
    return address_of(page.kind, page.place.pk)


ORDER = StockAction(_("Order an inspection"), _order)
