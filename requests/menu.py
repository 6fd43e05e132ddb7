"""The main menu of staff screens: one row per entry, shown to the roles that may open it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES, STAFF_ROLES, Role
from requests import menu_counts

# What is opened all day stands in the bar, in one order for every role; the rest is folded under
# "More", by what people come for.
BAR = ""
WORK = _("To follow up")
HOMES = _("Homes and people")
SETTINGS = _("Our way of working")
LANDLORD = _("Landlord")

LEADS = {Role.HEAD_OFFICE, Role.AGENCY_MANAGER}
ASKING = LEADS | {Role.AGENT}
TEAM = DESK_ROLES - LEADS
KEEPERS = {Role.ADMIN, Role.HEAD_OFFICE}
# URL name, label, path it stands for, roles, group. The order is the order on screen.
MENU = (
    ("on_call:home", _("On call"), "/on-call/", {Role.ON_CALL}, BAR),
    ("agency:inbox", _("To do"), "/agency/", DESK_ROLES, BAR),
    ("channels:tray", _("Tray"), "/agency/tray/", DESK_ROLES, BAR),
    ("calls:desk", _("Calls"), "/calls/", DESK_ROLES, BAR),
    ("incidents", _("Incidents"), "/agency/incidents/", DESK_ROLES, BAR),
    ("complaints", _("Complaints"), "/head-office/complaints/", LEADS, BAR),
    ("head_office:overview", _("Figures"), "/head-office/", {Role.HEAD_OFFICE}, BAR),
    ("figures:agency", _("Figures"), "/figures/", {Role.AGENCY_MANAGER}, BAR),
    ("console:home", _("Console"), "/console/", {Role.ADMIN}, BAR),
    ("console:people", _("People"), "/console/people/", {Role.ADMIN}, BAR),
    ("console:channels", _("Channels"), "/console/channels/", {Role.ADMIN}, BAR),
    ("jobs:list", _("Orders"), "/jobs/", {Role.CONTRACTOR}, BAR),
    ("jobs:calendar", _("Visits"), "/jobs/calendar/", {Role.CONTRACTOR}, BAR),
    ("jobs:slots", _("Availability"), "/jobs/slots/", {Role.CONTRACTOR}, BAR),
    ("company_figures", _("Figures"), "/jobs/figures/", {Role.CONTRACTOR}, BAR),
    ("residents", _("My residences"), "/residents/", {Role.TENANT_REPRESENTATIVE}, BAR),
    ("jobs:team", _("Team"), "/jobs/team/", {Role.CONTRACTOR}, BAR),
    ("privacy:index", _("Persons’ requests"), "/privacy/", {Role.DPO}, BAR),
    ("privacy:retention", _("Retention"), "/privacy/retention/", {Role.DPO}, BAR),
    ("privacy:register", _("Register"), "/privacy/register/", {Role.DPO}, BAR),
    ("privacy:erasures", _("Erasures"), "/privacy/erasures/", {Role.DPO}, BAR),
    ("letters:index", _("Letters"), "/agency/letters/", DESK_ROLES, WORK),
    (
        "closing_attempts",
        _("Calls and checks"),
        "/work/closing/",
        DESK_ROLES | {Role.CARETAKER},
        WORK,
    ),
    ("agency_rounds:index", _("Rounds"), "/agency/rounds/", DESK_ROLES, WORK),
    ("figures:agency", _("Figures"), "/figures/", TEAM, WORK),
    ("planned_list", _("Planned works"), "/agency/planned/", DESK_ROLES, WORK),
    (
        "surveys:index",
        _("Surveys"),
        "/surveys/",
        DESK_ROLES | {Role.TENANT_REPRESENTATIVE},
        WORK,
    ),
    ("emergency:index", _("Open in an emergency"), "/agency/emergency/", ASKING, WORK),
    ("equipment:list", _("Equipment"), "/equipment/", DESK_ROLES | {Role.CARETAKER}, HOMES),
    ("stock_map", _("Map"), "/map/", DESK_ROLES, HOMES),
    ("insight:watch", _("Stock insight"), "/stock-insight/", DESK_ROLES, HOMES),
    ("sensors:index", _("Sensors"), "/agency/sensors/", DESK_ROLES | {Role.ADMIN}, HOMES),
    ("stock:browse", _("Stock"), "/stock/", DESK_ROLES | {Role.CARETAKER}, HOMES),
    ("console:our_contracts", _("Contracts"), "/console/our-contracts/", LEADS, HOMES),
    ("identity:index", _("Doubles"), "/agency/doubles/", DESK_ROLES, HOMES),
    ("identity:changes", _("Changes to check"), "/agency/doubles/changes/", DESK_ROLES, HOMES),
    ("household:leases", _("Open leases"), "/agency/leases/", DESK_ROLES, HOMES),
    ("absences:index", _("Absences"), "/agency/absences/", DESK_ROLES, SETTINGS),
    ("sharing:index", _("Sharing"), "/agency/sharing/", LEADS, SETTINGS),
    ("help:index", _("Help"), "/agency/help/", LEADS, SETTINGS),
    ("conversation:replies", _("Ready-made replies"), "/agency/replies/", DESK_ROLES, SETTINGS),
    ("rules:index", _("Rules"), "/agency/rules/", DESK_ROLES, SETTINGS),
    ("suggestions:index", _("Suggestions"), "/agency/suggestions/", KEEPERS, SETTINGS),
    ("time_ledger", _("Time ledger"), "/time-ledger/", LEADS, SETTINGS),
    ("teams:pending", _("Roles to confirm"), "/teams/", KEEPERS, LANDLORD),
    ("stock:imports", _("Imports"), "/stock/imports/", KEEPERS, LANDLORD),
    (
        "channels:health",
        _("Follow-up of channels"),
        "/agency/channels/",
        DESK_ROLES | {Role.ADMIN},
        LANDLORD,
    ),
    ("operations:health", _("Technical follow-up"), "/health/", KEEPERS, LANDLORD),
    ("console:log", _("Log of changes"), "/console/log/", {Role.ADMIN, Role.DPO}, LANDLORD),
    ("audit:log", _("Who read what"), "/audit/", {Role.DPO}, LANDLORD),
    ("admin:index", _("Landlord settings"), "/settings/", {Role.DPO}, LANDLORD),
)


def entries(request: HttpRequest) -> dict:
    """Return what the signed-in member may open, as ``{"bar": […], "groups": [(title, […])]}``.

    The entry with the longest fitting path is the current one; ``"folded"`` says whether it is
    one of those under "More", ``"waits"`` how much waits behind those, and ``"search"`` whether
    the search stands beside. Who has a single group reads it in the bar.
    """
    role = request.membership.role if request.membership else None
    counts = menu_counts.waiting(request.membership) if role else {}
    # Over all rows: a page of an entry that is not shown must not mark a shorter one.
    here = max((row[2] for row in MENU if request.path.startswith(row[2])), key=len, default="")
    groups: dict = {}
    for name, label, start, roles, group in MENU:
        if role in roles and _is_open(request, name):
            number = counts.get(name, 0)
            entry = {
                "url": reverse(name),
                "label": label,
                "current": start == here,
                "number": number,
                "count": menu_counts.shown(number),
            }
            groups.setdefault(group, []).append(entry)
    bar = groups.pop(BAR, [])
    if len(bar) + sum(map(len, groups.values())) <= 4:
        bar, groups = bar + [entry for group in groups.values() for entry in group], {}
    folded = [entry for group in groups.values() for entry in group]
    return {
        "bar": bar,
        "groups": list(groups.items()),
        "folded": any(entry["current"] for entry in folded),
        "waits": menu_counts.shown(sum(entry["number"] for entry in folded)),
        "search": role in STAFF_ROLES,
    }


def _is_open(request: HttpRequest, name: str) -> bool:
    """Return whether the member has what an entry asks for beside the role."""
    if name == "admin:index":
        return request.user.is_staff
    if name == "company_figures":
        return request.membership.leads_team
    return True
