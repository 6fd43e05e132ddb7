"""Who reaches what: the one table from which every expected answer of the matrix follows.

``DOORS`` says, for each part of the URLconf, which kind of row its argument names and which scope
decides. The first that fits counts. An address with an argument that no row fits fails.
"""

import re
from dataclasses import dataclass

from tests.matrix.world import VARIANTS

# Relations to the home's requests, in groups.
EVERYWHERE = {"head_office", "call_taker", "on_call"}
DESKS = {"agent", "manager"} | EVERYWHERE
COMPANY = {"contractor", "contractors_colleague"}
PROXIES = {"proxy", "proxy_for_all"}
NOBODY: set[str] = set()
# Whoever has the role that the view declares; the object narrows nothing.
ROLE = None


def same(people: set[str] | None) -> dict[str, set[str] | None]:
    """Return the same people for each variant of a request."""
    return {variant: people for variant in VARIANTS}


# Scope → variant → the relations that reach the row, among those whose role may open the view.
SCOPES: dict[str, dict[str, set[str] | None]] = {
    "reads": {**same({"author"}), "shared": {"author", "joint", "occupant"}},
    "acts": {**same({"author"}), "shared": {"author", "joint"}},
    "author": same({"author"}),
    "desks": same(DESKS),
    "desks or readers": {
        **same(DESKS | {"author"}),
        "shared": DESKS | {"author", "joint", "occupant"},
    },
    "desks or actors": {**same(DESKS | {"author"}), "shared": DESKS | {"author", "joint"}},
    "desks or author": same(DESKS | {"author"}),
    "desks or own caretaker": {
        "shared": DESKS | {"caretaker"},
        "confided": DESKS,
        # Filed under a category without a place in the building; orders of it are the desks'.
        "unsorted": DESKS | {"caretaker"},
    },
    "unit": same({"agent", "manager", "head_office", "call_taker", "on_call", "admin"}),
    "unit alone": same({"agent", "manager"}),
    "unit or head office": same({"agent", "manager", "head_office"}),
    "unit or caretaker": same(DESKS | {"caretaker"}),
    "own days": same({"agent", "manager"}),
    "own board": same({"agent"}),
    "manager": same({"manager"}),
    "manager or head office": same({"manager", "head_office"}),
    "asked for help": same({"head_office"}),
    "caretaker": same({"caretaker"}),
    "company": same(COMPANY),
    "company's chief": same({"contractor"}),
    "former agency too": same(DESKS | {"former_agency"}),
    "proxies": {**same({"proxy_for_all"}), "shared": PROXIES},
    "each proxy's": {"proxy": {"proxy"}, "proxy_for_all": {"proxy_for_all"}},
    "addressed": same({"neighbour"}),
    "opener": {**same(NOBODY), "shared": {"emergency_opener"}},
    "role": same(ROLE),
}


@dataclass(frozen=True)
class Door:
    """``pattern`` is searched at the beginning of a route; ``kinds``: argument → kind of row.

    ``scope`` is a key of ``SCOPES``; ``post`` is another one for what the address changes.
    ``why``: why the address reaches nothing about a person, so that only the canaries are looked
    for.
    """

    pattern: str
    kinds: dict[str, str]
    scope: str
    post: str
    why: str = ""


def _(pattern: str, scope: str, why: str = "", *, post: str = "", **kinds: str) -> Door:
    return Door(pattern, kinds, scope, post or scope, why)


LINK = "whoever has the link: it was sent to one person"
PUBLIC_PAGE = "a page for everybody in the building or the town"
CATALOGUE = "the landlord's own lists, rules and stock; nothing of a person"
MACHINE = "signed by a machine; tests/requests/inbound, tests/requests/sensors"

