"""What tenants and visitors send is done once: a lost answer leads to what was done."""

import re
import threading

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal import form_keys, tasks
from portal.access import PUBLIC, SENDERS, audience, audience_of
from portal.clock import now
from portal.models import SentForm
from requests.claims.event_models import Message
from requests.claims.models import Claim
from tests.factories import leak, pass_time
from tests.portal.urls import OURS
from tests.requests.tenant_pages import walk

KEY = re.compile(rf'name="{form_keys.FIELD}" value="([a-z0-9]{{32}})"')


@pytest.fixture
def claim(landlord):
    return leak(landlord, now(), contact_email="awa@example.test")


def keys_of(page) -> list[str]:
    return KEY.findall(page.content.decode())


def posts() -> list:
    """The views that visitors and tenants may post to, by function."""
    found = {}
    for _route, name, pattern in OURS:
        view = pattern.callback
        machine = getattr(view, "csrf_exempt", False) or hasattr(view, "cls")
        if not machine and SENDERS & (audience_of(view) or frozenset()):
            found[name] = view
    return sorted(found.items())


def test_every_view_of_visitors_and_tenants_is_done_once_or_says_why_not():
    once = [name for name, view in posts() if view.once]
    said = {name: view.repeat for name, view in posts() if not view.once}
    assert all(len(why) > 10 for why in said.values())
    assert len(once) > len(said)
    # What a double of these would cost is why the rule exists.
    for name in ("file_check", "follow_write", "my:write", "proxy:write", "talk", "feedback"):
        assert name in once


def test_every_form_has_a_key_of_its_own(client, claim):
    page = client.get(reverse("follow", args=[claim.token]))
    found = keys_of(page)
    assert len(found) == page.content.count(b"csrfmiddlewaretoken") > 1
    assert len(set(found)) == len(found)


@pytest.mark.weakness("reply doubled")
def test_a_reply_sent_twice_is_one_message(client, claim):
    url = reverse("follow_write", args=[claim.token])
    sent = {"text": "Il pleut encore.", form_keys.FIELD: form_keys.new_key()}
    answers = [client.post(url, sent, headers={"Accept-Language": "en"}) for _ in range(3)]
    assert {answer["Location"] for answer in answers} == {reverse("follow", args=[claim.token])}
    assert Message.unscoped.filter(text="Il pleut encore.").count() == 1
    page = client.get(answers[-1]["Location"], headers={"Accept-Language": "en"})
    assert b"We already had your answer" in page.content


def test_other_words_from_the_same_page_are_another_message(client, claim):
    url = reverse("follow_write", args=[claim.token])
    key = form_keys.new_key()
    for text in ("Il pleut encore.", "Il ne pleut plus."):
        client.post(url, {"text": text, form_keys.FIELD: key})
    assert Message.unscoped.filter(text__startswith="Il").count() == 2


def test_a_form_with_a_mistake_is_sent_again_with_the_same_key(client, claim):
    url = reverse("follow_write", args=[claim.token])
    sent = {"text": "", form_keys.FIELD: form_keys.new_key()}
    assert [client.post(url, sent).status_code for _ in range(2)] == [422, 422]
    assert not SentForm.objects.exists()


@pytest.mark.weakness("answer lost")
def test_a_claim_whose_answer_was_lost_is_shown_and_not_filed_again(client, landlord):
    walk.file(client, send=False)
    [key] = set(keys_of(client.get("/file/check/"))[-1:])
    first = client.post("/file/check/", {form_keys.FIELD: key})
    again = client.post("/file/check/", {form_keys.FIELD: key})
    assert first["Location"] == again["Location"]
    assert "/s/" in again["Location"]
    assert Claim.objects.system("test").count() == 1


def test_nothing_is_noted_of_what_failed(client, claim, monkeypatch):
    def away(**_):
        raise OperationalError("terminated")

    url = reverse("follow_write", args=[claim.token])
    sent = {"text": "Il pleut encore.", form_keys.FIELD: form_keys.new_key()}
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("requests.conversation.actions.from_tenant", away)
        assert client.post(url, sent).status_code == 503
    assert client.post(url, sent).status_code == 302
    assert Message.unscoped.filter(text="Il pleut encore.").count() == 1


def test_a_success_without_an_address_is_refused_in_development(rf, db, django_user_model):
    @audience(PUBLIC)
    def view(request):
        return HttpResponse("done")

    request = rf.post("/", {form_keys.FIELD: form_keys.new_key()})
    request.user = django_user_model()
    request.resolver_match = type("Match", (), {"func": view})
    with pytest.raises(form_keys.AnsweredInPlace):
        view(request)


def test_old_notes_are_forgotten(claim, client):
    url = reverse("follow_write", args=[claim.token])
    client.post(url, {"text": "Il pleut.", form_keys.FIELD: form_keys.new_key()})
    tasks.tidy()
    assert SentForm.objects.count() == 1
    pass_time(days=4)
    form_keys.forget(now() + form_keys.LIFE)
    assert not SentForm.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_do_it_once(claim):
    url = reverse("follow_write", args=[claim.token])
    sent = {"text": "Il pleut encore.", form_keys.FIELD: form_keys.new_key()}
    answers = []

    def send():
        answers.append(Client().post(url, sent).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 4
    assert Message.unscoped.filter(text="Il pleut encore.").count() == 1
