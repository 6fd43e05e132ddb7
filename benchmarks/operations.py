"""What is measured: each page, look-up, action and sweep, with who asks.

The rows come from the landlord that is measured; a name stands for the same thing at each size.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client

from portal.clock import now

WORDS = "L’eau coule sous l’évier depuis ce matin."


class House:
    """The people who ask, and the rows that they ask for, looked up once."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {"": Client()}

    def client(self, login: str) -> Client:
        """Return a signed-in client of the demo's account ``login``; a visitor for ""."""
        if login not in self.clients:
            from allauth.account.internal.flows.login import record_authentication

            from portal.models import User

            client, request = Client(), HttpRequest()
            user = User.objects.get(email=f"{login}@demo.palier.example")
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            request.session = client.session
            # What signing in by the page records: account pages ask for it.
            record_authentication(request, user, method="password", reauthenticated=True)
            request.session.save()
            self.clients[login] = client
        return self.clients[login]

    @cached_property
    def unit(self) -> Any:
        from agencies.models import Membership

        return Membership.objects.get(user__email="sonia@demo.palier.example").unit

    def _claims(self) -> Any:
        from requests.claims.models import Claim

        return Claim.objects.system("benchmark").select_related("tenant", "dwelling__staircase")

    @cached_property
    def opened(self) -> Any:
        """A claim of the agent's unit that is worked on, with a tenant, an e-mail and words."""
        rows = self._claims().filter(
            state="in_review", owner__unit=self.unit, tenant__isnull=False, dwelling__isnull=False
        )
        return rows.exclude(words="").order_by("filed_at", "pk").first()

    @cached_property
    def received(self) -> Any:
        rows = self._claims().filter(state="received", owner__unit=self.unit, danger="")
        return rows.order_by("filed_at", "pk").first()

    @cached_property
    def closed(self) -> Any:
        rows = self._claims().filter(
            state="closed",
            owner__unit=self.unit,
            tenant__isnull=False,
            dwelling__isnull=False,
            channel="email",
        )
        return rows.exclude(words="").order_by("-filed_at", "pk").first()

    @cached_property
    def point(self) -> Any:
        """The telephone number of the ended claim's tenant."""
        from tenants.models import ContactPoint

        points = ContactPoint.objects.system("benchmark").filter(
            tenant__claims__owner__unit=self.unit, kind="phone"
        )
        return points.order_by("value").first()

    @cached_property
    def middle(self) -> str:
        """The key of the claim in the middle of the landlord's, by the day of filing."""
        rows = self._claims().order_by("-filed_at", "-pk")
        return str(rows.values_list("pk", flat=True)[rows.count() // 2])

    @cached_property
    def middle_page(self) -> int:
        return max(2, self._claims().filter(owner__unit=self.unit).count() // 100)

    @cached_property
    def middle_page_of_all(self) -> int:
        return max(2, self._claims().count() // 100)

    @cached_property
    def desk(self) -> int:
        return self.unit.desks.order_by("pk").values_list("pk", flat=True)[1]

    @cached_property
    def sector(self) -> int:
        from agencies.models import Sector

        return Sector.objects.filter(unit=self.unit).earliest("pk").pk

    @cached_property
    def building(self) -> int:
        from agencies.models import Membership

        member = Membership.objects.get(user__email="karim@demo.palier.example")
        return member.sectors.earliest("pk").residences.earliest("pk").buildings.earliest("pk").pk

    @cached_property
    def rule(self) -> str:
        from requests.routing.models import Rule

        return str(Rule.objects.filter(unit=self.unit).earliest("pk").pk)

    @cached_property
    def unrouted(self) -> str:
        """A claim that waits for its desk; it stays, and the job that would route it too."""
        return str(_filing(self, key="bench-unrouted").pk)

    @property
    def street(self) -> str:
        return self.opened.dwelling.staircase.street


Address = str | Callable[[House], str]
Action = Callable[[House], Any]


@dataclass(frozen=True)
class Operation:
    """One row of the table: an address that ``who`` fetches, or an action of Python.

    ``watched``: a test watches its statements and buffers. ``loaded``: measured under load too.
    """

    name: str
    who: str = ""
    address: Address = ""
    action: Action | None = None
    watched: bool = True
    loaded: bool = False
    answers: int = 0  # the status, where it is neither 200, 201 nor a redirection

    def path(self, house: House) -> str:
        return self.address if isinstance(self.address, str) else self.address(house)

    def run(self, house: House) -> Any:
        """Do it once; return the answer, or what the action returned."""
        if self.action is None:
            return house.client(self.who).get(self.path(house))
        # What it changes is undone, so that the next run finds the same.
        with transaction.atomic():
            answer = self.action(house)
            transaction.set_rollback(True)
        return answer


def _post(who: str, path: Address, data: dict | Callable[[House], dict], **more: Any) -> Action:
    def post(house: House) -> Any:
        where = path if isinstance(path, str) else path(house)
        given = data if isinstance(data, dict) else data(house)
        return house.client(who).post(where, given, **more)

    return post


def _filing(house: House, key: str = "") -> Any:
    from portal.actor import Actor
    from requests.filing.actions import Filing, file_claim

    filing = Filing(
        channel="web",
        key=key or f"bench-{uuid.uuid4()}",
        category="PLO-03",
        words=WORDS,
        dwelling=house.opened.dwelling_id,
        tenant=str(house.opened.tenant_id),
    )
    return file_claim(filing, actor=Actor.tenant(), now=now())


def _routing(house: House) -> Any:
    from requests.routing.actions import route_claim

    return route_claim(claim_id=house.unrouted, now=now())


def _visit(house: House) -> Any:
    """File as a visitor without script does: each page is fetched, then sent."""
    client = Client()
    answer: Any = None
    for path, data in (
        ("/file/", {"tile": "water"}),
        ("/file/fault/water/", {"category": "PLO-03"}),
        ("/file/where/", {"address": house.street, "home": "other"}),
        ("/file/words/", {"words": WORDS}),
        ("/file/reach/", {"name": "Awa", "email": "awa@example.test"}),
        ("/file/check/", {}),
    ):
        client.get(path)
        answer = client.post(path, data)
    return answer


def _api_filing(house: House) -> Any:
    data = {
        "category": "PLO-03",
        "words": WORDS,
        "dwelling": house.opened.dwelling_id,
        "tenant": str(house.opened.tenant_id),
    }
    return house.client("sonia").post(
        "/api/v1/claims/",
        data,
        content_type="application/json",
        headers={"Idempotency-Key": f"bench-{uuid.uuid4()}"},
    )


def _lease(house: House) -> Any:
    from requests.jobs.queue import lease_due

    return lease_due()


def _escalation(house: House) -> Any:
    from requests.promises.escalation import sweep

    return sweep(now=now())


def _closing(house: House) -> Any:
    from requests.closing.actions import sweep

    return sweep(now(), most=20)


def _sensors(house: House) -> Any:
    from requests.sensors.actions import sweep

    return sweep(now())


def _upkeep(house: House) -> Any:
    from requests.equipment.upkeep_visits import sweep

    return sweep(now())


def _contact_checks(house: House) -> Any:
    from requests.identity.contact_checks import sweep

    return sweep(now())


def _oldest(house: House) -> Any:
    from requests.operations.backlog import oldest_due

    return oldest_due()


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
        "agent inbox all, middle", "sonia", lambda h: f"/agency/?view=all&page={h.middle_page}"
    ),
    *_inbox("head office", "helene")[:3],
    Operation(
        "head office inbox all, middle",
        "helene",
        lambda h: f"/agency/?view=all&page={h.middle_page_of_all}",
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
        "call, suggested words", action=_post("nadia", "/calls/suggested/", {"words": WORDS})
    ),
    Operation("overview head office", "helene", "/head-office/", loaded=True),
    Operation("overview manager", "marc", "/head-office/"),
    Operation("overview head office, 365 days", "helene", "/head-office/?days=365", watched=False),
    *(
        Operation(
            f"claims of figure {name}",
            "helene",
            f"/head-office/claims/?figure={name}",
            watched=name != "late",  # fewer than ten on a small landlord, which are not shown
        )
        for name in ("received", "open", "late", "fixed")
    ),
    Operation("figures.csv", "helene", "/head-office/figures.csv", watched=False),
    Operation("rules head office", "helene", "/agency/rules/", watched=False),
    Operation("rules manager", "marc", "/agency/rules/"),
    Operation("one rule, manager", "marc", lambda h: f"/agency/rules/{h.rule}/"),
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
    Operation("file a claim (action)", action=_filing),
    Operation("route a claim (action)", action=_routing),
    Operation("filing, the whole visit", action=_visit, watched=False),
    Operation("API filing", action=_api_filing),
    Operation("next claim", action=_post("sonia", "/agency/sharing/next/", {})),
    Operation(
        "take in charge",
        action=_post(
            "sonia",
            lambda h: f"/agency/{h.received.pk}/take_charge/",
            lambda h: {"version": h.received.version},
        ),
    ),
    Operation(
        "reply",
        action=_post(
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
        action=_post(
            "",
            "/accounts/login/",
            {"login": "sonia@demo.palier.example", "password": "demo-palier-2026"},
        ),
        watched=False,
    ),
    Operation("lease a job", action=_lease),
    Operation("sweep of escalations", action=_escalation),
    Operation("sweep of closings, at most 20", action=_closing, watched=False),
    Operation("sweep of sensors", action=_sensors),
    Operation("sweep of upkeep", action=_upkeep),
    Operation("sweep of contact checks", action=_contact_checks, watched=False),
    Operation("oldest due work", action=_oldest),
)


def statement_timeout(milliseconds: int) -> None:
    """Give up any statement of this connection that takes longer; 0 for never."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = %s", [milliseconds])
