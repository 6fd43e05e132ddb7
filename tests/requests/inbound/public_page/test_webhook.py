"""What the webhook takes: odd posts, signatures, repeats; and the pages around it."""

import json
import random
import threading

import pytest
from django.db import connection

from portal.clock import now
from portal.dev import phonecatcher
from requests import tasks
from requests.channels.models import Intake
from requests.inbound import public_page
from requests.inbound.invitation_models import Invitation
from requests.jobs import queue
from requests.notifications.text_models import MessageText
from tests.factories import landlord, member
from tests.requests.inbound.public_page.helpers import (
    ADDRESS,
    AWA,
    MOMENT,
    PAGE,
    comment,
    post,
    shown,
    the_intake,
)

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"message": "", "item": "comment"}, "discarded"),
        ({"message": "", "photo": "https://example.test/a.jpg"}, "answered"),
        ({"from": {}}, "failed"),
        ({"comment_id": None}, "failed"),
        ({"created_time": MOMENT - 8 * 86400}, "failed"),
        ({"created_time": "2026-11-24T08:00:00+0000"}, "answered"),
        ({"created_time": MOMENT * 1000}, "answered"),
        ({"created_time": "soon"}, "answered"),
        ({"created_time": 10**30}, "answered"),
        ({"message": "Bonjour \ud83d \x00 \u202e"}, "answered"),
        ({"message": ["odd"]}, "answered"),
    ],
)
def test_what_is_odd_is_kept_and_never_breaks_the_tray(
    read, provider, landlord, client, change, state
):
    post(comment() | change)
    read()
    intake = the_intake()
    assert intake.state == state
    client.force_login(member(landlord["north"], "agent").user)
    assert client.get(f"/agency/tray/{intake.pk}/").status_code == 200
    assert client.get("/agency/tray/?view=page").status_code == 200


def test_another_page_than_ours_is_an_error_that_somebody_sees(read, provider):
    post(body=phonecatcher.feed(comment(), page="999"))
    read()
    assert the_intake().state == "failed"
    assert "999" in the_intake().error
    assert provider.posts == []


def test_a_private_message_to_the_page_is_not_lost(read, provider):
    ours = {"sender": {"id": PAGE}, "message": {"mid": "m_0", "text": "ok", "is_echo": True}}
    theirs = {"sender": {"id": "88"}, "timestamp": MOMENT, "message": {"mid": "m_1", "text": "Oui"}}
    seen = {"sender": {"id": "88"}, "read": {"watermark": 1}}
    entry = {"id": PAGE, "time": MOMENT, "messaging": [ours, theirs, seen]}
    post(body=json.dumps({"object": "page", "entry": [entry]}).encode())
    read()
    intake = the_intake()
    assert (intake.external_id, intake.text, intake.state) == ("m_1", "Oui", "failed")
    assert provider.posts == []


def test_at_night_it_arrives_without_a_sound_and_a_danger_rings(read, provider, clock):
    clock.forward(hours=12)  # 22 h in Paris
    post(comment("1"), comment("2", "ça sent le gaz", who="7700000000000002"))
    read()
    rings = {
        sent["recipient"]["comment_id"]: sent["notification_type"] for _p, sent in provider.posts
    }
    assert rings == {"5001_1": "NO_PUSH", "5001_2": "REGULAR"}


def test_only_the_provider_may_post_and_only_it_verifies(provider, client, db, settings):
    body = phonecatcher.feed(comment())
    for sign in ("", "sha256=00", phonecatcher.hub_signature("other", body)):
        assert post(body=body, signature=sign).status_code == 401
    assert post(body=b"{").status_code == 400
    assert post(body=b"[" * 60_000).status_code == 400
    for odd in (b"[]", b"{}", b'{"entry": 7}', b'{"entry": [{"changes": [{"field": "feed"}]}]}'):
        assert post(body=odd).status_code == 200
    assert not Intake.unscoped.exists()
    asked = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "1158201444"}
    assert client.get(ADDRESS, asked).content == b"1158201444"
    for change in ({"hub.verify_token": "x"}, {"hub.challenge": "<script>"}, {"hub.mode": "x"}):
        assert client.get(ADDRESS, asked | change).status_code == 404
    settings.PALIER_PAGE_SECRET = settings.PALIER_PAGE_VERIFY = ""
    assert client.get(ADDRESS, asked | {"hub.verify_token": ""}).status_code == 404
    assert post(body=body, signature=phonecatcher.hub_signature("", body)).status_code == 401


