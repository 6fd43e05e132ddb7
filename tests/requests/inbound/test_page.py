"""Public posts: a private invitation, once; never a public word; a danger is read by a person."""

import json
import random
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from portal.clock import now
from portal.dev import phonecatcher
from requests import tasks
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.inbound import page
from requests.inbound.invitation_models import Invitation
from requests.jobs import queue
from requests.jobs.models import Job
from requests.notifications import events as notifications
from requests.notifications.models import Delivery
from requests.notifications.text_models import MessageText
from tests.factories import category, landlord, member

SECRET, PAGE, AWA = "secret-of-the-tests", "106000000000001", "7700000000000001"
ADDRESS = "/hooks/page/"
MOMENT = 1795510800  # the tests' Tuesday, 10 h in Paris


@pytest.fixture
def provider(settings, tmp_path):
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
    settings.PALIER_PAGE_ID, settings.PALIER_PAGE_TOKEN = PAGE, "token"
    settings.PALIER_PAGE_SECRET, settings.PALIER_PAGE_VERIFY = SECRET, "word"
    with phonecatcher.Catcher(tmp_path / "phones") as running:
        settings.PALIER_PAGE_URL = f"{running.base}/v23.0"
        yield running


@pytest.fixture
def read(landlord, provider, clock, work, monkeypatch):
    """Read what was posted and answer it; the door's clock is the test's."""
    monkeypatch.setattr("requests.inbound.webhook_views.now", clock)
    return work


def comment(number: str = "1", words: str = "Le hall est sale", who: str = AWA, **more) -> dict:
    """One change of the page's feed, as documented."""
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": f"5001_{number}",
        "post_id": f"{PAGE}_5001",
        "parent_id": f"{PAGE}_5001",
        "from": {"id": who, "name": "Awa Traoré"},
        "message": words,
        "created_time": MOMENT,
        **more,
    }


def post(*values: dict, body: bytes | None = None, signature: str | None = None, client=None):
    body = phonecatcher.feed(*values) if body is None else body
    sign = phonecatcher.hub_signature(SECRET, body) if signature is None else signature
    return (client or Client()).generic(
        "POST",
        ADDRESS,
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": sign},
    )


def shown(client, address: str) -> str:
    """A page in English, the language of these tests."""
    with translation.override("en"):
        answer = client.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def the_intake() -> Intake:
    return Intake.objects.get(channel="page")


def test_a_comment_is_answered_once_in_private_and_nowhere_else(read, provider, settings):
    assert post(comment(words="Ma voisine du 3e, Mme Roux, crie la nuit")).status_code == 200
    read()
    read()
    [(path, sent)] = provider.posts
    assert path == f"/v23.0/{PAGE}/messages"
    assert sent["recipient"] == {"comment_id": "5001_1"}
    assert sent["messaging_type"] == "RESPONSE"
    words = sent["message"]["text"]
    assert "merci" in words
    assert "rien de personnel en public" in words
    assert f"{settings.PALIER_URL}/file/" in words
    assert settings.PALIER_PHONE in words
    assert not any(said in words for said in ("Roux", "voisine", "Awa", "crie"))
    intake, answer = the_intake(), Invitation.objects.get()
    assert (intake.state, intake.sender_name) == ("answered", "Awa Traoré")
    assert (answer.state, answer.person) == ("sent", AWA)
    assert Delivery.objects.get().attempts == 1
    assert Delivery.objects.get().provider_id.startswith("m_")
    assert not Claim.objects.system("test").exists()


@pytest.mark.parametrize("item", ["post", "status", "photo", "video", "share"])
def test_a_visitors_post_is_answered_by_its_own_number(read, provider, item):
    value = comment(item=item, post_id=f"{PAGE}_77")
    del value["comment_id"]
    post(value)
    read()
    assert provider.posts[0][1]["recipient"] == {"post_id": f"{PAGE}_77"}


def test_the_house_that_speaks_english_answers_in_english(read, provider, settings):
    settings.LANGUAGE_CODE = "en"
    post(comment())
    read()
    assert "nothing personal in public" in provider.posts[0][1]["message"]["text"]


def test_the_landlords_own_words_are_sent(read, provider):
    MessageText.objects.create(
        event="public_post",
        channel="sms",
        language="fr",
        body="Écrivez ici : {{ link }}\n{{ who }}",
    )
    post(comment())
    read()
    assert provider.posts[0][1]["message"]["text"] == f"Écrivez ici : {notifications.filing_page()}"


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "edited"},
        {"verb": "edit"},
        {"verb": "remove"},
        {"verb": "hide"},
        {"item": "reaction", "reaction_type": "like"},
        {"item": "like"},
        {"item": {"odd": 1}},
        {"from": {"id": PAGE, "name": "Le bailleur"}},
        {"from": {}, "sender_id": int(PAGE)},
    ],
)
def test_edits_removals_reactions_and_our_own_words_are_nobodys_request(read, provider, change):
    assert post(comment() | change).status_code == 200
    read()
    assert not Intake.objects.exists()
    assert provider.posts == []


