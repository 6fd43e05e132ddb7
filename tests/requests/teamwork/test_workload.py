"""The rule that gives the next claim (pure), and two people who ask at the same instant."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Sector
from requests.catalogue.models import Family
from requests.teamwork import assignment, workload
from requests.teamwork.assignment_models import Charge
from requests.teamwork.models import Seat, Sharing
from requests.teamwork.rules import FIRST, OFF, ONLY, Person, Terms, WaitingClaim, next_one
from tests import factories
from tests.requests.fixtures.team import DAY, TUESDAY, away, colleague, routed

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def row(key, hours, family="PLO", sector=None, urgency="U4"):
    at = NOON + timedelta(hours=hours)
    return WaitingClaim(key, urgency, family, sector, NOON, at, at.date())


def given_to(person, rows, **terms):
    found = next_one(person, rows, Terms(**terms))
    return found and found.key


ANYBODY = Person()
PLUMBER = Person(families=frozenset({"PLO"}))


@pytest.mark.parametrize(
    ("person", "rows", "terms", "expected"),
    [
        (ANYBODY, [row("late", 30), row("soon", 2)], {}, "soon"),
        (PLUMBER, [row("other", 1, "CHA"), row("known", 5)], {"skills": FIRST}, "known"),
        (PLUMBER, [row("today", 1, "CHA"), row("later", 40)], {"skills": FIRST}, "today"),
        (PLUMBER, [row("today", 1, "CHA"), row("later", 40)], {"skills": ONLY}, "later"),
        (PLUMBER, [row("other", 1, "CHA"), row("known", 5)], {"skills": OFF}, "other"),
        (PLUMBER, [row("other", 1, "CHA")], {"skills": ONLY}, None),
        (
            Person(sectors=frozenset({1})),
            [row("far", 1, sector=2), row("near", 5, sector=1)],
            {"sectors": FIRST},
            "near",
        ),
        (Person(sectors=frozenset({1})), [row("far", 1, sector=2)], {"sectors": ONLY}, None),
        (Person(sectors=frozenset({1})), [row("nowhere", 1)], {"sectors": ONLY}, "nowhere"),
        # An emergency goes to whoever asks, whatever they know or have.
        (
            Person(families=frozenset({"PLO"}), in_hand=99),
            [row("calm", 1), row("gas", 9, "GAZ", urgency="U0")],
            {"skills": ONLY},
            "gas",
        ),
        # A fair share: 2 waiting and 10 held by 4 people are 3 each, and 3 more.
        (Person(in_hand=5), [row("a", 1), row("b", 2)], {"present": 4, "held": 10}, "a"),
        (Person(in_hand=6), [row("a", 1), row("b", 2)], {"present": 4, "held": 10}, None),
        (Person(in_hand=2), [row("a", 1)], {"most_in_hand": 2, "held": 50}, None),
        # Promised for a day on which the person is away: left to the others.
        (
            Person(away=frozenset({date(2026, 3, 4)})),
            [row("tomorrow", 24), row("after", 48)],
            {},
            "after",
        ),
        (ANYBODY, [], {}, None),
    ],
)
def test_the_rule(person, rows, terms, expected):
    assert given_to(person, rows, **terms) == expected


@given(
    st.lists(
        st.builds(
            row,
            st.uuids(),
            st.integers(-100, 100),
            st.sampled_from(["PLO", "CHA"]),
            st.sampled_from([None, 1, 2]),
            st.sampled_from(["U0", "U2", "U3", "A2"]),
        ),
        max_size=12,
        unique_by=lambda made: made.key,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_never_matters_and_emergencies_come_first(rows, shuffle):
    first = next_one(PLUMBER, rows, Terms(present=1))
    again = list(rows)
    shuffle.shuffle(again)
    assert next_one(PLUMBER, again, Terms(present=1)) == first
    if any(r.urgent for r in rows):
        assert first.urgent
        danger = [r for r in rows if r.urgency == "U0"]
        among = danger or [r for r in rows if r.urgent]
        assert first.promise_at == min(r.promise_at for r in among)
    elif rows:
        assert first.promised == min(r.promised for r in rows)


@pytest.fixture
def team(landlord):
    return {
        "sonia": colleague(landlord["north"], "agent", "Sonia"),
        "paul": colleague(landlord["north"], "agent", "Paul"),
    }


@pytest.mark.django_db
def test_each_gets_another_claim_and_then_nothing(landlord, team):
    first, second = routed(landlord, "a"), routed(landlord, "b")
    given_first = workload.pull_next_claim(membership=team["sonia"], now=TUESDAY)
    given_second = workload.pull_next_claim(membership=team["paul"], now=TUESDAY)
    assert {given_first, given_second} == {first, second}
    assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) is None


@pytest.mark.django_db
def test_what_an_absent_colleague_holds_is_free_again(landlord, team):
    claim = routed(landlord)
    assert workload.pull_next_claim(membership=team["paul"], now=TUESDAY) == claim
    assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) is None
    away(team["paul"], 3)
    assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) == claim
    assert assignment.holder(claim, DAY).member == team["sonia"]


@pytest.mark.django_db
def test_a_seat_elsewhere_means_other_work(landlord, team):
    routed(landlord)  # for the technical desk
    desk = landlord["north"].desks.get(kind="clientele")
    Seat.objects.create(desk=desk, membership=team["sonia"])
    assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) is None
    assert workload.pull_next_claim(membership=team["paul"], now=TUESDAY) is not None


@pytest.mark.django_db
def test_one_s_own_sectors_and_what_is_in_none(landlord, team):
    claim = routed(landlord)
    north = landlord["north"]
    Sharing.objects.create(desk=claim.owner, sectors="only")
    mine, other = (Sector.objects.create(unit=north, name=c) for c in ("A", "B"))
    team["sonia"].sectors.add(mine)
    home = claim.residence
    home.sector = other
    home.save()
    assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) is None
    for sector in (mine, None):
        home.sector = sector
        home.save()
        assert workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) == claim
        Charge.objects.all().delete()
    home.sector = other
    home.save()
    assert workload.pull_next_claim(membership=team["paul"], now=TUESDAY) == claim


@pytest.mark.django_db
def test_who_has_as_many_as_the_desk_allows_gets_no_other(landlord, team):
    for key in "abc":
        Sharing.objects.update_or_create(
            desk=routed(landlord, key).owner, defaults={"most_in_hand": 2}
        )
    given = [workload.pull_next_claim(membership=team["sonia"], now=TUESDAY) for _ in range(3)]
    assert [claim is not None for claim in given] == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_same_instant_get_two_claims():
    landlord = factories.landlord()
    people = [colleague(landlord["north"], "agent", name) for name in ("Sonia", "Paul")]
    for number in range(4):
        routed(landlord, str(number))
    for _round in range(2):
        ready = threading.Barrier(2)

        def work(member, ready=ready):
            try:
                ready.wait(timeout=60)
                return workload.pull_next_claim(membership=member, now=TUESDAY).pk
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert len(set(pool.map(work, people))) == 2
    assert Charge.objects.filter(ends_at=None).values("claim").distinct().count() == 4


@pytest.mark.django_db
def test_the_manager_arranges_a_desk(landlord, team, client):
    marc = colleague(landlord["north"], "agency_manager", "Marc")
    desk = landlord["north"].desks.get(kind="technical")
    address = reverse("sharing:desk", args=[desk.pk])
    client.force_login(team["sonia"].user)
    assert client.get(address).status_code == 403
    client.force_login(marc.user)
    assert client.get(address).status_code == 200
    elsewhere = landlord["south"].desks.first()
    assert client.get(reverse("sharing:desk", args=[elsewhere.pk])).status_code == 404
    terms = {"skills": "only", "sectors": "off", "most_in_hand": "4"}
    assert client.post(address, terms | {"most_in_hand": "0"}).status_code == 422
    family = Family.objects.get(code="PLO")
    seat = {f"m{team['paul'].pk}-serves": "on", f"m{team['paul'].pk}-families": [family.pk]}
    assert client.post(address, terms | seat).status_code == 302
    assert Sharing.objects.get(desk=desk).most_in_hand == 4
    kept = Seat.objects.get(desk=desk)
    assert kept.membership == team["paul"]
    assert list(kept.families.all()) == [family]


@pytest.mark.django_db
def test_the_button_opens_the_claim(landlord, team, client):
    claim = routed(landlord)
    client.force_login(team["sonia"].user)
    answer = client.post(reverse("sharing:next"))
    assert answer.url == reverse("agency:claim", args=[claim.pk])
    assert client.get(answer.url).status_code == 200
    assert client.post(reverse("sharing:next")).url == reverse("agency:inbox")
