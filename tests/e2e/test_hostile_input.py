"""Every address with values that no person types: whatever is sent, nothing breaks.

The demo landlord's own objects fill the addresses. What a view reads is found by watching it:
the names that it asks of the query and of the form are then sent with each value.
"""

from collections.abc import Iterator
from copy import deepcopy
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests import trust
from tests.e2e import site
from tests.e2e.places import Place, places
from tests.e2e.urls import NOTHING, NoValue, addresses, audiences, client_for

# As they stand in an address or a form, already quoted.
VALUES = {
    "NUL": "a%00b",
    "a digit that int() refuses": quote("²"),
    "5,000 digits": "9" * 5000,
    "a number beyond any column": "9" * 18,
    "half a character": "%ED%A0%80",
    "very long": quote("é" * 3000),
    "nothing": "",
    "a sign": "-1",
}
# Sent for one name at a time as well: what one field refuses may hide the next.
ALONE = "5,000 digits"
# A short run gives each address one of the values, in turn; a whole one gives it all of them.
TRIED = trust.size(1, len(VALUES))
FORM = "application/x-www-form-urlencoded"
EVERY = [p for p in places() if not p.module.startswith("django.contrib.admin")]
TURN = {place: number for number, place in enumerate(EVERY)}


def values_of(place: Place) -> dict[str, str]:
    """What is tried at this address in this run."""
    labels = list(VALUES)
    start = TURN[place] % len(labels)
    return {label: VALUES[label] for label in (labels[start:] + labels[:start])[:TRIED]}


@pytest.fixture(scope="module")
def people(db, demo) -> dict[str, Client]:
    """Whoever signed in, by role."""
    return {}


@pytest.fixture
def watched(monkeypatch) -> set[str]:
    """The names that views ask of queries and forms; to be cleared before each request."""
    names: set[str] = set()

    def watch(method: str) -> None:
        real = getattr(MultiValueDict, method)

        def asked(self, key, *more):
            if isinstance(key, str) and key != "csrfmiddlewaretoken":
                names.add(key)
            return real(self, key, *more)

        monkeypatch.setattr(MultiValueDict, method, asked)

    for method in ("get", "getlist", "__getitem__"):
        watch(method)
    return names


class Visit:
    """One person at one address; what they send is rolled back."""

    def __init__(self, client: Client, names: set[str]) -> None:
        self.client, self.names, self.broken = client, names, []
        client.raise_request_exception = False

    def send(self, method: str, path: str, body: str = "", why: str = "") -> set[str]:
        """Send; return the names that the view asked for."""
        self.names.clear()
        with transaction.atomic():
            if method == "GET":
                answer = self.client.generic("GET", f"{path}?{body}")
            else:
                answer = self.client.generic("POST", path, body, content_type=FORM)
            transaction.set_rollback(True)
        if answer.status_code >= 500 and "readyz" not in path:
            error = getattr(answer, "exc_info", None)
            what = f"{error[0].__name__}: {error[1]}"[:90] if error else ""
            self.broken.append(f"{method} {path[:90]} {why}: {answer.status_code} {what}")
        # A view without this method reads nothing, whatever the middleware asked for.
        return set() if answer.status_code == 405 else set(self.names)

    def walk(self, path: str, values: dict[str, str]) -> None:
        for method in ("GET", "POST"):
            names = self.send(method, path)
            if trust.WHOLE:  # some are asked for only where others were given
                names |= self.send(method, path, "&".join(f"{quote(n)}=1" for n in names))
            if not names:
                continue
            for label, value in values.items():
                body = "&".join(f"{quote(name)}={value}" for name in sorted(names))
                self.send(method, path, body, label)
            for name in sorted(names) if method == "POST" and trust.WHOLE else ():
                self.send(method, path, f"{quote(name)}={VALUES[ALONE]}", f"{name}: {ALONE}")


def filled(place: Place, role: str) -> Iterator[str]:
    """The first address of ``place`` for ``role``, if the demonstration has one."""
    try:
        yield from addresses(place, role)[:1]
    except NoValue:
        path = "/" + place.route
        for part in path.split("<")[1:]:
            path = path.replace("<" + part.partition(">")[0] + ">", NOTHING)
        yield path


def in_its_address(place: Place) -> Iterator[tuple[str, str]]:
    """``(path, what it holds)`` with each value in each argument, the others plausible."""
    for argument in place.arguments:
        for label, value in values_of(place).items():
            path = "/" + place.route
            for part in path.split("<")[1:]:
                whole = part.partition(">")[0]
                name = whole.rpartition(":")[2]
                path = path.replace(f"<{whole}>", value if name == argument else NOTHING)
            yield path, label


@pytest.mark.trust
@pytest.mark.parametrize("place", EVERY, ids=lambda place: f"{place.name}:{place}")
def test_nothing_that_is_sent_breaks_an_address(place, people, watched):
    role = audiences(place)[0]
    if role not in people:
        people[role] = client_for(role)
    client = Client()
    client.cookies = deepcopy(people[role].cookies)  # another place may have logged them out
    visit = Visit(client, watched)
    for path in filled(place, role):
        visit.walk(path, values_of(place))
    for path, label in in_its_address(place):
        visit.send("GET", path, why=label)
    assert visit.broken == []


def test_every_half_of_the_settings_stands_nul(people, watched):
    visit = Visit(site.signed_in("admin"), watched)
    for path in ("/settings/", "/settings/portal/user/", "/settings/portal/user/%00/change/"):
        visit.send("GET", path, "q=a%00b&p=²&o=%00", path)
        visit.send("POST", path, "email=a%00b", path)
    assert visit.broken == []