def test_an_edit_after_the_comment_invites_nobody_again(read, provider):
    post(comment(), comment(verb="edited", words="Le hall est très sale"))
    post(comment(verb="remove"))
    read()
    assert len(provider.posts) == 1
    assert the_intake().text == "Le hall est sale"


def test_who_wrote_five_times_today_is_invited_once_and_tomorrow_again(read, provider, clock):
    post(*(comment(str(n)) for n in range(5)))
    post(comment("other", who="7700000000000002"))
    read()
    assert len(provider.posts) == 2
    assert Intake.objects.filter(state="answered").count() == 2
    kept = Intake.objects.filter(state="discarded")
    assert kept.count() == 4
    assert all(row.error for row in kept)
    clock.forward(days=1)
    post(comment("6"))
    read()
    assert len(provider.posts) == 3


def test_the_cap_is_a_rule_of_the_database(read, clock):
    post(comment("1"), comment("2"))
    read()
    row = Invitation.objects.get()
    other = Intake.objects.exclude(pk=row.intake_id).get()
    row.pk, row.intake = None, other
    row._state.adding = True
    with pytest.raises(IntegrityError, match="one_invitation_a_day"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("code", [10, 100, 190, 200, 230, 368, 551, 10902, 10903, 99999])
def test_a_refusal_puts_the_post_into_the_tray_with_its_error(read, provider, code):
    provider.answers.append((400, code))
    post(comment())
    read()
    intake = the_intake()
    assert intake.state == "failed"
    assert str(code) in intake.error
    assert Invitation.objects.get().state == "failed"
    assert len(provider.posts) == 1


@pytest.mark.parametrize(("http", "code"), [(500, 2), (503, 0), (400, 613), (429, 4), (400, 1200)])
def test_a_passing_trouble_is_tried_again(read, provider, clock, http, code):
    provider.answers.append((http, code))
    post(comment())
    read()
    assert the_intake().state == "answered"
    assert Invitation.objects.get().state == "queued"
    clock.forward(minutes=2)
    read()
    assert Invitation.objects.get().state == "sent"
    assert len(provider.posts) == 2


def test_a_trouble_that_lasts_ends_in_the_tray(read, provider, clock, settings):
    settings.PALIER_PAGE_URL = "http://127.0.0.1:9/v23.0"
    post(comment())
    for _attempt in range(9):
        read()
        clock.forward(hours=25)
    assert the_intake().state == "failed"
    assert Invitation.objects.get().state == "failed"
    assert Delivery.objects.get().attempts == 8


def test_an_answer_that_arrived_before_we_died_is_not_sent_twice(read, provider):
    post(comment())
    read()
    # The worker dies between the provider's answer and ours: the row is as before the attempt.
    Invitation.objects.update(state="queued", sent_at=None)
    Delivery.objects.update(state="queued", sent_at=None)
    job = Job.objects.get(kind="deliver")
    Job.objects.filter(pk=job.pk).update(done_at=None, next_at=now())
    read()
    answer = Invitation.objects.get()
    assert answer.state == "sent"
    assert "10900" in answer.answer
    assert len(phonecatcher.messages(provider.folder)) == 1


def test_a_danger_waits_in_the_tray_for_a_person_and_hears_of_112(read, provider, clock):
    category("ADM-14", "A1", "crc")
    post(comment("1", "bonjour ca sent le gaz ds lescalier B"))
    post(comment("2", "Le hall est sale", who="7700000000000002"))
    read()
    urgent = Intake.objects.get(urgent=True)
    assert (urgent.state, urgent.text) == ("failed", "bonjour ca sent le gaz ds lescalier B")
    assert "gaz" in urgent.error
    said = {sent["recipient"]["comment_id"]: sent for _path, sent in provider.posts}
    assert "112" in said["5001_1"]["message"]["text"].splitlines()[0]
    assert "112" not in said["5001_2"]["message"]["text"].splitlines()[0]
    assert Intake.objects.filter(state="answered", urgent=False).count() == 1


def test_a_danger_is_read_even_when_it_cannot_be_answered(read, provider):
    provider.answers.append((400, 10903))
    post(comment("1"))  # refused, which leaves the day free
    read()
    post(comment("2"), comment("3", "au secours il y a le feu dans la cave"))
    read()
    urgent = Intake.objects.get(urgent=True)
    assert urgent.state == "failed"
    # Invited for the second, so not again; a person reads it all the same.
    assert [sent["recipient"]["comment_id"] for _p, sent in provider.posts] == ["5001_1", "5001_2"]
    post(comment("4", "odeur de gaz !!", created_time=MOMENT - 30 * 86400))
    read()
    assert Intake.objects.filter(urgent=True, state="failed").count() == 2


def test_the_tray_shows_the_danger_first_and_its_answer(read, provider, landlord, client, clock):
    category("ADM-14", "A1", "crc")
    provider.answers.append((400, 10903))
    post(comment("1", "Le hall est sale"))
    read()
    clock.forward(minutes=5)
    post(comment("2", "<b>ça sent le gaz</b>", who="7700000000000002"))
    read()
    client.force_login(member(landlord["north"], "agent").user)
    tray = shown(client, "/agency/tray/")
    assert tray.index("sent le gaz") < tray.index("Le hall est sale")
    assert "&lt;b&gt;" in tray
    everything = shown(client, "/agency/tray/?view=page")
    assert "Answered in private." in everything
    assert "10903" in everything
    entry = shown(client, f"/agency/tray/{Intake.objects.get(urgent=True).pk}/")
    assert "https://www.facebook.com/5001_2" in entry
    assert "112" in entry


def test_a_danger_stands_above_every_inbox_until_somebody_dealt_with_it(read, landlord, client):
    post(comment(words="ça sent le gaz"))
    read()
    client.force_login(member(landlord["north"], "agent").user)
    assert "may speak of a danger" in shown(client, "/agency/")
    client.post(f"/agency/tray/{the_intake().pk}/discard/", {"reason": "Pompiers sur place."})
    assert the_intake().state == "discarded"
    assert "may speak of a danger" not in shown(client, "/agency/")


def test_a_person_makes_a_claim_of_a_post_without_its_network_number(read, landlord, client):
    category("ADM-14", "A1", "crc")
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    assert client.post(f"/agency/tray/{the_intake().pk}/file/").status_code == 302
    claim = Claim.objects.system("test").get()
    assert (claim.channel, claim.contact_name) == ("page", "Awa Traoré")
    assert (claim.contact_phone, claim.contact_email) == ("", "")
    assert "Le hall est sale" in claim.words
    assert the_intake().state == "parsed"


def test_a_person_adds_a_post_to_a_conversation(read, landlord, client, make_claim):
    claim = make_claim()
    post(comment())
    read()
    client.force_login(member(landlord["head"], "head_office").user)
    address = f"/agency/tray/{the_intake().pk}/attach/"
    assert client.post(address, {"reference": claim.reference}).status_code == 302
    assert Message.objects.get(claim=claim, channel="page").text == "Le hall est sale"


def test_what_was_refused_is_tried_again_when_a_person_asks(read, provider, landlord, client):
    provider.answers.append((400, 190))
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    client.post(f"/agency/tray/{the_intake().pk}/replay/")
    read()
    assert the_intake().state == "answered"
    assert Invitation.objects.get().state == "sent"
    # Read again once more: one post has one answer.
    client.post(f"/agency/tray/{the_intake().pk}/replay/")
    read()
    assert len(provider.posts) == 2


def test_what_a_person_has_dealt_with_is_not_answered_by_the_machine(
    read, provider, landlord, client, clock
):
    category("ADM-14", "A1", "crc")
    provider.answers.append((500, 2))
    post(comment())
    read()
    client.force_login(member(landlord["north"], "agent").user)
    client.post(f"/agency/tray/{the_intake().pk}/file/")
    clock.forward(minutes=5)
    read()
    assert len(provider.posts) == 1
    assert the_intake().state == "parsed"
    assert Invitation.objects.get().state == "failed"


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
    assert not Intake.objects.exists()
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
    assert Intake.objects.count() == 4
    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["sent", "sent"]
    # Three comments of one person and one of another: an answer to each person.
    assert len(provider.posts) == len(phonecatcher.messages(provider.folder)) == 2
    assert Intake.objects.filter(state="discarded").count() == 2


def test_the_health_page_counts_posts_and_answers(read, provider, landlord, client):
    post(comment(words="ça sent le gaz"))
    provider.answers.append((400, 190))
    read()
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
    [(number, raw)] = page.parts(phonecatcher.feed(value))
    found = page.read(raw)
    assert (number, found.number, found.kind) == ("5001_1", "5001_1", "comment_id")
    assert (found.author, found.name, found.text) == (AWA, "Awa Traoré", "Le hall")
    assert found.written_at.isoformat() == "2026-11-24T09:00:00+00:00"
    assert page.link(raw) == "https://www.facebook.com/x/posts/1"
    elsewhere = json.dumps({"page": PAGE, "value": value | {"permalink_url": "https://evil.test"}})
    assert page.link(elsewhere.encode()) == "https://www.facebook.com/5001_1"
