"""Two rules of the first agency: one proposes and is on, one sends and is not yet rehearsed."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.access import Role
from requests.routing.rule_actions import save_rule, switch


def build(now: datetime) -> None:
    """Write the rules as the agency's manager, through the same action as on screen."""
    manager = (
        Membership.objects.filter(role=Role.AGENCY_MANAGER)
        .select_related("unit", "user")
        .order_by("pk")
        .first()
    )
    if manager is None:
        return
    common: dict[str, Any] = {"rule": None, "unit": manager.unit, "by": manager.user, "now": now}
    water = save_rule(
        **common,
        name=_("Urgent water: the contractor at once"),
        conditions={"family": ["PLO"], "urgency": ["U1", "U2"]},
        outcome={"propose": "order", "with": "", "within": 24},
    )
    switch(rule=water, on=True, by=manager.user, now=now)
    save_rule(
        **common,
        name=_("Common parts: the caretakers first"),
        conditions={"asset": ["common"], "urgency": ["U4", "U5"]},
        outcome={"unit": "agency", "desk": "caretakers"},
    )
