"""The main menu of staff screens: one row per entry, shown to the roles that may open it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, Role

# URL name, label, path it stands for, roles. The order is the order on screen.
MENU = (
    ("agency:inbox", _("To do"), "/agency/", DESK_ROLES),
    ("rules:index", _("Rules"), "/agency/rules/", DESK_ROLES),
    (
        "suggestions:index",
        _("Suggestions"),
        "/agency/suggestions/",
        {Role.HEAD_OFFICE, Role.ADMIN},
    ),
    (
        "head_office:overview",
        _("Figures"),
        "/head-office/",
        {Role.HEAD_OFFICE, Role.AGENCY_MANAGER},
    ),
)


def entries(request: HttpRequest) -> list[dict]:
    """What the signed-in member may open, the one with the longest fitting path marked."""
    role = request.membership.role if request.membership else None
    shown = [row for row in MENU if role in row[3]]
    current = max((row[2] for row in shown if request.path.startswith(row[2])), key=len, default="")
    return [
        {"url": reverse(name), "label": label, "current": start == current}
        for name, label, start, _roles in shown
    ]
