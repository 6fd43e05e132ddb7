"""The main menu of staff screens: one row per entry, shown to the roles that may open it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, Role

# URL name, label, path it stands for, roles. The order is the order on screen.
MENU = (
    ("agency:inbox", _("To do"), "/agency/", DESK_ROLES),
    ("incidents", _("Incidents"), "/agency/incidents/", DESK_ROLES),
    ("closing_attempts", _("Calls and checks"), "/work/closing/", DESK_ROLES | {Role.CARETAKER}),
    (
        "head_office:overview",
        _("Figures"),
        "/head-office/",
        {Role.HEAD_OFFICE, Role.AGENCY_MANAGER},
    ),
)


def entries(request: HttpRequest) -> list[dict]:
    """What the signed-in member may open, the current one marked."""
    role = request.membership.role if request.membership else None
    shown = [row for row in MENU if role in row[3]]
    # The longest path wins, so that a page below another has one current entry.
    here = max((r[2] for r in shown if request.path.startswith(r[2])), key=len, default=None)
    return [
        {"url": reverse(name), "label": label, "current": start == here}
        for name, label, start, _roles in shown
    ]
