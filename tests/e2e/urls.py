"""Every address of the URLconf, for every audience, without anybody listing them.

Object arguments come from ``FILLS``. A new URL whose argument is not there makes the walk fail
and says where to add it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from agencies.access import looked_after
from agencies.models import Contractor, Dwelling, Equipment, Residence, Staircase
from portal.access import PUBLIC, Role
from requests.models import Claim, ClosingStep, Family, Incident, Offer, OrderLink, WorkOrder
from tests.e2e import site

# Somebody who has no account; "filing" is the same person in the middle of filing.
VISITOR = ""
FILING = "filing"
# Pages of libraries: their markup is not ours to mend.
THIRD_PARTY = {
    "django.contrib.admin": "Django's admin, drawn and checked by its authors",
    "drf_spectacular": "the API's documentation page, drawn by Swagger UI",
    "django.views.i18n": "the language switch: POST only",
}
# Pages that only send elsewhere when nothing was begun, and why.
REDIRECTS = {
    "enter": "sends each role to its own first screen",
    "account_email_verification_sent": "only while an address waits to be confirmed",
    "account_set_password": "only for accounts without a password",
    "account_confirm_login_code": "only while a code is on its way",
    "mfa_authenticate": "only in the middle of signing in with two factors",
    "mfa_reauthenticate": "only once an authenticator is set up",
    "mfa_deactivate_totp": "only once an authenticator is set up",
    "mfa_view_recovery_codes": "only once an authenticator is set up",
    "mfa_generate_recovery_codes": "only once an authenticator is set up",
    "mfa_download_recovery_codes": "only once an authenticator is set up",
    "mfa_activate_totp": "asks for the password again first",
    "account_verify_phone": "only while a number waits to be confirmed",
    "kept": "only while a text waits after a session ended",
    "file_photo": "a file of one's own draft; served, not drawn",
    "follow_file": "a file of the claim; served, not drawn",
    "my:file": "a file of the claim; served, not drawn",
    "agency:file": "a file of the claim; served, not drawn",
    "agency:round_photo": "a file of the round; served, not drawn",
    "job_photo": "a file of the order; served, not drawn",
    "demo:mail": "a caught mail; none is caught here",
    "stock:import": "the demo landlord has no import",
    "stock:import_rejects": "the demo landlord has no import",
    "channels:entry": "the demo landlord's tray is empty",
    "rules:rule": "the demo landlord has written no rule",
    "rules:change": "the demo landlord has written no rule",
    "incident_new": "only while reports propose an incident",
    "proof_check": "only for a proof that was made",
    "visit_ics": "only once a date is agreed",
    "job": "the demo's orders have no link before a worker sends them",
    "job_renew": "the demo's orders have no link before a worker sends them",
    "job_details": "the demo's orders have no link before a worker sends them",
    "job_step": "the demo's orders have no link before a worker sends them",
    "job_act": "the demo's orders have no link before a worker sends them",
    "closing_attempt": "only once a claim waited three days for the tenant's word",
    "round:building": "the small landlord of these tests leaves some sectors empty",
    "round:sheet": "the small landlord of these tests leaves some sectors empty",
    "round:qr": "the small landlord of these tests leaves some sectors empty",
    "round:equipment": "the small landlord of these tests leaves some sectors empty",
    "agency:decide_correction": "only while a correction waits",
}
# Not for people: no page to look at.
MACHINES = {
    "api:": "answers JSON; tests/requests/api",
    "readyz": "says 503 here, where no worker runs; tests/portal/test_health.py",
    "channels:mail_hook": "takes signed posts only",
}


@dataclass(frozen=True)
class Place:
    """One pattern of the URLconf; ``name`` includes its namespace."""

    route: str
    name: str
    arguments: tuple[str, ...]
    view: Callable

    def __str__(self) -> str:
        return "/" + self.route

    @property
    def module(self) -> str:
        view = getattr(self.view, "view_class", getattr(self.view, "cls", self.view))
        if hasattr(self.view, "admin_site") or hasattr(self.view, "model_admin"):
            return "django.contrib.admin"
        return getattr(view, "__module__", "")

    @property
    def third_party(self) -> str:
        """Why it is not walked, or nothing."""
        machine = next((why for start, why in MACHINES.items() if self.name.startswith(start)), "")
        return machine or next(
            (why for start, why in THIRD_PARTY.items() if self.module.startswith(start)), ""
        )


def places(patterns=None, prefix: str = "", space: str = "") -> Iterator[Place]:
    """All patterns, in the order of the URLconf."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + (
            pattern.pattern._route
            if isinstance(pattern.pattern, RoutePattern)
            else str(pattern.pattern).strip("^$")
        )
        if isinstance(pattern, URLPattern):
            arguments = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            name = f"{space}{pattern.name}" if pattern.name else ""
            yield Place(route, name, arguments, pattern.callback)
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from places(pattern.url_patterns, route, inner)


