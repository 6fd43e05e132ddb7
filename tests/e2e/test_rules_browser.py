"""A manager writes, rehearses and switches on a rule in a browser, and undoes it, unaided.

No stopwatch: every step is counted, and the time follows from the keystroke-level model of Card,
Moran and Newell (1980): 0.28 s a key of an average typist, 1.1 s to point, 0.2 s to press,
0.4 s to move a hand to or from the mouse, 1.35 s to prepare each step mentally. A page is given
two seconds to come, and every word that was not on an earlier page is read, at 200 a minute;
the choices of a list are looked through, not read.
"""

import pytest
from playwright.sync_api import expect

from portal.actor import Actor
from portal.clock import now
from requests.filing.actions import Filing, file_claim
from requests.routing.actions import route_claim
from requests.routing.house_rows import FIRST_POSITION
from requests.routing.models import Rule
from tests import factories
from tests.e2e.chromium import signed_in

KEY, POINT, PRESS, HAND, THINK, PAGE = 0.28, 1.1, 0.2, 0.4, 1.35, 2.0  # seconds
WORDS_A_SECOND = 200 / 60
LIMIT = 180


class Person:
    """Somebody with one hand on the mouse: what they do on the page costs time."""

    def __init__(self, page) -> None:
        self.page, self.seconds, self.steps = page, 0.0, 0
        self.seen: set[str] = set()

    def read(self) -> None:
        text = self.page.locator("main").inner_text()
        for choices in self.page.locator("main select").all():
            text = text.replace(choices.inner_text(), "")
        lines = {line.strip() for line in text.splitlines()} - self.seen
        self.seen |= lines
        self.seconds += PAGE + sum(len(line.split()) for line in lines) / WORDS_A_SECOND

    def click(self, target, *, leads_on: bool = False) -> None:
        self.steps += 1
        self.seconds += THINK + POINT + PRESS
        if leads_on:
            with self.page.expect_navigation():
                target.click()
            self.read()
        else:
            target.click()

    def type(self, target, words: str) -> None:
        self.click(target)
        self.steps += 1
        self.seconds += 2 * HAND + THINK + KEY * len(words)
        self.page.keyboard.type(words)


@pytest.fixture
def manager_page(live_server, transactional_db, monkeypatch):
    """A manager's first page, with three past claims at their agency."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    stock = factories.landlord()
    manager = factories.member(stock["north"], "agency_manager")
    for number in range(3):
        claim = file_claim(
            Filing(
                channel="web", key=str(number), category="PLO-03", dwelling=stock["dwelling"].pk
            ),
            actor=Actor.TENANT,
            now=now(),
        )
        route_claim(claim_id=claim.pk, now=now())
    with signed_in(live_server.url, manager.user) as page:
        page.goto(f"{live_server.url}/agency/")
        yield page


@pytest.mark.django_db(transaction=True)
def test_a_rule_is_written_rehearsed_switched_on_and_undone_in_three_minutes(manager_page):
    page = manager_page
    person = Person(page)
    person.click(page.locator("nav details.more summary"))
    menu = page.locator("a[href='/agency/rules/']").first
    person.click(menu, leads_on=True)
    person.click(page.locator("a[href='/agency/rules/new/']"), leads_on=True)
    person.type(page.locator("#id_name"), "Eau au bureau")
    person.click(page.locator("details:has([name=when_family]) summary"))
    person.click(page.locator("[name=when_family][value=PLO]"))
    person.click(page.locator("details:has([name=when_urgency]) summary"))
    person.click(page.locator("[name=when_urgency][value=U3]"))
    person.click(page.locator("#id_outcome"))
    page.locator("#id_outcome").select_option("agency:clientele")
    person.click(page.locator("main form button.btn").last, leads_on=True)

    # Rehearsed at once: the sentence, and the three claims it would have sent, each to open.
    expect(page.locator("main")).to_contain_text("Plomberie")
    expect(page.locator("main table tbody tr")).to_have_count(3)
    assert not Rule.objects.filter(position__lt=FIRST_POSITION).get().active

    person.click(page.locator("form[action$='/switch/on/'] button"), leads_on=True)
    assert Rule.objects.filter(position__lt=FIRST_POSITION).get().active
    person.click(page.locator("form[action$='/switch/off/'] button"), leads_on=True)
    assert not Rule.objects.filter(position__lt=FIRST_POSITION).get().active

    print(f"{person.steps} steps, {person.seconds:.0f} s by the model")
    assert person.steps <= 13
    assert person.seconds < LIMIT
