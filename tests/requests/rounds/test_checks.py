"""The caretaker checks a contractor's work."""

import uuid

from django.urls import reverse

from portal.clock import now
from requests.claims.events import Event
from requests.rounds import queries as rounds
from tests import factories
from tests.requests.rounds.helpers import done, photo, post


def test_a_good_check_is_recorded_once_and_closes_nothing(karim, place):
    claim = done(place, dwelling=place["dwelling"])
    assert rounds.claims_of_building(place["karim"], place["building"].pk, now())[0].to_check
    item = {"kind": "check", "key": str(uuid.uuid4()), "claim": claim.pk, "fixed": "yes"}
    assert post(karim, **item).status_code == 200
    assert post(karim, **item).status_code == 200
    claim.refresh_from_db()
    assert claim.state == "done"
    assert claim.events.filter(name=Event.VERIFIED).count() == 1
    assert not rounds.claims_of_building(place["karim"], place["building"].pk, now())[0].to_check
    assert post(karim, **{**item, "key": str(uuid.uuid4())}).status_code == 422


def test_a_bad_check_needs_a_word_or_a_photo(karim, place):
    claim = done(place, dwelling=place["dwelling"])
    item = {"kind": "check", "claim": claim.pk, "fixed": "no"}
    assert post(karim, **item).status_code == 422
    assert post(karim, **item, photos=[photo()]).status_code == 200


def test_a_bad_check_is_proposed_to_the_agency_who_reopens(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    item = {"kind": "check", "claim": claim.pk, "fixed": "no", "words": "ça goutte encore"}
    post(karim, **item, photos=[photo()])
    claim.refresh_from_db()
    assert claim.state == "done"
    manager = factories.member(place["north"], "agency_manager")
    client.force_login(manager.user)
    page = client.get(reverse("agency_rounds:index")).content.decode()
    assert "ça goutte encore" in page
    shown = client.get(reverse("agency_rounds:photo", args=[claim.attachments.get().pk]))
    assert shown.status_code == 200
    act = reverse("agency_rounds:decide_check", args=[claim.pk])
    client.post(act, {"way": "reopen"})
    client.post(act, {"way": "reopen"})
    claim.refresh_from_db()
    assert (claim.state, claim.reopened) == ("in_review", 1)
    assert claim.events.filter(name=Event.SEND_BACK).count() == 1
    assert "ça goutte encore" not in client.get(reverse("agency_rounds:index")).content.decode()


def test_the_agency_may_keep_it_as_finished(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    post(karim, kind="check", claim=claim.pk, fixed="no", words="bof")
    client.force_login(factories.member(place["north"], "agency_manager").user)
    client.post(reverse("agency_rounds:decide_check", args=[claim.pk]), {"way": "keep"})
    claim.refresh_from_db()
    assert claim.state == "done"
    assert "bof" not in client.get(reverse("agency_rounds:index")).content.decode()


def test_another_agency_decides_nothing_here(client, karim, place):
    claim = done(place, dwelling=place["dwelling"])
    post(karim, kind="check", claim=claim.pk, fixed="no", words="bof", photos=[photo()])
    client.force_login(factories.member(place["south"], "agent").user)
    assert "bof" not in client.get(reverse("agency_rounds:index")).content.decode()
    act = reverse("agency_rounds:decide_check", args=[claim.pk])
    assert client.post(act, {"way": "reopen"}).status_code == 404
    picture = reverse("agency_rounds:photo", args=[claim.attachments.get().pk])
    assert client.get(picture).status_code == 404