def audiences(place: Place) -> list[str]:
    """Who may open it; a public page is seen by a visitor, a filing visitor and a tenant."""
    declared = getattr(place.view, "audience", None)
    if declared is None:  # allauth and other guarded views
        return [VISITOR, "tenant"]
    if PUBLIC in declared:
        return (
            [VISITOR, FILING, "tenant"] if place.route.startswith("file/") else [VISITOR, "tenant"]
        )
    return [role for role in ORDER if role in declared and role != Role.TENANT_REPRESENTATIVE]


# Rich accounts first: a page is looked at in full for the first, more lightly for the others.
ORDER = [
    Role.AGENT,
    Role.HEAD_OFFICE,
    Role.AGENCY_MANAGER,
    Role.CALL_TAKER,
    Role.ON_CALL,
    Role.CARETAKER,
    Role.TENANT_REPRESENTATIVE,
    Role.TENANT,
    Role.ADMIN,
    Role.DPO,
]


def _claims(role: str):
    claims = Claim.objects.system("walk").select_related("owner__unit")
    if role in (VISITOR, FILING):
        return claims
    user = site.account(role)
    membership = user.memberships.select_related("unit").first()
    return Claim.objects.visible_to(membership) if membership else Claim.objects.of_user(user)


def _one_per_state(role: str) -> list[Claim]:
    """A claim in each state that this person sees."""
    return list(_claims(role).order_by("state", "filed_at", "pk").distinct("state"))


def _some_states(role: str, *states: str) -> list[Claim]:
    return [claim for claim in _one_per_state(role) if claim.state in states]


def _order_links(role: str) -> list[str]:
    return list(OrderLink.objects.order_by("pk").values_list("token", flat=True)[:1])


def _visible(field: str) -> Callable[[str], list]:
    """The ``field`` of one claim of the role that has it."""

    def find(role: str) -> list:
        return list(
            _claims(role).exclude(**{field: None}).order_by("pk").values_list(field, flat=True)[:1]
        )

    return find


def _one(model, field: str = "pk") -> Callable[[str], list]:
    return lambda role: list(model.objects.order_by("pk").values_list(field, flat=True)[:1])


def _looked_after(role: str) -> list:
    buildings = looked_after(site.account(role).memberships.first())
    return list(buildings.values_list("pk", flat=True)[:1])


