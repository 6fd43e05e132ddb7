"""What is measured: each page, look-up, action and sweep, with who asks.

The rows come from the landlord that is measured; a name stands for the same thing at each size.
"""

from collections.abc import Callable

from django.db import connection

from benchmarks.house import (
    WORDS,
    House,
    Operation,
    api_filing,
    closing,
    contact_checks,
    escalation,
    filing,
    lease,
    oldest,
    posting,
    routing,
    sensors,
    upkeep,
    visit,
)
from portal.clock import now


def _inbox(who: str, login: str) -> list[Operation]:
    views = ["todo", "all", "ended", "awaited", "waiting", "closing", "mine"]
    return [
        Operation(
            f"{who} inbox {view}",
            login,
            f"/agency/?view={view}",
            watched=view in {"todo", "all", "awaited"},
            loaded=view == "todo",
        )
        for view in views
    ]


def _search(who: str, login: str) -> list[Operation]:
    """Searches of each kind; a word that nobody wrote finds nothing."""

    def asked(words: Callable[[House], str]) -> Callable[[House], str]:
        from urllib.parse import urlencode

        return lambda house: f"/agency/?{urlencode({'view': 'all', 'q': words(house)})}"

    kinds: dict[str, Callable[[House], str]] = {
        "reference": lambda h: h.closed.reference,
        "name": lambda h: h.closed.tenant.last_name,
        "name, typing error": lambda h: (
            h.closed.tenant.last_name[:3] + h.closed.tenant.last_name[4:]
        ),
        "address": lambda h: h.street,
        "words, another ending": lambda h: "fuites radiateurs",
        "common word": lambda h: "fuite",
        "nothing found": lambda h: "zyxwvuts",
        "phone": lambda h: h.point.value.replace("+33", "0"),
    }
    watched = (
        {"reference", "name", "address", "phone"} if who == "agent" else {"words, another ending"}
    )
    return [
        Operation(f"{who} search {kind}", login, asked(words), watched=kind in watched)
        for kind, words in kinds.items()
    ]


def _query(path: str, name: str, words: Callable[[House], str]) -> Callable[[House], str]:
    from urllib.parse import urlencode

    return lambda house: f"{path}?{urlencode({name: words(house)})}"


