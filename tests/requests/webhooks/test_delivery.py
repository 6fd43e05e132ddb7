"""Messages reach a receiver that knows the specification only: signed, thin, at least once."""

import base64
import json
from datetime import timedelta

import pytest
from django.core import mail

from portal.actor import Actor
from requests import tasks
from requests.claims.transitions import advance, undo
from requests.jobs import queue
from requests.jobs.models import Job
from requests.webhooks import delivery, endpoints, event_types, outbox, signatures
from requests.webhooks.models import WebhookEndpoint, WebhookMessage
from tests.factories import category, member, pass_time

pytestmark = pytest.mark.long

State = WebhookMessage.State


def types(receiver) -> list[str]:
    return sorted(body["type"] for body in receiver.taken.values())


def test_an_event_arrives_signed_by_both_keys(receiver, endpoint, claim, work, clock):
    work()
    assert types(receiver) == ["claim.filed", "claim.routed"]
    assert receiver.refused == []
    [filed] = [body for body in receiver.taken.values() if body["type"] == "claim.filed"]
    assert filed["data"]["id"] == str(claim.pk)
    assert filed["timestamp"].endswith("Z")
    sent = receiver.requests[0]
    assert {part.partition(",")[0] for part in sent["webhook-signature"].split()} == {"v1", "v1a"}
    assert set(endpoint.messages.values_list("state", flat=True)) == {State.DELIVERED}


def test_a_message_says_nothing_of_a_person(receiver, endpoint, claim, work):
    work()
    said = "".join(one["body"] for one in receiver.requests)
    for word in ("Kerouac", "0612345678", "612345678", claim.token, claim.reference, "PLO"):
        assert word not in said
    for one in receiver.requests:
        assert set(json.loads(one["body"])["data"]) == {"id", "state", "url"}


def test_the_signatures_are_those_of_the_published_examples():
    """Both examples with which the specification's own libraries check themselves."""
    shared = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    private = base64.b64decode("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=")
    made = signatures.signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        [signatures.Keys(shared, private)],
    )
    assert made.split() == [
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ]


def test_another_key_is_refused(receiver, endpoint, claim, work):
    receiver.public = signatures.keys_from("somebody else").public
    work()
    assert receiver.taken == {}
    assert set(receiver.refused) == {"signature"}


def test_a_worker_that_dies_before_it_sends_loses_nothing(receiver, endpoint, claim, clock):
    """Restart after restart: the lease ends, the next worker goes on, each at every stage."""
    died = 0
    while job := queue.lease_due():
        died += 1  # killed with the lease in hand, once for each job that there ever is
        pass_time(hours=1)
        tasks.HANDLERS[job.kind](key=job.key, now=clock(), **job.payload)
        Job.objects.filter(pk=job.pk).update(done_at=clock())
    queue.drain(tasks.HANDLERS, clock)
    assert died > 3
    assert types(receiver) == ["claim.filed", "claim.routed"]


def test_a_worker_that_dies_after_it_sent_repeats_the_same_id(
    receiver, endpoint, claim, work, clock, monkeypatch
):
    record, deaths = delivery._record, iter([True, True])

    def die(*args):
        if next(deaths, False):
            raise MemoryError("killed")
        record(*args)

    monkeypatch.setattr(delivery, "_record", die)
    work()
    clock.forward(minutes=5)
    work()
    assert len(receiver.repeats) == 2
    assert types(receiver) == ["claim.filed", "claim.routed"]
    assert set(endpoint.messages.values_list("state", flat=True)) == {State.DELIVERED}


def test_a_failure_is_tried_again_later_with_the_same_id_and_a_new_date(
    receiver, endpoint, claim, work, clock
):
    receiver.answers = [503]
    work()
    first = receiver.requests[0]
    clock.forward(minutes=1)
    work()
    again = [one for one in receiver.requests if one["webhook-id"] == first["webhook-id"]]
    assert len(again) == 2
    assert int(again[1]["webhook-timestamp"]) > int(again[0]["webhook-timestamp"])
    assert types(receiver) == ["claim.filed", "claim.routed"]
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_what_a_receiver_asks_to_wait_is_waited(receiver, endpoint, claim, work, clock):
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    work()
    asked = len(receiver.requests)
    clock.forward(minutes=9)
    work()
    assert len(receiver.requests) == asked
    clock.forward(minutes=2)
    work()
    assert types(receiver) == ["claim.filed", "claim.routed"]


def test_while_an_endpoint_fails_its_other_messages_wait_untried(receiver, endpoint, claim, work):
    receiver.answers = [500] * 20
    work()
    assert len(receiver.requests) == 1
    assert sorted(endpoint.messages.values_list("tries", flat=True)) == [0, 1]


