"""Minutes, fields and prices from steps; never by person."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from agencies.models import Membership, Residence
from portal.actor import Actor
from portal.clock import now
from requests.claims.models import Claim
from requests.claims.transitions import advance
from requests.claims.workflow import TRANSITIONS
from requests.time_ledger import ledger, screens
from tests import factories, moments
from tests.factories import leak, member

pytestmark = pytest.mark.long


def colleague(unit, number: int) -> Membership:
    user = factories.account(f"colleague{number}.{unit.code}@example.test")
    return Membership.objects.create(user=user, unit=unit, role="agent", starts=date(2020, 1, 1))


def worked(house: dict, *, colleagues: int, claims: int = 12, unit: str = "north") -> None:
    """Each colleague takes charge of claims one after another, three minutes each."""
    begin = moments.MOMENT - timedelta(days=3)
    people = [colleague(house[unit], number) for number in range(colleagues)]
    for number in range(claims):
        person = Actor.member(people[number % colleagues])
        at = begin + timedelta(minutes=3 * (number // colleagues), hours=0)
        claim = leak(house, at - timedelta(days=1), key=f"{unit}{number}")
        advance(claim=claim, transition="take_charge", actor=person, now=at)
        late = at + timedelta(minutes=1)
        text = {"text": "Bonjour", "reason": "not_ours"}
        advance(claim=claim, transition="refuse", actor=person, now=late, **text)


def moved(unit, keys: str) -> None:
    """Let the claims of these keys be of a residence of ``unit``; of nowhere with None."""
    rows = Claim.unscoped.filter(key__startswith=keys)
    nowhere = {"residence": None, "building": None, "staircase": None, "dwelling": None}
    if unit is None:
        rows.update(**nowhere, owner=None, routed_at=None, state="received", ended_at=None)
        return
    place = Residence.objects.create(
        code=unit.code, name=unit.code, unit=unit, commune="Valmer", postcode="99000"
    )
    rows.update(**nowhere | {"residence": place})


def line_of(event: str, **asked):
    whole, _units = ledger.lines(now=now(), **asked)
    return next((line for line in whole if line.screen.event == event), None)


def test_minutes_are_since_the_same_persons_previous_step(landlord):
    worked(landlord, colleagues=6, claims=18)
    refused = line_of("refuse")
    assert (refused.uses, refused.claims, refused.colleagues) == (18, 18, 6)
    assert refused.minutes == pytest.approx(1.0)
    assert refused.fields_each == 2
    assert line_of("take_charge").minutes == pytest.approx(2.0)  # the first of each has no before
    assert line_of("take_charge").fields == 0
    assert refused.hours(90) == pytest.approx(18 * 365 / 90 / 60)


def test_a_long_silence_is_no_work(landlord):
    worked(landlord, colleagues=12, claims=12)
    assert line_of("take_charge").minutes is None


def test_few_colleagues_or_requests_are_not_shown(landlord):
    worked(landlord, colleagues=4, claims=16)
    assert ledger.lines(now=now()) == ([], [])


def test_few_requests_are_not_shown(landlord):
    worked(landlord, colleagues=9, claims=9)
    assert ledger.lines(now=now()) == ([], [])


def test_a_line_of_few_colleagues_cannot_be_reckoned_from_the_others(landlord):
    """Four work in the south: all together less the north would be theirs."""
    worked(landlord, colleagues=6, claims=18)
    worked(landlord, colleagues=4, claims=12, unit="south")
    moved(landlord["south"], "south")
    whole, units = ledger.lines(now=now())
    assert {line.uses for line in whole if line.screen.event == "refuse"} == {30}
    assert units == []


def test_what_is_of_no_unit_is_no_second_sum(landlord):
    worked(landlord, colleagues=6, claims=18)
    worked(landlord, colleagues=6, claims=12, unit="south")
    moved(None, "south")
    whole, units = ledger.lines(now=now())
    assert [line.uses for line in whole if line.screen.event == "refuse"] == [30]
    assert [(line.unit, line.uses) for line in units if line.screen.event == "refuse"] == [
        ("nord", 18)
    ]


def test_what_tenants_and_the_portal_do_costs_no_colleague(landlord):
    for number in range(12):
        claim = leak(landlord, moments.MOMENT - timedelta(days=2), key=f"t{number}")
        advance(claim=claim, transition="withdraw", actor=Actor.TENANT, now=moments.MOMENT)
    assert ledger.lines(now=now()) == ([], [])


def test_the_price_of_a_field(landlord):
    worked(landlord, colleagues=6, claims=18)
    whole, units = ledger.lines(now=now())
    found = ledger.price(whole, units, event="refuse", seconds=60)
    assert found.hours == pytest.approx(18 * 365 / 90 / 60)
    assert found.by_unit == (("Nord", pytest.approx(found.hours)),)
    assert ledger.price(whole, units, event="merge", seconds=60) is None


def test_every_screen_names_facts_that_its_step_needs():
    for screen in screens.SCREENS:
        row = TRANSITIONS.get(screen.event)
        if row is not None:
            assert row.needs <= set(screen.fields), screen.event


def test_the_page_says_the_price_and_loses_nothing_typed(client, landlord, settings):
    settings.LANGUAGE_CODE = "en"
    worked(landlord, colleagues=6, claims=18)
    client.force_login(member(landlord["head"], "head_office").user)
    page = client.get(reverse("time_ledger")).content.decode()
    assert "Refuse" in page
    priced = client.get(reverse("time_ledger"), {"screen": "refuse", "seconds": "60"})
    assert "1.2 hours a year" in priced.content.decode()
    assert "Nord" in priced.content.decode()
    wrong = client.get(reverse("time_ledger"), {"screen": "refuse", "seconds": "soon"})
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.content.decode()
    assert b"Refus" in client.get(reverse("time_ledger_csv")).content


def test_no_colleague_is_named_anywhere(client, landlord):
    worked(landlord, colleagues=6, claims=18)
    client.force_login(member(landlord["north"], "agency_manager").user)
    names = {m.user.email for m in landlord["north"].members.filter(role="agent")}
    for name in ("time_ledger", "time_ledger_csv"):
        text = client.get(reverse(name)).content.decode()
        assert not [email for email in names if email in text]


def test_a_manager_reads_their_own_unit(client, landlord, settings):
    settings.LANGUAGE_CODE = "en"
    worked(landlord, colleagues=6, claims=18)
    client.force_login(member(landlord["south"], "agency_manager").user)
    assert "Too few steps yet" in client.get(reverse("time_ledger")).content.decode()
    client.force_login(factories.member(landlord["north"], "agent").user)
    assert client.get(reverse("time_ledger")).status_code == 403
