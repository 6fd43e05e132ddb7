"""Every address of the URLconf, for every audience, without anybody listing them.

Object arguments come from ``FILLS``. A new URL whose argument is not there makes the walk fail
and says where to add it.
"""

from collections.abc import Callable

from django.test import Client

from agencies.models import Contractor, Equipment, ImportRun, Staircase
from portal import not_me
from portal.access import PUBLIC, Role
from portal.clock import now
from requests.audit.models import EmergencyOpening
from requests.catalogue.models import Family
from requests.channels import photo_links
from requests.channels.models import Intake
from requests.closing.models import ClosingStep, Proof
from requests.equipment.models import EquipmentCorrection
from requests.incidents.models import Incident
from requests.letters.models import Letter, LetterBatch, Scan, ScanFile, ScanPage
from requests.planned_works.models import PlannedWorks
from requests.reporting.models import ScheduledExport
from requests.routing.models import Rule
from requests.surveys.models import Survey, SurveyInvitation
from requests.webhooks.models import WebhookEndpoint
from requests.work_orders.appointment_models import Offer
from requests.work_orders.models import WorkOrder
from requests.work_orders.workflow import TO_DO
from tenants.models import AccountLink
from tests.e2e import site
from tests.e2e.places import Place
from tests.e2e.values import (
    FILING,
    VISITOR,
    colleague,
    contact_questions,
    double,
    equipment_list,
    looked_after,
    mandate,
    merge,
    of_neighbour,
    one,
    one_per_state,
    order_links,
    own_replies,
    place,
    rights_request,
    settings_rows,
    some_states,
    unknown_sender,
    visible,
    with_link,
)

PLACES = ("residence", "building", "staircase", "dwelling")
# Pages that only send elsewhere when nothing was begun, and why.
REDIRECTS = {
    "metrics": "only with the token of the monitoring (tests/portal/test_observability.py)",
    "enter": "sends each role to its own first screen",
    "find_code": "only while a code is on its way; tests/e2e/test_find.py",
    "account_email_verification_sent": "only while an address waits to be confirmed",
    "account_set_password": "only for accounts without a password",
    "account_confirm_login_code": "only while a code is on its way",
    "mfa_authenticate": "only in the middle of signing in with two factors",
    "mfa_reauthenticate": "only once an authenticator is set up",
    "mfa_deactivate_totp": "only once an authenticator is set up",
    "mfa_reauthenticate_webauthn": "only once a passkey was added; tests/e2e/test_passkeys.py",
    "mfa_edit_webauthn": "only once a passkey was added",
    "mfa_remove_webauthn": "only once a passkey was added",
    "mfa_login_webauthn": "gives options to a script; tests/e2e/test_passkeys.py",
    "mfa_view_recovery_codes": "only once an authenticator is set up",
    "mfa_generate_recovery_codes": "only once an authenticator is set up",
    "mfa_download_recovery_codes": "only once an authenticator is set up",
    "mfa_activate_totp": "asks for the password again first",
    "account_verify_phone": "only while a number waits to be confirmed",
    "signon_start": "only where a provider is set up; tests/portal/signon/test_sign_on.py",
    "signon_callback": "only on the way back from the provider",
    "signon_connect": "only where a provider is set up",
    "signon_link": "only when the provider has recognised somebody new",
    "signon_ended": "only after a session that the provider opened",
    "figures:open": "sends to a kept board; only head office's is kept in the demo",
    "kept": "only while a text waits after a session ended",
    "file_photo": "a file of one's own draft; served, not drawn",
    "follow_file": "a file of the claim; served, not drawn",
    "my:file": "a file of the claim; served, not drawn",
    "proxy:claim_file": "a file of the claim; served, not drawn",
    "agency:mail": "the demo landlord received no mail",
    "agency:file": "a file of the claim; served, not drawn",
    "agency_rounds:photo": "a file of the round; served, not drawn",
    "job_photo": "a file of the order; served, not drawn",
    "jobs:photo": "a file of the order; served, not drawn",
    "demo:mail": "a caught mail; none is caught here",
    "training:box": "only for who came in to practise; tests/requests/training",
    "training:renew": "only on a training landlord; tests/requests/training",
    "incident_group": "only for ticked requests; tests/requests/incidents/test_incidents.py",
    "jobs:slots_drop": "a press on one's own row; never drawn",
    "jobs:leave": "a press on one's own row; never drawn",
    "file_yours": "only for a fault that is the tenant's (tenant_pages/test_filing.py)",
    "file_already": "only where neighbours reported it; tests/requests/tenant_pages/test_filing.py",
    "incident_new": "only while reports propose an incident",
    "visit_ics": "only once a date is agreed",
    "staff_invitation": "only while an invitation waits; tests/requests/console/test_people.py",
    "closing_attempt": "only once a claim waited three days for the tenant's word",
    "stock_map_file": "only where a file of streets is set; tests/requests/stock_map",
    "surveys:edit": "only while a survey is planned; tests/requests/surveys/test_surveys.py",
}