DOORS = [
    # The tenant's pages.
    _(r"my/<uuid:claim>/(news|complain|print|qr|confidential|link)/", "author", claim="claim"),
    _(r"my/<uuid:claim>/(write|do)/", "acts", claim="claim"),
    _(r"my/<uuid:claim>/", "reads", claim="claim", file="file"),
    _(r"my/proxies/", "author", mandate="mandate"),
    _(r"my/contacts/edit/", "role", "a form about one's own record, which the address never names"),
    _(r"my/contacts/", "author", pk="contact_point"),
    _(r"my/needs/", "author", pk="need"),
    _(r"my/data/copies/", "author", pk="copy"),
    _(r"my/data/", "author", pk="rights"),
    _(r"proxy/accept/", "addressed", mandate="mandate_offered"),
    _(r"proxy/file/", "each proxy's", mandate="mandate"),
    _(r"proxy/<uuid:claim>/", "proxies", claim="claim", file="file"),
    _(r"account/tokens/", "author", pk="api_token"),
    # The API.
    _(r"api/v1/claims/<uuid:pk>/comments/", "desks or actors", pk="claim"),
    _(r"api/v1/claims/<uuid:pk>/author/", "desks", pk="claim"),
    _(r"api/v1/people/", "desks", pk="person", number="contact_point"),
    _(r"api/v1/reporting/", "role", "sums without a person: docs/reporting.md"),
    _(r"api/v1/me/contacts/", "author", number="contact_point"),
    _(r"api/v1/claims/<uuid:pk>/confidential/", "desks or author", pk="claim"),
    _(r"api/v1/claims/<uuid:pk>/", "desks or readers", pk="claim"),
    # The desks: claims and what hangs on them.
    _(r"agency/<uuid:pk>/", "desks", pk="claim", message="message"),
    _(r"agency/(photos|absences/back|rounds/check)/<uuid:pk>/", "desks", pk="claim"),
    _(r"calls/<uuid:pk>/", "desks", pk="claim"),
    _(r"on-call/<uuid:pk>/", "desks", pk="claim"),
    _(r"work/claim/<uuid:pk>/", "desks", pk="claim"),
    _(r"agency/files/", "desks", pk="file"),
    _(r"agency/rounds/photo/", "desks", pk="round_photo"),
    _(r"agency/channels/", "desks", pk="delivery"),
    _(r"agency/letters/batch/", "unit or head office", pk="letter_batch"),
    _(r"agency/letters/in/(page|thumb)/", "unit", pk="scan_page"),
    _(r"agency/letters/in/file/", "unit alone", pk="scan_file"),
    _(r"agency/letters/in/letter/", "unit", pk="scanned_letter"),
    _(r"agency/letters/in/", "unit alone", pk="scan"),
    _(r"agency/letters/<uuid:pk>", "desks", pk="letter"),
    _(r"agency/tray/", "desks", pk="tray|intake"),
    _(r"agency/emergency/", "opener", pk="claim"),
    _(r"work/closing/", "desks or own caretaker", pk="closing_step"),
    _(r"work/<uuid:pk>/", "desks or own caretaker", pk="order"),
    # The desks: people.
    _(r"agency/people/<uuid:pk>/end-access/", "desks", pk="person"),
    _(r"agency/people/", "former agency too", pk="person"),
    _(r"agency/doubles/person/<uuid:pk>/contacts/", "desks", pk="person"),
    _(r"agency/doubles/changes/", "desks", pk="person_change"),
    _(r"agency/doubles/person/", "former agency too", post="desks", pk="person"),
    _(r"privacy/for/", "former agency too", tenant="person"),
    _(r"agency/doubles/contacts/", "desks", pk="contact_point"),
    _(r"agency/doubles/needs/", "desks", pk="need"),
    _(r"agency/doubles/mandates/", "desks", pk="mandate"),
    _(r"agency/doubles/merges/", "desks", key="merge"),
    _(r"agency/doubles/<uuid:kept>/", "desks", kept="person", absorbed="twin"),
    _(r"agency/leases/ends/", "desks", pk="lease_end"),
    _(r"agency/leases/", "desks", pk="lease"),
    _(r"agency/access-ends/", "desks", pk="access_end"),
    _(r"agency/dwellings/", "desks", pk="dwelling"),
    _(r"calls/missed/", "desks", pk="missed_call"),
    # The officer: everybody's rights, by the role alone.
    _(r"privacy/requests/", "role", pk="rights", number="hold"),
    _(r"privacy/copies/", "role", pk="copy"),
    # What a unit owns.
    _(r"agency/absences/", "own days", pk="absence"),
    _(r"agency/help/<int:pk>/answer/", "asked for help", pk="help"),
    _(r"agency/help/", "manager or head office", pk="help"),
    _(r"agency/sharing/", "manager", desk="desk"),
    _(r"agency/replies/", "unit alone", pk="reply"),
    _(r"agency/rounds/correction/", "unit", pk="correction"),
    _(r"agency/sensors/<int:pk>/", "unit", pk="sensor"),
    _(r"agency/planned/", "unit", pk="works"),
    _(r"agency/incidents?/<uuid:pk>/", "unit", pk="incident"),
    _(r"surveys/invitation/", "unit", pk="survey_invitation"),
    _(r"surveys/", "role", "sums of a wave; its list of people is narrowed by unit", pk="survey"),
    _(r"equipment/", "unit or caretaker", pk="equipment"),
    _(r"stock/residences/", "unit or caretaker", pk="residence"),
    _(r"stock/buildings/", "unit or caretaker", pk="building"),
    _(r"stock/staircases/", "unit or caretaker", pk="staircase"),
    _(r"stock/dwellings/", "unit or caretaker", pk="dwelling"),
    _(r"round/building/", "caretaker", pk="building"),
    _(r"round/qr/", "caretaker", pk="staircase"),
    _(r"round/equipment/", "caretaker", pk="equipment"),
    _(r"figures/annotate/", "manager", annotation="annotation"),
    _(r"figures/kept/", "own board", pk="kept_board"),
    _(r"figures/<slug:board>", "role", CATALOGUE),
    _(r"open-data/", "role", CATALOGUE),
    # Contractors.
    _(r"jobs/<uuid:pk>/", "company", pk="order", file="file"),
    _(r"jobs/team/", "company's chief", pk="team_member"),
    _(r"jobs/slots/<slug:name>/<int:pk>/", "company", pk="weekly_slot"),
    _(r"jobs/slots/", "role", CATALOGUE),
    # Links: whoever has them. That they end is asked in test_links.
    _(r"(s|feedback|proof/of)/<token:token>/", "role", LINK, token="claim_token", file="file"),
    _(r"photos/", "role", LINK, token="photo_token"),
    _(r"survey/", "role", LINK, token="survey_token"),
    _(r"visit/", "role", LINK, token="visit_token"),
    _(r"job/calendar/", "role", LINK, token="calendar_token"),
    _(r"job/", "role", LINK, token="order_token", file="file"),
    _(r"end-link/", "role", LINK, token="account_link_token"),
    _(r"contact/", "role", LINK, token="contact_token"),
    _(r"not-me/", "role", LINK, token="not_me_token"),
    _(r"proof/<token:sha256>/", "role", LINK, sha256="proof"),
    # Nothing of a person.
    _(r"(file|hall|e|incident|works|open311)/", "role", PUBLIC_PAGE),
    _(r"(agency/(rules|suggestions|sensors|incidents/new)|stock|teams|health)/", "role", CATALOGUE),
    _(r"privacy/retention/", "role", CATALOGUE),
    _(r"console/", "role", "the landlord's own people, words and settings; no tenant"),
    _(r"invitation/", "role", "mailed to a colleague; names nobody else"),
    _(r"hooks/", "role", MACHINE),
    _(r"training/", "role", "exercises among invented people; absent in production"),
    _(r"demo/", "role", "the demonstration's catcher of mails; absent in production"),
]