def test_a_long_failure_switches_it_off_with_a_mail_and_nothing_is_lost(
    receiver, endpoint, claim, work, clock, landlord
):
    receiver.answers = [500] * 500
    for _step in range(40):
        work()
        clock.forward(hours=4)
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.off) == (False, WebhookEndpoint.Off.FAILING)
    work()
    assert [m.subject for m in mail.outbox if "ERP" in m.subject]
    asked = len(receiver.requests)
    clock.forward(days=1)
    work()
    assert len(receiver.requests) == asked
    receiver.answers = []
    endpoints.switch_on(endpoint, now=clock())
    outbox.replay_failed(endpoint, now=clock())
    work()
    assert types(receiver) == ["claim.filed", "claim.routed"]


def test_gone_switches_it_off_at_once(receiver, endpoint, claim, work):
    receiver.answers = [410]
    work()
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.off) == (False, WebhookEndpoint.Off.GONE)
    assert len(receiver.requests) == 1


def test_a_redirect_is_a_failure_and_is_not_followed(receiver, endpoint, claim, work):
    receiver.answers = [302]
    receiver.headers = {"Location": "http://127.0.0.1:1/secret"}
    work()
    [attempt] = endpoint.messages.get(tries=1).attempts.all()
    assert attempt.status == 302
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/latest",
        "https://127.0.0.1/",
        "https://intern.example/",
        "http://erp.example/",
    ],
)
def test_nothing_inside_is_called(receiver, endpoint, claim, work, settings, address):
    """A host nobody allowed, plain HTTP, and one that is allowed but leads inside."""
    settings.PALIER_HTTP_PRIVATE = False
    settings.PALIER_HTTP_HOSTS = ["127.0.0.1", "169.254.169.254", "erp.example"]
    WebhookEndpoint.objects.update(address=address)
    work()
    assert receiver.requests == []
    [attempt] = endpoint.messages.get(tries=1).attempts.all()
    assert attempt.error.startswith("Refused")


def test_a_step_that_staff_undo_is_told_to_nobody(receiver, endpoint, claim, work, clock, landlord):
    work()
    agent = Actor.member(member(landlord["north"], "agent"))
    event = advance(claim=claim, transition="take_charge", actor=agent, now=clock())
    undo(event=event, actor=agent, now=clock())
    clock.forward(minutes=2)
    work()
    assert "claim.take_charge" not in types(receiver)


def test_only_the_events_that_it_wants(receiver, endpoint, claim, work):
    WebhookEndpoint.objects.update(events=["claim.routed"])
    work()
    assert types(receiver) == ["claim.routed"]


def test_both_secrets_sign_for_a_day_after_a_change(receiver, endpoint, claim, work, clock):
    former = receiver.secret
    receiver.public = ""
    new = endpoints.renew_secret(endpoint, now=clock())
    assert new != former
    work()
    assert types(receiver) == ["claim.filed", "claim.routed"]
    clock.forward(hours=25)
    outbox.send_test(endpoint, now=clock())
    work()
    assert receiver.refused == ["signature"]
    receiver.secret = new
    clock.forward(minutes=10)
    work()
    assert event_types.TEST in types(receiver)


def test_a_new_key_of_the_portal_is_noticed_and_an_old_one_still_signs(
    receiver, endpoint, claim, work, settings
):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    work()
    assert types(receiver) == ["claim.filed", "claim.routed"]
    settings.SECRET_KEY_FALLBACKS = []
    message = outbox.send_test(endpoint, now=endpoint.made_at)
    work()
    assert message.attempts.get().error.startswith("KeyLost")


def test_a_message_can_be_sent_again_by_hand(receiver, endpoint, claim, work, clock):
    work()
    message = endpoint.messages.get(kind="claim.filed")
    outbox.replay(message, now=clock())
    work()
    assert receiver.repeats == [message.name]


def test_each_event_of_a_claim_is_told_or_kept_inside_on_purpose():
    told, inside = set(event_types.TOLD), set(event_types.KEPT_INSIDE)
    assert told | inside == set(event_types.Event)
    assert not told & inside


def test_old_messages_are_deleted(receiver, endpoint, claim, work, clock):
    work()
    assert endpoints.tidy(clock() + timedelta(days=29)) == 0
    assert endpoints.tidy(clock() + timedelta(days=31)) > 0
    assert not endpoint.messages.exists()


def test_no_secret_lies_in_the_database(receiver, endpoint):
    row = WebhookEndpoint.objects.values().get()
    assert not any(receiver.secret.removeprefix("whsec_") in str(value) for value in row.values())


def test_a_sensitive_category_is_not_named(receiver, endpoint, landlord, work, clock, claim):
    category("NUI-01", "U3", "agency", sensitive=True)
    work()
    assert "NUI-01" not in "".join(one["body"] for one in receiver.requests)
