"""Pages of the reader's menu, and actions, by their words."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.access import DESK_ROLES, Role
from portal.text import search_words
from requests.planned_works.stock_panel import WRITERS as ANNOUNCERS

MOST = 6
# Label, other words for it, URL name, query, roles.
ACTIONS = (
    (
        gettext_lazy("File a request for a caller"),
        gettext_lazy("new call counter take"),
        "calls:desk",
        "",
        DESK_ROLES,
    ),
    (
        gettext_lazy("File a request for an unknown caller"),
        gettext_lazy("new call stranger"),
        "calls:desk",
        "?unknown=1",
        DESK_ROLES,
    ),
    (
        gettext_lazy("Open an incident"),
        gettext_lazy("new outage collective fault"),
        "incident_direct",
        "",
        DESK_ROLES,
    ),
    (
        gettext_lazy("Announce works"),
        gettext_lazy("new planned cut notice"),
        "planned_new",
        "",
        ANNOUNCERS,
    ),
    (
        gettext_lazy("On call now"),
        gettext_lazy("duty emergency night"),
        "on_call:home",
        "",
        DESK_ROLES,
    ),
    (
        gettext_lazy("Report a fault on my round"),
        gettext_lazy("new building caretaker"),
        "round:home",
        "",
        {Role.CARETAKER},
    ),
    (gettext_lazy("Change my password"), gettext_lazy("account"), "account", "", set(Role)),
)


def entries_of(nav: dict) -> list[dict]:
    """Return the entries of the menu as one list."""
    rest = [entry for _title, group in nav.get("groups", []) for entry in group]
    return [*nav.get("bar", []), *rest]


def find(entries: Iterable[dict], role: str, text: str) -> list[tuple[str, str, str]]:
    """Return label, address and kind of the pages and actions whose words begin as typed."""
    words = search_words(text)
    if not words:
        return []
    found = []
    for entry in entries:
        if _begin(words, str(entry["label"])):
            found.append((str(entry["label"]), entry["url"], _("page")))
    for label, more, name, query, roles in ACTIONS:
        if role in roles and _begin(words, f"{label} {more}"):
            found.append((str(label), reverse(name) + query, _("action")))
    return found[:MOST]


def _begin(words: list[str], label: str) -> bool:
    known = search_words(label, most=40)
    return all(any(one.startswith(word) for one in known) for word in words)
