"""Who asks, for which rows, and what they do; benchmarks/operations.py lists it all."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.test import Client

from portal.clock import now

# Who asks for anything, except visitors.
LOGINS = ("sonia", "marc", "helene", "nadia", "karim", "admin", "awa")
WORDS = "L’eau coule sous l’évier depuis ce matin."


class House:
    """The people who ask, and the rows that they ask for, looked up once."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {"": Client()}

    def client(self, login: str) -> Client:
        """Return a signed-in client of the demo's account ``login``; a visitor for ""."""
        if login not in self.clients:
            from allauth.account.internal.flows.login import record_authentication
            from allauth.usersessions.models import UserSession

            from portal.models import User

            client, request = Client(), HttpRequest()
            user = User.objects.get(email=f"{login}@demo.palier.example")
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            request.session = client.session
            # What signing in by the page records: account pages ask for it.
            record_authentication(request, user, method="password", reauthenticated=True)
            request.session.save()
            UserSession.objects.create(
                user=user, session_key=request.session.session_key, ip="127.0.0.1", user_agent=""
            )
            self.clients[login] = client
        return self.clients[login]

    def sign_in(self) -> None:
        """Sign everybody in, before a transaction that is undone would undo their session."""
        for login in LOGINS:
            self.client(login)

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

    def _place(self, part: float, **where: Any) -> str:
        """Return the place in the list of ended claims behind which ``part`` of them stands."""
        from portal import windows

        rows = self._claims().filter(ended_at__isnull=False, **where)
        rows = rows.order_by("-ended_at", "-pk").values_list("ended_at", "pk")
        return windows.place(*rows[max(0, int(rows.count() * part) - 1)])

    @cached_property
    def middle_place(self) -> str:
        return self._place(0.5, unit=self.unit)

    @cached_property
    def last_place(self) -> str:
        return self._place(0.999, unit=self.unit)

    @cached_property
    def middle_place_of_all(self) -> str:
        return self._place(0.5)

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
        return str(filing(self, key="bench-unrouted").pk)

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
        house.sign_in()
        # What it changes is undone, so that the next run finds the same.
        with transaction.atomic():
            answer = self.action(house)
            transaction.set_rollback(True)
        return answer


def posting(who: str, path: Address, data: dict | Callable[[House], dict], **more: Any) -> Action:
    def post(house: House) -> Any:
        where = path if isinstance(path, str) else path(house)
        given = data if isinstance(data, dict) else data(house)
        return house.client(who).post(where, given, **more)

    return post


def filing(house: House, key: str = "") -> Any:
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


def routing(house: House) -> Any:
    from requests.routing.actions import route_claim

    return route_claim(claim_id=house.unrouted, now=now())


def visit(house: House) -> Any:
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


def api_filing(house: House) -> Any:
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


def lease(house: House) -> Any:
    from requests.jobs.queue import lease_due

    return lease_due()


def escalation(house: House) -> Any:
    from requests.promises.escalation import sweep_batch

    return sweep_batch(now=now())


def closing(house: House) -> Any:
    from requests.closing.actions import sweep

    return sweep(now(), most=20)


def sensors(house: House) -> Any:
    from requests.sensors.actions import sweep

    return sweep(now())


def upkeep(house: House) -> Any:
    from requests.equipment.upkeep_visits import sweep

    return sweep(now())


def contact_checks(house: House) -> Any:
    from requests.identity.contact_checks import sweep

    return sweep(now())


def oldest(house: House) -> Any:
    from requests.operations.backlog import oldest_due

    return oldest_due()