def test_without_a_page_set_nothing_is_lost(read, provider, settings):
    settings.PALIER_PAGE_TOKEN = ""
    post(comment())
    read()
    assert the_intake().state == "failed"
    assert provider.posts == []


@pytest.mark.django_db(transaction=True)
def test_replayed_ten_times_out_of_order_and_at_once_it_is_one_invitation(provider):
    # Real connections: threads that post and workers that answer at the same time.
    landlord()
    fresh = {"created_time": int(now().timestamp())}
    bodies = [phonecatcher.feed(comment(str(n), **fresh)) for n in range(3)]
    bodies.append(phonecatcher.feed(comment("9", who="7700000000000002", **fresh)))
    posts = bodies * 10
    random.Random(7).shuffle(posts)
    failures = []

    def go(mine):
        try:
            for body in mine:
                assert post(body=body).status_code == 200
                queue.drain(tasks.HANDLERS, now, most=3)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(posts[n::5],)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    queue.drain(tasks.HANDLERS, now)
    assert failures == []
    assert Intake.unscoped.count() == 4
    assert sorted(Invitation.unscoped.values_list("state", flat=True)) == ["sent", "sent"]
    # Three comments of one person and one of another: an answer to each person.
    assert len(provider.posts) == len(phonecatcher.messages(provider.folder)) == 2
    assert Intake.unscoped.filter(state="discarded").count() == 2


def test_the_health_page_counts_posts_and_answers(read, provider, landlord, client):
    post(comment())
    provider.answers.append((400, 190))
    read()
    Intake.unscoped.update(urgent=True)  # what may be a danger and could not be filed
    client.force_login(member(landlord["head"], "head_office").user)
    text = shown(client, "/agency/channels/")
    assert text.count("Public page") == 2
    assert "1 danger to read" in text
    assert 'href="/agency/tray/?view=page"' in text


def test_the_landlords_text_may_only_name_what_is_known(db):
    from django.core.exceptions import ValidationError

    text = MessageText(event="public_post", channel="sms", language="fr", body="{{ reference }}")
    with pytest.raises(ValidationError, match="reference"):
        text.clean()
    text.body, text.channel = "{{ link }} {{ phone }} {{ landlord }}", "email"
    with pytest.raises(ValidationError) as refused:
        text.clean()
    assert list(refused.value.message_dict) == ["channel"]
    text.channel = "sms"
    text.clean()


def test_the_demonstration_shows_the_private_answer(client, settings, tmp_path, db):
    settings.PALIER_HOME = tmp_path
    at = "2026-11-22T12:00:00+00:00"
    with phonecatcher.Catcher(tmp_path / "phones") as catcher:
        catcher.keep(phonecatcher.Text(at, "page", "5001_1", "Bonjour", "comment_id", "m_1"))
    text = shown(client, "/demo/phones/")
    assert "to who wrote a comment" in text
    assert "5001_1" not in text


def test_the_parser_is_pure_and_reads_what_was_stored():
    value = comment(words="Le hall") | {"permalink_url": "https://www.facebook.com/x/posts/1"}
    [(number, raw)] = public_page.parts(phonecatcher.feed(value))
    found = public_page.read(raw)
    assert (number, found.number, found.kind) == ("5001_1", "5001_1", "comment_id")
    assert (found.author, found.name, found.text) == (AWA, "Awa Traoré", "Le hall")
    assert found.written_at.isoformat() == "2026-11-24T09:00:00+00:00"
    assert public_page.link(raw) == "https://www.facebook.com/x/posts/1"
    elsewhere = json.dumps({"page": PAGE, "value": value | {"permalink_url": "https://evil.test"}})
    assert public_page.link(elsewhere.encode()) == "https://www.facebook.com/5001_1"
