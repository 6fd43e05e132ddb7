"""The inbox by keyboard: three keys per claim at most, counted; an undo that undoes; grouping."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agencies.models import Dwelling, Equipment
from portal.actor import Actor
from portal.clock import now
from requests.catalogue.models import Family
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.incidents.models import Incident
from requests.routing.actions import route_claim
from tests import factories
from tests.e2e.pages import fr


def states() -> list[str]:
    return sorted(Claim.objects.system("test").values_list("state", flat=True))


def press(page, key: str, address: str | None = None) -> int:
    """One key; waits for the page it leads to. Returns 1, to be counted."""
    if address is None:
        page.keyboard.press(key)
    else:
        with page.expect_navigation():
            page.keyboard.press(key)
    return 1


SLOW = 30_000  # ms; on a busy machine


def opened(page) -> None:
    """Wait until a claim is open beside the list: the heading of the row that is marked."""
    row = page.locator(".inbox__item[aria-current]")
    expect(row).to_have_count(1, timeout=SLOW)
    expect(page.locator("#claim-pane")).to_have_attribute(
        "data-claim", row.get_attribute("data-claim"), timeout=SLOW
    )


@pytest.mark.django_db(transaction=True)
def test_three_claims_in_three_keys_each_at_most(agency_page):
    """The first claim of the list is open from the start: one key for each."""
    page = agency_page
    keys = 0
    for _n in range(3):
        opened(page)
        keys += press(page, "a", "next")
    assert states() == ["in_review"] * 3
    assert ClaimEvent.unscoped.filter(name=Event.TAKE_CHARGE).count() == 3
    assert keys == 3


@pytest.mark.django_db(transaction=True)
def test_undo_help_switch_and_typing(agency_page):
    page = agency_page
    opened(page)
    press(page, "a", "next")
    with page.expect_navigation():
        press(page, "u")
    assert states() == ["received"] * 3
    press(page, "t")
    expect(page.locator("#panel-call")).to_be_visible()
    expect(page.locator("#called_outcome")).to_be_focused()
    page.locator("label[for=message_kind_0]").click()
    page.locator("#message_text").focus()
    page.keyboard.type("ajak")
    assert page.locator("#message_text").input_value() == "ajak"
    assert states() == ["received"] * 3
    page.keyboard.press("Escape")
    expect(page.locator("#claim-pane")).to_be_focused()
    type_before_the_claim_is_there(page)
    assert states() == ["received"] * 3
    page.keyboard.press("Escape")
    press(page, "?")
    expect(page.locator("[data-keys]")).to_have_attribute("open", "")
    page.locator("[data-shortcuts]").click()
    page.keyboard.press("Escape")
    page.locator(".inbox__item").first.focus()
    before = page.url
    press(page, "j")
    press(page, "a")
    assert page.url == before
    assert states() == ["received"] * 3


def type_before_the_claim_is_there(page) -> None:
    """« J », « N » and a text, on a network that answers after the last letter."""
    claim, held = re.compile(r"/agency/[0-9a-f-]{36}/\?"), []
    page.route(claim, lambda route: held.append(route))
    with page.expect_request(claim):
        press(page, "j")
    press(page, "n")
    page.keyboard.type("ajouta")
    for route in held:
        route.continue_()
    page.unroute(claim)
    expect(page.locator("#message_text")).to_be_focused(timeout=SLOW)
    expect(page.locator("#message_kind_1")).to_be_checked()


@pytest.fixture
def lift_reports(agency_page):
    """Four households of one staircase say that the lift stands still, beside the three leaks."""
    staircase = Dwelling.objects.get(door="12").staircase
    family = Family.objects.create(code="ASC", label_fr="Ascenseur", label_en="Lift", tile="lift")
    factories.category(
        "ASC-02",
        "U3",
        "contractor_direct",
        family=family,
        label_fr="Ascenseur à l'arrêt",
        asset="building",
        collective=True,
    )
    Equipment.objects.create(
        building=staircase.building, staircase=staircase, kind="lift", label="Ascenseur 1"
    )
    made = []
    for door in ("21", "22", "23", "24"):
        home = factories.dwelling(staircase, door)
        filing = {"category": "ASC-02", "dwelling": home.pk, "words": "Il ne bouge plus"}
        claim = file_claim(
            Filing(channel="web", key=f"lift{door}", **filing), actor=Actor.TENANT, now=now()
        )
        route_claim(claim_id=claim.pk, now=now())
        made.append(claim)
    agency_page.reload()
    return made


def tab_to(page, target, key: str = "Tab") -> None:
    """Reach ``target`` as a keyboard does; fails when it cannot be reached."""
    for _step in range(25):
        page.keyboard.press(key)
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {target}")


@pytest.mark.django_db(transaction=True)
def test_reports_of_one_lift_are_grouped_without_a_mouse(agency_page, lift_reports, live_server):
    page = agency_page
    listed = page.locator(".inbox__pick", has_text="Ascenseur")
    claims = page.get_by_role("checkbox")
    message = page.get_by_label(fr("Message to every household"))

    opened(page)
    # On the list: the ticked ones.
    for number in range(2):
        listed.nth(number).get_by_role("checkbox").focus()
        page.keyboard.press("Space" if number else "x")
    press(page, "d", "the two ticked")
    expect(claims).to_have_count(2)
    # The browser brings the ticks back.
    page.go_back()
    opened(page)
    page.get_by_role("button", name=fr("Untick"), exact=True).click()
    assert not any(box.is_checked() for box in listed.get_by_role("checkbox").all())

    # On a claim: those like it, each of which may be left out.
    page.locator(".inbox__item").first.focus()
    for _step in range(7):
        press(page, "j", "claim")
        if "Ascenseur" in page.locator(".inbox__item[aria-current]").inner_text():
            break
    press(page, "d", "those like it")
    expect(page.get_by_role("heading", level=1)).to_have_text(fr("New incident"))
    expect(claims).to_have_count(4)
    assert all(box.is_checked() for box in claims.all())
    for claim in lift_reports:
        expect(page.locator("main")).to_contain_text(claim.spoken_reference)
    expect(message).to_be_focused()
    page.keyboard.press("Control+A")  # what is proposed
    page.keyboard.type("Le technicien vient demain.")
    left_out = page.locator(f"input[value='{lift_reports[3].pk}']")
    tab_to(page, left_out)
    page.keyboard.press("Space")
    tab_to(page, page.locator("main .actions button"), "Shift+Tab")
    press(page, "Enter", "incident")

    incident = Incident.objects.get()
    children = {member.claim_id for member in incident.members.all()}
    assert children == {claim.pk for claim in lift_reports[:3]}
    assert ClaimEvent.unscoped.filter(name=Event.JOINED_INCIDENT).count() == 3
    expect(page.get_by_role("heading", level=1)).to_have_text(incident.title)
    for claim in lift_reports[:3]:
        expect(page.locator("main")).to_contain_text(claim.spoken_reference)
        sent = claim.messages.filter(direction="out").values_list("text", flat=True)
        assert list(sent) == ["Le technicien vient demain."]

    # From one of its claims the same key leads to the incident.
    page.goto(live_server.url + reverse("agency:claim", args=[lift_reports[0].pk]))
    press(page, "d", "incident")
    expect(page.get_by_role("heading", level=1)).to_have_text(incident.title)
