"""Help between units: proposed above one's own habit, agreed by both, seen only while it lasts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.clock import now
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.teamwork import assistance, workload
from requests.teamwork.load import overloaded_desks
from requests.teamwork.models import Help, LentClaim
from tests.requests.fixtures.desk import make_claim, make_unit
from tests.requests.fixtures.team import colleague, routed

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(landlord):
    north, south = landlord["north"], landlord["south"]
    return {
        "marc": colleague(north, "agency_manager", "Marc"),
        "sonia": colleague(north, "agent", "Sonia"),
        "rose": colleague(south, "agency_manager", "Rose"),
        "luc": colleague(south, "agent", "Luc"),
    }


@pytest.fixture
def desk(landlord):
    return landlord["north"].desks.get(kind="technical")


def asked(landlord, people, desk, number=5, **values):
    return assistance.ask(
        **{
            "desk": desk,
            "helper": landlord["south"],
            "number": number,
            "until": now() + timedelta(days=7),
            "words": "Gel : trois fois plus de fuites.",
            "by": people["marc"].user,
            "now": now(),
            **values,
        }
    )


def agree(help, people):
    return assistance.answer(help=help, accept=True, words="", by=people["rose"].user, now=now())


def sees(member, claim) -> bool:
    return Claim.objects.visible_to(member).filter(pk=claim.pk).exists()


def test_lent_claims_are_seen_and_worked_only_while_agreed(landlord, people, desk):
    claim, other = routed(landlord, "a"), routed(landlord, "b")
    help = asked(landlord, people, desk, number=1)
    assert not sees(people["luc"], claim)
    agree(help, people)
    (lent,) = LentClaim.objects.all()
    rest = other if lent.claim == claim else claim
    assert sees(people["luc"], lent.claim)
    assert not sees(people["luc"], rest)
    assert workload.pull_next_claim(membership=people["luc"], now=now()) == lent.claim
    assert sees(people["sonia"], lent.claim)  # it stays its desk's
    assistance.end(help=help, by=people["marc"].user, now=now())
    assert not sees(people["luc"], lent.claim)
    assert not lent.claim.charges.filter(ends_at=None).exists()
    names = list(lent.claim.events.values_list("name", flat=True))
    assert names.count(Event.LENT) == names.count(Event.LENT_BACK) == 1


def test_the_date_ends_it_even_before_the_sweep(landlord, people, desk):
    claim = routed(landlord)
    help = agree(asked(landlord, people, desk), people)
    Help.objects.filter(pk=help.pk).update(
        asked_at=now() - timedelta(days=9), until=now() - timedelta(seconds=1)
    )
    assert not sees(people["luc"], claim)
    assert assistance.sweep(now=now()) == 1
    help.refresh_from_db()
    assert help.state == Help.State.ENDED
    assert help.ended_by is None
    assert assistance.sweep(now=now()) == 0


def test_confidential_claims_and_those_in_hand_are_never_lent(landlord, people, desk):
    quiet, held = routed(landlord, "a"), routed(landlord, "b")
    workload.pull_next_claim(membership=people["sonia"], now=now())
    type(quiet.category).objects.update(sensitive=True)
    assert agree(asked(landlord, people, desk), people).lent.count() == 0
    assert not sees(people["luc"], held)


def test_what_was_decided_is_not_decided_again(landlord, people, desk):
    help = asked(landlord, people, desk)
    with pytest.raises(assistance.NotPossible):
        asked(landlord, people, desk)
    assistance.answer(
        help=help, accept=False, words="Nous aussi.", by=people["rose"].user, now=now()
    )
    with pytest.raises(assistance.NotPossible):
        agree(help, people)
    with pytest.raises(assistance.NotPossible):
        assistance.end(help=help, now=now())


def test_above_its_own_habit_only():
    _unit, desk, residence = make_unit("nord")
    moment = now()
    for _number in range(8):  # eight open for months: the habit
        make_claim(desk, residence, filed_at=moment - timedelta(days=90))
    assert overloaded_desks(now=moment) == []
    for _number in range(4):
        make_claim(desk, residence, filed_at=moment - timedelta(days=1))
    assert overloaded_desks(now=moment) == []  # twelve: not five above eight
    for _number in range(3):
        make_claim(desk, residence, filed_at=moment - timedelta(days=1))
    (load,) = overloaded_desks(now=moment)
    assert (load.desk, load.open, load.usual, load.over) == (desk, 15, 8, 7)


def test_a_desk_without_past_has_no_habit():
    _unit, desk, residence = make_unit("nord")
    for _number in range(30):
        make_claim(desk, residence)
    assert overloaded_desks(now=now()) == []


def test_both_sides_on_screen(landlord, people, desk, client):
    claim = routed(landlord)
    page = reverse("help:index")
    client.force_login(people["sonia"].user)
    assert client.get(page).status_code == 403
    client.force_login(people["marc"].user)
    day = (now() + timedelta(days=5)).date().isoformat()
    sent = {"desk": desk.pk, "helper": landlord["south"].pk, "number": 3, "last_day": day}
    assert client.post(page, sent).status_code == 422  # no words
    assert client.post(page, sent | {"words": "Gel"}).status_code == 302
    help = Help.objects.get()
    answer = reverse("help:answer", args=[help.pk])
    assert client.post(answer, {"way": "accept"}).status_code == 404  # not theirs to give
    client.force_login(people["rose"].user)
    assert client.post(answer, {"way": "decline"}).status_code == 422  # without words
    assert client.post(answer, {"way": "accept"}).status_code == 302
    assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 200
    assert claim.spoken_reference in client.get(page).content.decode()
    assert client.post(reverse("help:end", args=[help.pk])).status_code == 302
    assert client.get(reverse("agency:claim", args=[claim.pk])).status_code == 404
