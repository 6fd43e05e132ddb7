"""Webhooks while workers are killed: each message reaches a foreign receiver, verified."""

from collections import Counter

import pytest

from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.jobs.models import Job
from requests.webhooks import endpoints, event_types
from requests.webhooks.models import WebhookMessage
from tests import trust
from tests.factories import member
from tests.faults.stand import Stand
from tests.requests.webhooks.receiver import Receiver

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_clock,
    pytest.mark.trust,
    pytest.mark.skipif(not trust.WHOLE, reason="real processes die for minutes: make trust"),
]
CLAIMS, KILLS = 150, 20
# One answer of so many is an error, so that retries are among what is killed; two in a row would
# make the endpoint rest for minutes.
UNWELL = 30


class Hooked(Stand):
    """A stand whose processes may call the receiver, over plain HTTP on this machine."""

    def _make_children(self, web: int) -> None:
        self.env |= {"DJANGO_SETTINGS_MODULE": "tests.faults.hooked_settings"}
        super()._make_children(web)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def stand_type():
    return Hooked


def test_each_event_reaches_a_receiver_whatever_dies(stand, landlord, receiver, rng):
    by = member(landlord["head"], "admin").user
    made = endpoints.make(name="ERP", address=receiver.address, events=[], by=by, now=now())
    receiver.secret, receiver.public = endpoints.secret_of(made), made.public
    receiver.answers = [204 if number % UNWELL else 503 for number in range(1, 20 * CLAIMS)]
    stand.file("client", CLAIMS, landlord["dwelling"].pk)
    messages = WebhookMessage.objects
    for kill in sorted(rng.sample(range(1, 2 * CLAIMS), KILLS)):
        stand.until(lambda kill=kill: len(receiver.taken) >= kill, seconds=600)
        stand.kill(rng)
    confirmed = stand.ledger()
    assert len(confirmed) == CLAIMS
    stand.until(lambda: not Job.objects.filter(done_at__isnull=True).exists(), seconds=900)
    events = ClaimEvent.unscoped.filter(name__in=event_types.TOLD)
    told = Counter(body["type"] for body in receiver.taken.values())
    print(
        f"{CLAIMS} claims, {KILLS} kills, {events.count()} events, {messages.count()} messages, "
        f"{len(receiver.requests)} requests, {len(receiver.taken)} taken {dict(told)}, "
        f"{len(receiver.repeats)} repeats, {len(receiver.refused)} refused"
    )
    assert receiver.refused == []  # every request was signed by both keys
    assert messages.count() == events.count() == len(receiver.taken)
    assert set(messages.values_list("state", flat=True)) == {WebhookMessage.State.DELIVERED}
    # A kill between the receiver's answer and our note of it: the same id again, not a new one.
    assert len(receiver.repeats) <= 2 * KILLS
