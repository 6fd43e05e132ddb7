"""The main menu of staff screens: one row per entry, shown to the roles that may open it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, STAFF_ROLES, Role

# What is opened all day stands in the bar; the rest is folded under "More", in these groups.
BAR = ""
WORK = _("Work")
HOMES = _("Homes and people")
SETTINGS = _("Settings")

LEADS = {Role.HEAD_OFFICE, Role.AGENCY_MANAGER}
ASKING = LEADS | {Role.AGENT}
# URL name, label, path it stands for, roles, group. The order is the order on screen.
MENU = (
    ("on_call:home", _("On call"), "/on-call/", {Role.ON_CALL}, BAR),
    ("agency:inbox", _("To do"), "/agency/", DESK_ROLES, BAR),
    ("calls:desk", _("Calls"), "/calls/", DESK_ROLES, BAR),
    ("incidents", _("Incidents"), "/agency/incidents/", DESK_ROLES, BAR),
    ("head_office:overview", _("Figures"), "/head-office/", LEADS, BAR),
    ("jobs:list", _("Orders"), "/jobs/", {Role.CONTRACTOR}, BAR),
    ("jobs:calendar", _("Visits"), "/jobs/calendar/", {Role.CONTRACTOR}, BAR),
    ("jobs:slots", _("Availability"), "/jobs/slots/", {Role.CONTRACTOR}, BAR),
    ("jobs:team", _("Team"), "/jobs/team/", {Role.CONTRACTOR}, BAR),
    ("privacy:index", _("Persons’ requests"), "/privacy/", {Role.DPO}, BAR),
    ("privacy:retention", _("Retention"), "/privacy/retention/", {Role.DPO}, BAR),
    ("privacy:register", _("Register"), "/privacy/register/", {Role.DPO}, BAR),
    ("privacy:erasures", _("Erasures"), "/privacy/erasures/", {Role.DPO}, BAR),
    ("channels:tray", _("Tray"), "/agency/tray/", DESK_ROLES, WORK),
    ("letters:index", _("Letters"), "/agency/letters/", DESK_ROLES, WORK),
    (
        "closing_attempts",
        _("Calls and checks"),
        "/work/closing/",
        DESK_ROLES | {Role.CARETAKER},
        WORK,
    ),
    ("agency_rounds:index", _("Rounds"), "/agency/rounds/", DESK_ROLES, WORK),
    (
        "complaints",
        _("Complaints"),
        "/head-office/complaints/",
        LEADS,
        WORK,
    ),
    ("planned_list", _("Planned works"), "/agency/planned/", DESK_ROLES, WORK),
    ("equipment:list", _("Equipment"), "/equipment/", DESK_ROLES | {Role.CARETAKER}, HOMES),
    ("sensors:index", _("Sensors"), "/agency/sensors/", DESK_ROLES | {Role.ADMIN}, HOMES),
    ("stock:browse", _("Stock"), "/stock/", DESK_ROLES | {Role.CARETAKER}, HOMES),
    ("identity:index", _("Doubles"), "/agency/doubles/", DESK_ROLES, HOMES),
    ("identity:changes", _("Changes to check"), "/agency/doubles/changes/", DESK_ROLES, HOMES),
    ("household:leases", _("Open leases"), "/agency/leases/", DESK_ROLES, HOMES),
    ("emergency:index", _("Open in an emergency"), "/agency/emergency/", ASKING, WORK),
    ("absences:index", _("Absences"), "/agency/absences/", DESK_ROLES, SETTINGS),
    ("sharing:index", _("Sharing"), "/agency/sharing/", LEADS, SETTINGS),
    ("help:index", _("Help"), "/agency/help/", LEADS, SETTINGS),
    ("conversation:replies", _("Ready-made replies"), "/agency/replies/", DESK_ROLES, SETTINGS),
    ("channels:health", _("Channels"), "/agency/channels/", DESK_ROLES | {Role.ADMIN}, SETTINGS),
    ("rules:index", _("Rules"), "/agency/rules/", DESK_ROLES, SETTINGS),
    (
        "suggestions:index",
        _("Suggestions"),
        "/agency/suggestions/",
        {Role.HEAD_OFFICE, Role.ADMIN},
        SETTINGS,
    ),
    (
        "operations:health",
        _("Technical follow-up"),
        "/health/",
        {Role.ADMIN, Role.HEAD_OFFICE},
        SETTINGS,
    ),
    ("teams:pending", _("Roles"), "/teams/", {Role.ADMIN, Role.HEAD_OFFICE}, SETTINGS),
    ("audit:log", _("Who read what"), "/audit/", {Role.DPO}, SETTINGS),
    ("admin:index", _("Landlord settings"), "/settings/", {Role.ADMIN, Role.DPO}, SETTINGS),
)


def entries(request: HttpRequest) -> dict:
    """Return what the signed-in member may open, as ``{"bar": […], "groups": [(title, […])]}``.

    The entry with the longest fitting path is the current one; ``"folded"`` says whether it is
    one of those under "More", and ``"search"`` whether
    the search stands beside. Who has a single group reads it in the bar.
    """
    role = request.membership.role if request.membership else None
    # Over all rows: a page of an entry that is not shown must not mark a shorter one.
    here = max((row[2] for row in MENU if request.path.startswith(row[2])), key=len, default="")
    groups: dict = {}
    for name, label, start, roles, group in MENU:
        if role in roles:
            entry = {"url": reverse(name), "label": label, "current": start == here}
            groups.setdefault(group, []).append(entry)
    bar = groups.pop(BAR, [])
    if len(bar) + sum(map(len, groups.values())) <= 4:
        bar, groups = bar + [entry for group in groups.values() for entry in group], {}
    folded = any(entry["current"] for group in groups.values() for entry in group)
    return {
        "bar": bar,
        "groups": list(groups.items()),
        "folded": folded,
        "search": role in STAFF_ROLES,
    }
