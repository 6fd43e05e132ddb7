"""Ask every address with an argument as every relation, and judge each answer by the table."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from agencies.access import memberships_of
from portal.access import PUBLIC, STAFF_ROLES, Role
from portal.read_only import READS, TABLE
from tests.matrix import canaries
from tests.matrix.addresses import Address, world_addresses
from tests.matrix.identity import found_once
from tests.matrix.rules import LINK, MACHINE, UNREACHED, reaches
from tests.matrix.world import World

# A refusal in one line: its page is drawn and looked at in tests/portal/test_error_pages.py.
TERSE = {"Accept": "application/json"}
# What a refused request may write: who came, and how often.
BOOKKEEPING = re.compile(r"django_session|usersessions_|portal_throttle")
# Whoever holds a link is nobody in particular: three stand for all.
HOLDERS = {"anonymous", "neighbour", "other_contractor"}
# Of a row that several variants have, the one asked for where the role alone refuses.
FIRST = ("shared", "proxy")
# Reach what another relation reaches: one address of each row of the table is asked.
ALIKE = {
    "manager",
    "other_manager",
    "head_office",
    "call_taker",
    "on_call",
    "contractors_colleague",
    "emergency_opener",
}
# Who has to show that a row is there; the first of them that may reach it.
REACHERS = (
    "author",
    "neighbour",
    "proxy",
    "proxy_for_all",
    "agent",
    "caretaker",
    "contractor",
    "officer",
    "emergency_opener",
    "manager",
    "head_office",
)
UNSAFE = ("put", "patch", "delete")
NO_METHOD = frozenset({405})
# Route and method that a view answered 405: its decorator says so before anybody's role or row is
# looked at, so one relation asks for all.
ABSENT: set[tuple[str, str]] = set()


@dataclass
class Tally:
    """What was asked and what was wrong."""

    cases: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    reached: set[tuple[str, str]] = field(default_factory=set)


@cache
def personal_tables() -> list[str]:
    """Every table of ours but the bookkeeping of requests."""
    ours = {"agencies", "tenants", "requests", "portal", "account", "mfa"}
    tables = {
        m._meta.db_table
        for m in apps.get_models(include_auto_created=True)
        if m._meta.app_label in ours
    }
    return sorted(table for table in tables if not BOOKKEEPING.search(table))


def hash_of_rows() -> str:
    """Return one hash of every row of every personal table."""
    parts = " UNION ALL ".join(
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
        f'FROM "{table}" t'
        for table in personal_tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(h, ',' ORDER BY n)) FROM ({parts}) AS all_(n, h)")
        return cursor.fetchone()[0]


@contextmanager
def writes(into: list[str]) -> Iterator[None]:
    """Collect the tables of which statements change rows, but for the bookkeeping of requests."""

    def note(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        table = TABLE.match(sql)
        changes = context["cursor"].rowcount and not READS.match(sql)
        if changes and not (table and BOOKKEEPING.search(table[1])):
            into.append(table[1] if table else sql[:60])
        return done

    with connection.execute_wrapper(note):
        yield


def body_of(answer) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


def role_of(user) -> str | None:
    """Return the role under which an account acts; None for nobody."""
    if user is None:
        return None
    member = memberships_of(user).first()
    return member.role if member else Role.TENANT


def may(address: Address, relation: str, method: str) -> bool:
    """Return whether the relation may reach the row, by the table alone."""
    scope = address.door.post if method == "post" else address.door.scope
    allowed = reaches(scope, address.variant)
    return allowed is None or relation in allowed


def ask_all(world: World, relation: str, tally: Tally, only=None) -> None:
    """Ask every address as one relation; rows are compared before and after what is refused.

    Where the role alone refuses, tests/portal/test_url_matrix.py asks.
    """
    user = world.actors[relation]
    role = roles(world)[relation]
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    asked = [a for a in world_addresses(world) if only is None or only(a)]
    if relation in HOLDERS:
        asked = [a for a in asked if PUBLIC in a.audience or role in a.audience]
    else:
        asked = [a for a in asked if PUBLIC not in a.audience and role in a.audience]
    if role in STAFF_ROLES:  # no scope of theirs tells what is sorted from what is not
        asked = [a for a in asked if a.variant != "unsorted"]
    if relation in ALIKE:
        asked = first_of_each_door(asked)
    with found_once(user):
        before = hash_of_rows()
        for address, method in product(asked, ("get", "post")):
            if not may(address, relation, method) and (address.route, method) not in ABSENT:
                _refused(client, address, method, relation, tally)
        if hash_of_rows() != before:
            tally.wrong.append(f"{relation}: rows changed although every request was refused")
        for address, method in product(asked, ("get", "post")):
            if (address.route, method) in ABSENT:
                continue
            if may(address, relation, method) and (method == "get" or address.variant in FIRST):
                _allowed(client, address, method, relation, tally)
    owed = {a.route for a in asked if first_to_reach(world, a) == relation} - set(UNREACHED)
    for route in sorted(owed - {route for who, route in tally.reached if who == relation}):
        tally.wrong.append(f"{relation} did not reach {route}: is its row there?")


def first_to_reach(world: World, address: Address) -> str | None:
    """Return the relation that has to show that the row of an address is there."""
    if address.door.why not in ("", LINK):
        return None
    for relation in REACHERS:
        if PUBLIC in address.audience:
            mine = relation in HOLDERS
        else:
            mine = roles(world)[relation] in address.audience
        if mine and (may(address, relation, "get") or may(address, relation, "post")):
            return relation
    return None


@cache
def roles(world: World) -> dict[str, str | None]:
    """Return the role of each relation."""
    return {relation: role_of(user) for relation, user in world.actors.items()}


def first_of_each_door(asked: list[Address]) -> list[Address]:
    """Return one address of each row of the table, in each variant."""
    return list({(id(a.door), a.variant): a for a in reversed(asked)}.values())


def ask_other_methods(world: World, tally: Tally) -> None:
    """Ask with the methods that none of our views has, as who is the first to reach the row."""
    for relation in REACHERS:
        asked = [a for a in world_addresses(world) if first_to_reach(world, a) == relation]
        client, user = Client(raise_request_exception=False), world.actors[relation]
        client.force_login(user)
        with found_once(user):
            for address, method in product(asked, UNSAFE):
                if address.variant in FIRST:
                    _refused(client, address, method, relation, tally, NO_METHOD)


def _refused(client, address, method, relation, tally, refusals=frozenset({404, 405})) -> None:
    changed: list[str] = []
    with writes(changed):
        answer = getattr(client, method)(address.path, headers=TERSE)
    status = answer.status_code
    tally.cases[relation, str(status)] += 1
    case = f"{relation} {method} {address.path} ({address.route}, {address.variant})"
    if status in NO_METHOD:
        ABSENT.add((address.route, method))
    if status not in refusals:
        tally.wrong.append(f"{case} -> {status}, should be refused")
    if changed:
        tally.wrong.append(f"{case} wrote {sorted(set(changed))}")
    _check_canaries(case, answer, relation, tally)


def _allowed(client, address, method, relation, tally) -> None:
    case = f"{relation} {method} {address.path} ({address.route}, {address.variant})"
    with transaction.atomic():
        answer = getattr(client, method)(address.path, headers=TERSE)
        _check_canaries(case, answer, relation, tally, address)
        transaction.set_rollback(True)
    status = answer.status_code
    tally.cases[relation, str(status)] += 1
    if status < 400 or status in {400, 409, 410, 415, 422}:
        tally.reached.add((relation, address.route))
    if status >= 500 or (status in {401, 403} and address.door.why != MACHINE):
        tally.wrong.append(f"{case} -> {status}, may come in")


def _check_canaries(case, answer, relation, tally, address: Address | None = None) -> None:
    held = set()
    if address is not None and address.door.why == LINK:
        held = shown_by_link(address)
    leaked = {
        f"{kind}-{of}"
        for kind, of in canaries.found(body_of(answer))
        if relation not in canaries.readers(kind, of) and (kind, of) not in held
    }
    if leaked:
        tally.wrong.append(f"{case} -> {answer.status_code} shows {sorted(leaked)}")


def shown_by_link(address: Address) -> set[tuple[str, str]]:
    """Return what the pages of a link may show of its own request."""
    kinds: set[str] = set()
    if address.route.startswith(("s/", "proof/of/")):
        kinds = {"words", "message", "file", "note"}
    elif address.route.startswith("job/"):
        kinds = {"order", "note", "file"} | ({"words"} if address.variant != "confided" else set())
    return {(kind, address.variant) for kind in kinds}
