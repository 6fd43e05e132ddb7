"""Every address with an argument × every relation to the home × every method.

Who must reach what follows from tests/matrix/rules.py. What the role alone refuses is asked in
tests/portal/test_url_matrix.py. ``pytest -s`` prints what was asked and answered.
"""

import pytest
from django.test import Client

from tests.matrix import addresses, canaries, walk
from tests.matrix.rules import UNREACHED
from tests.matrix.walk import Tally
from tests.matrix.world import VARIANTS, end_link

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# In three tests, so that two processes share them.
TENANTS = [
    "author",
    "joint",
    "occupant",
    "former_occupant",
    "earlier_tenant",
    "next_occupant",
    "neighbour",
    "tenant_elsewhere",
    "proxy",
    "proxy_for_all",
    "account_without_home",
]
AGENCIES = [
    "agent",
    "manager",
    "caretaker",
    "caretaker_beside",
    "former_agency",
    "head_office",
    "call_taker",
    "on_call",
    "emergency_opener",
    "admin",
    "officer",
    "representative",
]
STRANGERS = [
    "anonymous",
    "other_agent",
    "other_manager",
    "other_caretaker",
    "contractor",
    "contractors_colleague",
    "other_contractor",
]


def ask(world, relations: list[str]) -> Tally:
    """Ask as each relation; print how often each status came."""
    tally = Tally()
    for relation in relations:
        walk.ask_all(world, relation, tally)
    show(tally)
    return tally


def show(tally: Tally) -> None:
    print()
    for relation in sorted({relation for relation, _status in tally.cases}):
        counts = {s: n for (who, s), n in sorted(tally.cases.items()) if who == relation}
        print(f"{relation:22}{sum(counts.values()):5}  {counts}")
    print(f"{'all':22}{sum(tally.cases.values()):5}")


def test_every_argument_is_explained():
    """A new address that names a row fails until tests/matrix/rules.py says who reaches it."""
    assert addresses.uncovered() == []
    assert set(UNREACHED) <= {route for route, _pattern in addresses.patterns()}


def test_every_relation_is_asked(world):
    assert set(world.actors) == {*TENANTS, *AGENCIES, *STRANGERS}


def test_the_home_and_those_around_it(world):
    tally = ask(world, TENANTS)
    assert tally.wrong == []


def test_agencies_and_those_above_them(world):
    tally = ask(world, AGENCIES)
    assert tally.wrong == []


def test_strangers_and_contractors(world):
    tally = ask(world, STRANGERS)
    assert tally.wrong == []


def test_no_other_method_does_anything(world):
    tally = Tally()
    walk.ask_other_methods(world, tally)
    show(tally)
    assert tally.wrong == []


HOLDS = {"my/": "author", "s/": "anonymous", "agency/": "agent", "jobs/": "contractor"}
HOLDS |= {"job/": "anonymous", "privacy/": "officer", "proxy/": "proxy_for_all"}


def test_what_belongs_to_another_parent_is_not_found(world):
    """A photo by the link of another request, a mail beside a request that it did not come to."""
    wrong, asked = [], 0
    for address, path in addresses.crossed(world):
        relation = next(who for start, who in HOLDS.items() if address.route.startswith(start))
        client, user = Client(), world.actors[relation]
        if user:
            client.force_login(user)
        for method in ("get", "post"):
            answer = getattr(client, method)(path, headers=walk.TERSE)
            asked += 1
            if answer.status_code not in {404, 405}:
                wrong.append((method, path, address.route, answer.status_code))
    assert asked > 40
    assert wrong == []


READERS_OF_LISTS = {*TENANTS, "former_agency", "caretaker", "caretaker_beside", "emergency_opener"}
READERS_OF_LISTS |= {"other_agent", "other_caretaker", "contractor", "other_contractor"}


def test_lists_show_nothing_of_others(world):
    """Every page without an argument, as everybody who is near the home and must not read it."""
    wrong, asked = [], 0
    for relation in sorted(READERS_OF_LISTS):
        client = Client()
        client.force_login(world.actors[relation])
        for path in addresses.lists(walk.roles(world)[relation]):
            answer = client.get(path, headers=walk.TERSE)
            asked += 1
            for kind, of in canaries.found(walk.body_of(answer)):
                if relation not in canaries.readers(kind, of):
                    wrong.append((relation, path, answer.status_code, kind, of))
    print(asked, "lists")
    assert wrong == []


def test_ended_links_show_nothing(world):
    """The links of a request, its photos and its visits end together, whatever is asked of them."""
    wrong = []
    for variant in VARIANTS:
        copied = end_link(world, variant)
        for address in addresses.world_addresses(world):
            kind = address.door.kinds.get("token", "")
            if address.variant != variant or not copied.get(kind):
                continue
            for method in ("get", "post"):
                answer = getattr(Client(), method)(address.path, headers=walk.TERSE)
                shown = canaries.found(walk.body_of(answer))
                if answer.status_code not in {405, 410} or shown:
                    wrong.append((method, address.route, variant, answer.status_code, shown))
    assert wrong == []
