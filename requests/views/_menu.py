"""The main menu of staff screens: one row per entry, shown to the roles that may open it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, Role

# URL name, label, path it stands for, roles. The order is the order on screen.
MENU = (
    ("agency:inbox", _("To do"), "/agency/", DESK_ROLES),
    ("identity:index", _("Doubles"), "/agency/doubles/", DESK_ROLES),
    ("rules:index", _("Rules"), "/agency/rules/", DESK_ROLES),
    ("calls:desk", _("Calls"), "/calls/", DESK_ROLES),
    ("channels:tray", _("Tray"), "/agency/tray/", DESK_ROLES),
    ("incidents", _("Incidents"), "/agency/incidents/", DESK_ROLES),
    ("closing_attempts", _("Calls and checks"), "/work/closing/", DESK_ROLES | {Role.CARETAKER}),
    ("sharing:index", _("Sharing"), "/agency/sharing/", {Role.AGENCY_MANAGER, Role.HEAD_OFFICE}),
    ("help:index", _("Help"), "/agency/help/", {Role.AGENCY_MANAGER, Role.HEAD_OFFICE}),
    ("absences:index", _("Absences"), "/agency/absences/", DESK_ROLES),
    ("agency:rounds", _("Rounds"), "/agency/rounds/", DESK_ROLES),
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
    (
        "complaints",
        _("Complaints"),
        "/head-office/complaints/",
        {Role.HEAD_OFFICE, Role.AGENCY_MANAGER},
    ),
    ("stock:browse", _("Stock"), "/stock/", {Role.HEAD_OFFICE, Role.AGENCY_MANAGER}),
    (
        "operations:health",
        _("Technical follow-up"),
        "/health/",
        {Role.ADMIN, Role.HEAD_OFFICE},
    ),
)


def entries(request: HttpRequest) -> list[dict]:
    """What the signed-in member may open; the one with the longest fitting path is marked."""
    role = request.membership.role if request.membership else None
    # Over all rows: a page of an entry that is not shown must not mark a shorter one.
    here = max((row[2] for row in MENU if request.path.startswith(row[2])), key=len, default="")
    return [
        {"url": reverse(name), "label": label, "current": start == here}
        for name, label, start, roles in MENU
        if role in roles
    ]