def door_of(route: str) -> Door | None:
    """Return the row of ``DOORS`` that a route falls under."""
    return next((door for door in DOORS if re.match(door.pattern, route)), None)


def reaches(scope: str, variant: str) -> set[str] | None:
    """Return who reaches a row of this variant; rows of one variant only are like a shared one."""
    people = SCOPES[scope]
    return people[variant] if variant in people else people["shared"]


# Addresses whose rows are there and which answer 404 to whoever may reach them, and why. Every
# other one must be reached, or its refusals would prove nothing.
UNREACHED = {
    "agency/<uuid:pk>/mail/<uuid:message>/": "of a mail with HTML only; inbound/mail/test_screens",
    "agency/<uuid:pk>/not-author/": "names somebody of the guess; e2e/test_right_words",
    "agency/absences/back/<uuid:pk>/": "while somebody stands in; teamwork/test_absences",
    "agency/help/<int:pk>/answer/": "by the manager of the agency that is asked; test_assistance",
    "agency/letters/in/letter/<uuid:pk>/attach/": "names a request as well; letters/test_views",
    "agency/letters/in/page/<uuid:pk>/": "draws a real page; letters/test_page_images",
    "calls/<uuid:pk>/add/": "during the call that filed it; calls/test_views",
    "privacy/requests/<uuid:pk>/letter/": "once it was answered; privacy/test_requests",
    "visit/<token:token>/visit.ics": "once a date is agreed; work_orders/test_appointments",
    "work/closing/<int:pk>/": "once the work is done; closing/test_closing",
}