def asked(state: str, field: str) -> list:
    """One invitation of the agency of the demo's agent that is in this state."""
    home = site.account(Role.AGENT).memberships.first().unit_id
    rows = SurveyInvitation.unscoped.filter(state=state).order_by("pk")
    return list((rows.filter(unit=home) or rows).values_list(field, flat=True)[:1])


def closed_survey(role: str) -> list:
    return list(Survey.objects.filter(closed_at__isnull=False).values_list("pk", flat=True)[:1])


def running_survey(role: str) -> list:
    return list(Survey.objects.filter(closed_at__isnull=True).values_list("pk", flat=True)[:1])


def audiences(place: Place) -> list[str]:
    """Who may open it; a public page is seen by a visitor, a filing visitor and a tenant."""
    declared = getattr(place.view, "audience", None)
    if declared is None:  # allauth and other guarded views
        return [VISITOR, "tenant"]
    if PUBLIC in declared:
        return (
            [VISITOR, FILING, "tenant"] if place.route.startswith("file/") else [VISITOR, "tenant"]
        )
    return [role for role in ORDER if role in declared]


# Rich accounts first: a page is looked at in full for the first, more lightly for the others.
ORDER = [
    Role.AGENT,
    Role.HEAD_OFFICE,
    Role.AGENCY_MANAGER,
    Role.CALL_TAKER,
    Role.ON_CALL,
    Role.CARETAKER,
    Role.CONTRACTOR,
    Role.TENANT_REPRESENTATIVE,
    Role.TENANT,
    Role.ADMIN,
    Role.DPO,
]