NOTHING = "00000000-0000-4000-8000-000000000000"
# "url name:argument", "first part of the path/:argument" or "argument" → values for a role.
# Several values: each is walked.
FILLS: dict[str, Callable[[str], list]] = {
    "agency:claim:pk": lambda role: [
        c.pk for c in _some_states(role, "received", "in_review", "closed")
    ],
    "pk": lambda role: [c.pk for c in _one_per_state(role)[:1]],
    "follow:token": lambda role: [
        c.token for c in _some_states(role, "received", "waiting_tenant", "done", "refused")
    ],
    "token": lambda role: [c.token for c in _one_per_state(role)[:1]],
    "tile": lambda role: ["water", "other"],
    "family": lambda role: list(
        Family.objects.filter(tile="other").values_list("code", flat=True)[:1]
    ),
    "file": lambda role: [NOTHING],
    "hall/:code": _one(Staircase, "hall_code"),
    "state": lambda role: ["on"],
    "way": lambda role: ["up"],
    "version": lambda role: [1],
    "my/:claim": lambda role: [c.pk for c in _one_per_state(role)[:2]],
    "my/:transition": lambda role: ["withdraw"],
    "sha256": lambda role: ["0" * 64],
    "job/:token": _order_links,
    "contractor_feed:token": _one(Contractor, "calendar_token"),
    "job/:name": lambda role: ["done"],
    "visit/:token": _one(Offer, "token"),
    "incident_public:pk": _one(Incident),
    "incident:pk": _one(Incident),
    "incident_poster:pk": _one(Incident),
    "agency:tenant:pk": _visible("tenant_id"),
    "agency:dwelling:pk": _visible("dwelling_id"),
    "closing_attempt:pk": _one(ClosingStep),
    "work/:pk": lambda role: list(
        WorkOrder.objects.system("walk").order_by("pk").values_list("pk", flat=True)[:1]
    ),
    "work_new:pk": lambda role: [c.pk for c in _some_states(role, "in_review")],
    "round:building:pk": _looked_after,
    "round:sheet:pk": _looked_after,
    "round:qr:pk": lambda role: list(
        Staircase.objects.filter(building__in=_looked_after(role)).values_list("pk", flat=True)[:1]
    ),
    "round:equipment:pk": lambda role: list(
        Equipment.objects.filter(building__in=_looked_after(role)).values_list("pk", flat=True)[:1]
    ),
    "stock:residence:pk": _one(Residence),
    "stock:staircase:pk": _one(Staircase),
    "stock:dwelling:pk": _one(Dwelling),
    "stock:import_template:code": lambda role: ["tenants"],
    "health/:pk": lambda role: [1],
    "demo/:name": lambda role: ["none"],
    "absences:cancel:pk": lambda role: [1],  # a POST, like the two that follow
    "help:answer:pk": lambda role: [1],
    "help:end:pk": lambda role: [1],
    "sharing:desk:desk": lambda role: list(
        site.account(role).memberships.values_list("unit__desks", flat=True)[:1]
    ),
    "annotation": lambda role: [1],  # withdrawing is a POST
    "transition": lambda role: ["take_charge"],
    # allauth's own links; a key that is not valid shows the page that says so.
    "key": lambda role: ["none"],
    "uidb36": lambda role: ["1"],
}


class NoValue(AssertionError):
    """A URL argument that the walk does not know."""


def addresses(place: Place, role: str) -> list[str]:
    """The concrete paths of ``place`` for ``role``; raises NoValue."""
    paths = ["/" + place.route]
    for argument in place.arguments:
        part = place.route.split("/")[0]
        names = (f"{place.name}:{argument}", f"{part}/:{argument}", argument)
        fill = next((FILLS[name] for name in names if name in FILLS), None)
        if fill is None:
            raise NoValue(
                f"/{place.route} ({place.name}) has the argument “{argument}”, which the walk "
                f"cannot fill: add “{place.name}:{argument}” to FILLS in tests/e2e/urls.py, "
                "with values from the demo landlord."
            )
        paths = [_put(path, argument, str(value)) for path in paths for value in fill(role)]
    return paths


def _put(path: str, argument: str, value: str) -> str:
    """Replace ``<converter:argument>`` or ``(?P<argument>…)`` by a value."""
    if "(?P<" in path:
        start = path.index(f"(?P<{argument}>")
        depth, end = 0, start
        while True:
            depth += {"(": 1, ")": -1}.get(path[end], 0)
            end += 1
            if depth == 0:
                return path[:start] + value + path[end:]
    start = path.rindex("<", 0, path.index(f"{argument}>"))
    return path[:start] + value + path[path.index(">", start) + 1 :]


def kind(response: HttpResponse) -> str:
    """What a GET answered: page, redirect, post-only, refused, absent or file."""
    status = response.status_code
    if status == 405:
        return "post-only"
    if 300 <= status < 400:
        return "redirect"
    if status in (401, 403):
        return "refused"
    if status in (404, 410):
        return "absent"
    if status >= 500:
        return "broken"
    html = response.headers.get("Content-Type", "").startswith("text/html")
    inline = "attachment" not in response.headers.get("Content-Disposition", "")
    return "page" if html and inline else "file"


def client_for(role: str) -> Client:
    """Somebody who may ask; the filing visitor's session is made in the browser."""
    return Client() if role in (VISITOR, FILING) else site.signed_in(role)