OPERATIONS: tuple[Operation, ...] = (
    *_inbox("agent", "sonia"),
    Operation(
        "agent inbox all, middle", "sonia", lambda h: f"/agency/?view=all&from={h.middle_place}"
    ),
    Operation(
        "agent inbox all, last",
        "sonia",
        lambda h: f"/agency/?view=all&from={h.last_place}",
        watched=False,
    ),
    *_inbox("head office", "helene")[:3],
    Operation(
        "head office inbox all, middle",
        "helene",
        lambda h: f"/agency/?view=all&from={h.middle_place_of_all}",
        watched=False,
    ),
    Operation("call-taker inbox todo", "nadia", "/agency/?view=todo", watched=False),
    Operation(
        "agent inbox, one desk",
        "sonia",
        lambda h: f"/agency/?view=all&desk={h.desk}",
        watched=False,
    ),
    Operation("agent inbox, one family", "sonia", "/agency/?view=all&family=PLO"),
    Operation(
        "agent inbox, sector and urgency",
        "sonia",
        lambda h: f"/agency/?view=all&sector={h.sector}&urgency=U3",
    ),
    Operation("agent claim page, open", "sonia", lambda h: f"/agency/{h.opened.pk}/", loaded=True),
    Operation(
        "agent claim page, closed", "sonia", lambda h: f"/agency/{h.closed.pk}/", watched=False
    ),
    Operation(
        "head office claim page, open", "helene", lambda h: f"/agency/{h.opened.pk}/", watched=False
    ),
    Operation("agent person", "sonia", lambda h: f"/agency/people/{h.opened.tenant_id}/"),
    Operation("agent dwelling", "sonia", lambda h: f"/agency/dwellings/{h.opened.dwelling_id}/"),
    Operation("tenant's private link", "", lambda h: f"/s/{h.opened.token}/", loaded=True),
    Operation("tenant's home", "awa", "/my/", loaded=True),
    *_search("agent", "sonia"),
    *_search("head office", "helene"),
    Operation("call, empty", "nadia", "/calls/"),
    Operation(
        "call by phone",
        "nadia",
        _query("/calls/", "tel", lambda h: h.point.value.replace("+33", "0")),
    ),
    Operation("call by unknown phone", "nadia", "/calls/?tel=0639980000", watched=False),
    Operation("call by name", "nadia", _query("/calls/", "q", lambda h: h.closed.tenant.last_name)),
    Operation(
        "call by name, typing error",
        "nadia",
        _query(
            "/calls/", "q", lambda h: h.closed.tenant.last_name[:3] + h.closed.tenant.last_name[4:]
        ),
        watched=False,
    ),
    Operation("call by address", "nadia", _query("/calls/", "q", lambda h: h.street)),
    Operation("call by reference", "nadia", _query("/calls/", "q", lambda h: h.closed.reference)),
    Operation(
        "call, suggested words", action=posting("nadia", "/calls/suggested/", {"words": WORDS})
    ),
    Operation("board head office", "helene", "/head-office/", loaded=True),
    Operation("board head office, 365 days", "helene", "/head-office/?days=365", watched=False),
    Operation("board head office, family", "helene", "/head-office/?family=PLO", watched=False),
    Operation("board stock", "helene", "/head-office/stock/"),
    Operation("board agency", "marc", "/figures/"),
    Operation("public promises", "", "/kept-promises/"),
    *(
        Operation(
            f"claims of figure {name}",
            "helene",
            f"/figures/claims/?measure={name}",
            watched=name != "late",
        )
        for name in ("received", "settled", "late", "fixed")
    ),
    Operation("board as CSV", "helene", "/figures/customers.csv", watched=False),
    Operation("rules head office", "helene", "/agency/rules/", watched=False),
    Operation("rules manager", "marc", "/agency/rules/"),
    Operation("one rule, manager", "marc", lambda h: f"/agency/rules/{h.rule}/"),
    Operation(
        "one rule, tried on a year",
        "marc",
        lambda h: f"/agency/rules/{h.rule}/?months=12",
        watched=False,
    ),
    Operation("suggestions", "helene", "/agency/suggestions/", watched=False),
    Operation("complaints", "helene", "/head-office/complaints/"),
    Operation("complaints.csv", "helene", "/head-office/complaints.csv", watched=False),
    Operation("tray agent", "sonia", "/agency/tray/"),
    Operation("tray head office", "helene", "/agency/tray/", watched=False),
    Operation("channels", "helene", "/agency/channels/"),
    Operation("stock head office", "helene", "/stock/"),
    Operation("stock search", "helene", "/stock/?q=bateliers"),
    Operation("stock imports", "helene", "/stock/imports/", watched=False),
    Operation("residence", "helene", lambda h: f"/stock/residences/{h.opened.residence_id}/"),
    Operation("dwelling", "helene", lambda h: f"/stock/dwellings/{h.opened.dwelling_id}/"),
    Operation("equipment", "sonia", "/equipment/"),
    Operation("equipment list.csv", "helene", "/equipment/list.csv", watched=False),
    Operation("incidents", "sonia", "/agency/incidents/"),
    Operation("planned works", "sonia", "/agency/planned/", watched=False),
    Operation("letters", "sonia", "/agency/letters/"),
    Operation("doubles agent", "sonia", "/agency/doubles/"),
    Operation("doubles head office", "helene", "/agency/doubles/", watched=False),
    Operation("sharing", "marc", "/agency/sharing/"),
    Operation("absences", "sonia", "/agency/absences/", watched=False),
    Operation("rounds to decide", "sonia", "/agency/rounds/"),
    Operation("ready replies", "sonia", "/agency/replies/", watched=False),
    Operation("missed calls", "nadia", "/calls/missed/", watched=False),
    Operation("attempts to close", "sonia", "/work/closing/", watched=False),
    Operation("health", "admin", "/health/"),
    # No worker beats on a landlord that is only measured.
    Operation("readyz", "", "/readyz", answers=503),
    Operation("sensors", "sonia", "/agency/sensors/"),
    Operation("caretaker's round", "karim", "/round/"),
    Operation(
        "one building of the round",
        "karim",
        lambda h: f"/round/building/{h.building}/",
        watched=False,
    ),
    Operation("public home", "", "/", loaded=True),
    Operation("filing, first page", "", "/file/", loaded=True),
    Operation("filing, fault", "", "/file/fault/water/", watched=False),
    Operation("filing, search", "", "/file/search/?q=fuite"),
    Operation("administration, accounts", "admin", "/settings/portal/user/", watched=False),
    Operation("open311 requests", "", "/open311/v2/requests.json"),
    Operation("API list agent", "sonia", "/api/v1/claims/", loaded=True),
    Operation("API list head office", "helene", "/api/v1/claims/"),
    Operation("API list, state", "helene", "/api/v1/claims/?state=received"),
    Operation(
        "API list, updated since",
        "helene",
        lambda h: "/api/v1/claims/?updated_since=" + now().strftime("%Y-%m-%dT00:00:00Z"),
    ),
    Operation("API list, search", "helene", "/api/v1/claims/?search=fuite"),
    Operation("API list, middle", "helene", lambda h: f"/api/v1/claims/?after={h.middle}"),
    Operation("API one claim", "sonia", lambda h: f"/api/v1/claims/{h.opened.pk}/"),
    Operation("API residences", "sonia", "/api/v1/residences/"),
    Operation("file a claim (action)", action=filing),
    Operation("route a claim (action)", action=routing),
    Operation("filing, the whole visit", action=visit, watched=False),
    Operation("API filing", action=api_filing),
    Operation("next claim", action=posting("sonia", "/agency/sharing/next/", {})),
    Operation(
        "take in charge",
        action=posting(
            "sonia",
            lambda h: f"/agency/{h.received.pk}/take_charge/",
            lambda h: {"version": h.received.version},
        ),
    ),
    Operation(
        "reply",
        action=posting(
            "sonia",
            lambda h: f"/agency/{h.opened.pk}/message/",
            lambda h: {
                "kind": "out",
                "channel": "web",
                "version": h.opened.version,
                "text": "Bonjour, nous passons mardi matin. Cordialement.",
            },
        ),
    ),
    Operation(
        "log in",
        action=posting(
            "",
            "/accounts/login/",
            {"login": "sonia@demo.palier.example", "password": "demo-palier-2026"},
        ),
        watched=False,
    ),
    Operation("lease a job", action=lease),
    Operation("sweep of escalations", action=escalation),
    Operation("sweep of closings, at most 20", action=closing, watched=False),
    Operation("sweep of sensors", action=sensors),
    Operation("sweep of upkeep", action=upkeep),
    Operation("sweep of contact checks", action=contact_checks, watched=False),
    Operation("oldest due work", action=oldest),
)


def statement_timeout(milliseconds: int) -> None:
    """Give up any statement of this connection that takes longer; 0 for never."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = %s", [milliseconds])