NOTHING = "00000000-0000-4000-8000-000000000000"
# "url name:argument", "first part of the path/:argument" or "argument" → values for a role.
# Several values: each is walked.
POSTS = "my:answer_point my:answer_need identity:point identity:keep_need identity:decide_change "
POSTS += "sensors:switch missed_calls:returned household:end_lease figures:open figures:drop"
UNKNOWN = "file message my_data:withdraw:pk my_data:download:pk household:undo:pk "
UNKNOWN += "agency:undo_end:pk privacy:download:pk hooks:replay:pk"
FILLS: dict[str, Callable[[str], list]] = {
    **dict.fromkeys(UNKNOWN.split(), lambda role: [NOTHING]),
    **{f"{name}:pk": lambda role: [1] for name in POSTS.split()},
    "agency:claim:pk": lambda role: [
        c.pk for c in some_states(role, "received", "in_review", "closed")
    ],
    "pk": lambda role: [c.pk for c in one_per_state(role)[:1]],
    "follow:token": lambda role: [
        c.token for c in with_link(role, "received", "waiting_tenant", "done", "refused")
    ],
    "not_me:token": lambda role: [
        not_me.token_of(site.account("tenant"), site.account("tenant").email, now())
    ],
    "photos:photo_link:token": lambda role: [
        photo_links.make(c.reference, now()) for c in with_link(role)[:1]
    ],
    "token": lambda role: [c.token for c in with_link(role)[:1]],
    "tile": lambda role: ["water", "other"],
    "family": lambda role: list(
        Family.objects.filter(tile="other").values_list("code", flat=True)[:1]
    ),
    "hall/:code": one(Staircase, "hall_code"),
    "contact_check:token": contact_questions,
    "follow_me:token": unknown_sender,
    **{f"identity:{name}:pk": visible("tenant_id") for name in ("contacts", "edit_contacts")},
    "end_link:token": one(AccountLink, "token"),
    # POSTs: of a private link, of a lease, of an end of access.
    "what": lambda role: ["close"],
    # Only the letter and the request are pages; the others are POSTs.
    **{
        f"privacy:{name}:pk": rights_request
        for name in ("request", "letter", "extend", "answer", "note", "copy", "erase", "hold")
    },
    "privacy:lift:pk": rights_request,
    "privacy:lift:number": lambda role: [1],
    "privacy:rule:code": lambda role: ["claims"],
    "privacy:log:tenant": visible("tenant_id"),
    "emergency:claim:pk": lambda role: list(
        EmergencyOpening.objects.in_force(site.account(role), now()).values_list("claim", flat=True)
    ),
    "agency:end_access:pk": visible("tenant_id"),
    "state": lambda role: ["on"],
    "way": lambda role: ["up"],
    "version": lambda role: [1],
    "my/:claim": lambda role: [c.pk for c in one_per_state(role)[:2]],
    "my/:transition": lambda role: ["withdraw"],
    "sha256": one(Proof, "sha256"),
    "rules:rule:pk": one(Rule),
    "rules:change:pk": one(Rule),
    "stock:import:pk": one(ImportRun),
    "stock:import_rejects:pk": one(ImportRun),
    "channels:entry:pk": lambda role: list(
        Intake.unscoped.order_by("channel", "received_at")
        .distinct("channel")
        .values_list("pk", flat=True)
    ),
    "channels:original:pk": lambda role: list(
        Intake.unscoped.filter(channel="email").values_list("pk", flat=True)[:1]
    ),
    "agency_rounds:decide_correction:pk": one(EquipmentCorrection),
    "identity:person:pk": double("kept"),
    "identity:end_mandate:pk": mandate("system"),
    "identity:merged:key": merge,
    "identity:undo:key": merge,
    "kept": double("kept"),
    "absorbed": double("absorbed"),
    "my/:mandate": mandate("given"),
    "proxy/:mandate": mandate("held"),
    "proxy/:claim": of_neighbour,
    "proxy/:transition": lambda role: ["say_fixed"],
    "job/:token": order_links,
    "contractor_feed:token": one(Contractor, "calendar_token"),
    "job/:name": lambda role: ["done"],
    "job/:file": lambda role: [NOTHING],
    "jobs/:pk": lambda role: list(
        WorkOrder.objects.visible_to(site.account(role).memberships.first())
        .filter(state="confirmed")
        .order_by("number")
        .values_list("pk", flat=True)[:1]
    ),
    "jobs/:name": lambda role: ["impossible"],
    "visit/:token": one(Offer, "token"),
    "incident_public:pk": one(Incident),
    "survey_answer:token": lambda role: asked("sent", "code"),
    "surveys:enter:pk": lambda role: asked("to_post", "pk"),
    **{f"surveys:{name}:pk": closed_survey for name in ("survey", "csv", "words")},
    **{f"surveys:{name}:pk": running_survey for name in ("to_ask", "letters", "stop")},
    "planned_public:pk": one(PlannedWorks),
    "planned:pk": one(PlannedWorks),
    "planned_poster:pk": one(PlannedWorks),
    "planned_letters:pk": one(PlannedWorks),
    **{f"letters:{name}:pk": one(LetterBatch) for name in ("batch", "batch_pdf")},
    **{f"letters:{name}:pk": one(Letter) for name in ("letter", "letter_pdf")},
    "letters:original:pk": one(ScanFile),
    **{
        f"letters:{name}:pk": lambda role: list(
            ScanPage.unscoped.exclude(thumb="").values_list("pk", flat=True)[:1]
        )
        for name in ("page", "thumb")
    },
    "letters:arrange:pk": lambda role: list(
        Scan.unscoped.filter(split_at__isnull=True).values_list("pk", flat=True)[:1]
    ),
    **{
        f"letters:{name}:pk": lambda role: list(
            Intake.unscoped.filter(scan_pages__isnull=False).values_list("pk", flat=True)[:1]
        )
        for name in ("sort", "paper")
    },
    "incident:pk": one(Incident),
    "agency:incident:pk": one(Incident),
    "incident_poster:pk": one(Incident),
    "conversation:reply:pk": own_replies,
    "conversation:reply_drop:pk": own_replies,
    "agency:tenant:pk": visible("tenant_id"),
    "agency:dwelling:pk": visible("dwelling_id"),
    "closing_attempt:pk": one(ClosingStep),
    "work/:pk": lambda role: list(
        WorkOrder.objects.system("walk").order_by("pk").values_list("pk", flat=True)[:1]
    ),
    "work_offer:pk": lambda role: list(
        WorkOrder.objects.system("walk")
        .filter(state__in=TO_DO)
        .order_by("pk")
        .values_list("pk", flat=True)[:1]
    ),
    "feedback_said:pk": lambda role: [c.pk for c in some_states(role, "done", "closed")],
    "work_new:pk": lambda role: [c.pk for c in some_states(role, "in_review")],
    "round:building:pk": looked_after,
    "round:sheet:pk": looked_after,
    "round:qr:pk": lambda role: list(
        Staircase.objects.filter(building__in=looked_after(role)).values_list("pk", flat=True)[:1]
    ),
    "round:equipment:pk": lambda role: list(
        Equipment.objects.filter(building__in=looked_after(role)).values_list("pk", flat=True)[:1]
    ),
    "equipment/:pk": equipment_list,
    "e/:code": one(Equipment, "label_code"),
    **{f"stock:{name}:pk": place(f"{name}s") for name in PLACES},
    "stock:import_template:code": lambda role: ["tenants"],
    "health/:pk": lambda role: [1],
    "training/:key": lambda role: ["find"],
    "demo/:name": lambda role: ["none"],
    "demo:measure:slug": lambda role: ["chaudiere-1"],
    "absences:cancel:pk": lambda role: [1],  # a POST, like the two that follow
    "help:answer:pk": lambda role: [1],
    "help:end:pk": lambda role: [1],
    "sharing:desk:desk": lambda role: list(
        site.account(role).memberships.values_list("unit__desks", flat=True)[:1]
    ),
    "teams/:pk": lambda role: [1],  # confirming and refusing are POSTs
    **settings_rows(),
    "console/:name": lambda role: ["claims_month"],
    **{f"exports:{name}:pk": one(ScheduledExport) for name in ("edit", "delete")},
    **{f"hooks:{name}:pk": one(WebhookEndpoint) for name in ("endpoint", "edit", "delete", "test")},
    "console/:pk": colleague,  # the rest of what is under /console/ are POSTs
    "staff_invitation:token": lambda role: ["none"],
    "account/:pk": lambda role: [1],  # revoking a token is a POST
    "annotation": lambda role: [1],  # withdrawing is a POST
    "figures/:board": lambda role: ["customers" if role == Role.HEAD_OFFICE else "agency"],
    "open_table:table": lambda role: ["claims", "promises"],
    "transition": lambda role: ["take_charge"],
    # allauth's own links; a key that is not valid shows the page that says so.
    "key": lambda role: ["none"],
    "uidb36": lambda role: ["1"],
}


# What a page shows nothing without, for a role.
QUERIES = {
    "calls:here": lambda role: [f"at=dwelling:{pk}" for pk in place("dwellings")(role)],
    "company_orders": lambda role: ["measure=ordered&since=2026-01-01&until=2026-12-31"],
    "inspection_new": lambda role: [f"at=building:{pk}" for pk in place("buildings")(role)],
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
    queries = QUERIES.get(place.name, lambda role: [])(role)
    return [f"{path}?{query}" for path in paths for query in queries] or paths


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


def client_for(role: str) -> Client:
    """Somebody who may ask; the filing visitor's session is made in the browser."""
    return Client() if role in (VISITOR, FILING) else site.signed_in(role)
