"""Several claims at once: each by its own rules; nothing typed, ticked or searched is lost."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from agencies.models import Desk, Membership
from portal.clock import now
from requests.claims.event_models import ClaimEvent, Message
from requests.claims.models import Claim
from requests.inbox import list_views
from requests.teamwork.assignment_models import Charge
from requests.teamwork.attention_models import Snooze
from tests.requests.fixtures.desk import make_claim, make_unit

pytestmark = [pytest.mark.long, pytest.mark.django_db]


def bulk(client, claims, what: str, query: str = "", **given):
    picks = [f"{claim.pk}:{claim.version}" for claim in claims]
    return client.post(
        reverse("agency:bulk") + query, {"what": what, "pick": picks, "go": "1", **given}
    )


@pytest.fixture
def claims(place):
    return [make_claim(place[1], place[2], number + 3) for number in range(3)]


@pytest.fixture
def marc(place):
    """A colleague of the same unit."""
    users = get_user_model().objects
    user = users.create_user(email="marc@example.org", first_name="Marc", password="x" * 14)
    return Membership.objects.create(
        user=user, unit=place[0], role="agent", starts=date(2020, 1, 1)
    )


def states(claims) -> list[str]:
    return [Claim.objects.system("test").get(pk=claim.pk).state for claim in claims]


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("assign", "to"),
        ("hand_over", "desk"),
        ("ask", "text"),
        ("answer", "text"),
        ("snooze", "until"),
    ],
)
def test_what_needs_words_asks_first_and_keeps_ticks_and_search(client, claims, what, asked):
    picks = [f"{claim.pk}:1" for claim in claims[:2]]
    address = reverse("agency:bulk") + "?q=awa&view=all"
    page = client.post(address, {"what": what, "pick": picks})
    assert page.status_code == 200
    assert asked in page.context["bulk"].fields
    assert page.context["bulk_picks"] == picks
    wrong = client.post(address, {"what": what, "pick": picks, "go": "1", asked: ""})
    assert wrong.status_code == 422
    assert page.context["q"] == wrong.context["q"] == "awa"
    html = wrong.content.decode()
    assert html.count(" checked") >= 2
    assert all(f'name="pick" value="{pick}"' in html for pick in picks)
    assert states(claims) == ["received"] * 3
    assert not ClaimEvent.unscoped.exists()


def test_one_text_answers_several_and_one_undo_takes_all_back(client, claims):
    done = bulk(client, claims, "answer", text="La chaudière est réparée.")
    assert states(claims) == ["done"] * 3
    assert Message.unscoped.filter(text="La chaudière est réparée.").count() == 3
    undo = done.context["toasts"][0]["undo"]
    assert len(undo.split(",")) == 3
    back = client.post(reverse("agency:undo") + "?view=mine", {"events": undo})
    assert back.url == "/agency/?view=mine"
    assert states(claims) == ["received"] * 3
    assert not Message.unscoped.exists()


def test_each_claim_is_held_to_its_own_rules(client, claims, place):
    ended = make_claim(place[1], place[2], state="closed")
    moved, fresh, mine = claims
    Claim.objects.system("test").filter(pk=moved.pk).update(version=4)
    page = bulk(client, [moved, fresh, mine, ended], "ask", text="Une photo ?")
    said = {claim.pk: str(text) for claim, text in page.context["results"]}
    assert len({said[moved.pk], said[fresh.pk], said[ended.pk]}) == 3
    assert said[fresh.pk] == said[mine.pk]
    assert states([moved, fresh, mine, ended]) == [
        "received",
        "waiting_tenant",
        "waiting_tenant",
        "closed",
    ]
    # What was not done comes first, and stays ticked.
    assert [claim.pk for claim, _text in page.context["results"]][:2] == [moved.pk, ended.pk]
    assert page.context["picked"] == {moved.pk, ended.pk}
    assert Message.unscoped.count() == 2


def test_the_same_bulk_twice_does_nothing_more(client, claims):
    first = bulk(client, claims, "ask", text="Une photo ?")
    again = bulk(client, claims, "ask", text="Une photo ?")
    assert len(first.context["picked"]) == 0
    assert len(again.context["picked"]) == 3
    assert Message.unscoped.count() == 3


def test_several_are_given_to_a_colleague_and_undone(client, claims, marc):
    page = bulk(client, claims, "assign", to=marc.pk)
    assert Charge.objects.filter(membership=marc, ends_at=None, why="assigned").count() == 3
    assert states(claims) == ["received"] * 3
    client.post(reverse("agency:undo"), {"events": page.context["toasts"][0]["undo"]})
    assert not Charge.objects.exists()


def test_several_are_put_aside_but_never_beyond_their_promise(client, place):
    soon, later = make_claim(place[1], place[2], 3), make_claim(place[1], place[2], 72)
    until = (now() + timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M")
    page = bulk(client, [soon, later], "snooze", until=until, why="part")
    assert Snooze.objects.get().claim == later
    assert page.context["picked"] == {soon.pk}
    assert [c.pk for c in client.get("/agency/").context["page_obj"]] == [soon.pk]


def test_several_go_to_another_desk(client, claims):
    desk = Desk.objects.get(pk=make_unit("sud")[1].pk)
    due = "2099-01-05T10:00"
    page = bulk(client, claims, "hand_over", desk=desk.pk, reason="Secteur", due=due)
    assert page.context["picked"] == set()
    assert Claim.objects.system("test").filter(owner=desk).count() == 3


def test_all_of_the_list_beyond_its_page(client, place, monkeypatch):
    monkeypatch.setattr(list_views, "MOST", 55)
    for number in range(60):
        make_claim(place[1], place[2], number + 2)
    other = make_claim(place[1], None, channel="phone", state="closed")
    asked = client.post(reverse("agency:bulk"), {"what": "ask", "all": "1"})
    assert (len(asked.context["bulk_picks"]), asked.context["bulk"].left) == (55, 5)
    done = client.post(reverse("agency:bulk"), {"what": "take_charge", "all": "1"})
    assert len(done.context["results"]) == 55
    assert Claim.objects.system("test").filter(state="in_review").count() == 55
    other.refresh_from_db()
    assert other.state == "closed"


def test_a_grouping_that_fails_keeps_search_and_ticks(client, claims):
    page = bulk(client, claims[:1], "group", "?q=awa&view=all")
    assert page.status_code == 422
    assert page.context["q"] == "awa"
    assert page.context["picked"] == {claims[0].pk}


def test_what_another_unit_has_now_is_counted_and_not_named(client, claims):
    far = make_unit("sud")
    Claim.objects.system("test").filter(pk=claims[0].pk).update(owner=far[1], residence=far[2])
    page = bulk(client, claims, "take_charge")
    assert [claim.pk for claim, _text in page.context["results"]] == [c.pk for c in claims[1:]]
    assert page.context["toasts"][0]["level"] == "success"
    assert claims[0].reference not in page.content.decode()
    assert bulk(client, claims[:1], "take_charge").status_code == 404
