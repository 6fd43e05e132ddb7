"""Worker and broker killed while claims are filed (docs/adr/0002)."""

import pytest

from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.claims.models import Claim
from requests.jobs.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]


def test_a_worker_killed_while_routing_loses_and_doubles_nothing(stand, landlord, rng):
    dwelling = landlord["dwelling"].pk
    stand.file("client", 60, dwelling)
    kills = sorted(rng.sample(range(20, 120), 3))
    for moment in kills:
        stand.until(lambda moment=moment: Job.objects.exclude(done_at=None).count() >= moment)
        stand.kill(rng)
    confirmed = stand.ledger()
    assert len(confirmed) == 60
    stand.until(lambda: not Job.objects.filter(done_at__isnull=True).exists())
    stand.check_each_once(confirmed)
    # A mail cannot be sent exactly once: repeats carry the same Message-ID and are few.
    mails = stand.mails()
    assert len(mails) == ClaimEvent.unscoped.filter(name=Event.ROUTED).count()
    assert mails.total() - len(mails) <= 2 * len(kills)


def test_a_broker_killed_while_filing_delays_and_loses_nothing(stand, landlord, rng):
    dwelling = landlord["dwelling"].pk
    claims = Claim.objects.system("test")
    stand.file("before", 20, dwelling)
    stand.until(lambda: claims.count() >= rng.randrange(1, 15))
    stand.kill_broker()
    stand.file("during", 30, dwelling)
    confirmed = stand.ledger()
    assert len(confirmed) == 50
    assert Job.objects.filter(done_at__isnull=True).exists()
    assert stand.valkey.start()
    stand.until(lambda: not Job.objects.filter(done_at__isnull=True).exists())
    stand.check_each_once(confirmed)
