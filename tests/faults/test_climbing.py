"""A claim nobody touches climbs every level once while workers are killed and clocks jump."""

from collections import Counter

import pytest

from portal.actor import Actor
from portal.clock import now
from requests.claims.event_models import ClaimEvent
from requests.claims.events import Event
from requests.filing.actions import Filing, file_claim
from requests.jobs.models import Job
from requests.promises.models import EscalationStep, EscalationTold
from requests.routing.actions import route_claim
from tests.factories import member
from tests.faults.stand import Stand

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_clock]
CLAIMS = 12
MONTH = 40 * 24 * 3600  # seconds: past every level of every promise


class Jumping(Stand):
    """A stand whose workers read a clock that the test sets."""

    def __init__(self, home) -> None:
        self.ahead = home / "ahead"
        self.jump(0)
        super().__init__(home)
        self.env |= {
            "DJANGO_SETTINGS_MODULE": "tests.faults.jumping",
            "PALIER_TEST_AHEAD": str(self.ahead),
        }

    def jump(self, seconds: float) -> None:
        """Set the clock ahead; written aside, so that no worker reads half a number."""
        aside = self.ahead.with_suffix(".new")
        aside.write_text(str(seconds))
        aside.replace(self.ahead)


@pytest.fixture
def stand_type():
    return Jumping


def reached() -> int:
    """Levels reached so far."""
    return EscalationStep.objects.filter(done_at__isnull=False).count()


def test_every_level_once_while_workers_die_and_clocks_jump(stand, landlord, rng):
    people = {
        "desk": member(landlord["north"], "agent"),
        "agency_manager": member(landlord["north"], "agency_manager"),
        "head_office": member(landlord["head"], "head_office"),
    }
    moment = now()
    for number in range(CLAIMS):
        filing = Filing(
            channel="web", key=str(number), category="PLO-03", dwelling=landlord["dwelling"].pk
        )
        route_claim(claim_id=file_claim(filing, actor=Actor.TENANT, now=moment).pk, now=moment)
    steps = EscalationStep.objects.count()
    assert steps == CLAIMS * 4 * 3
    for share in sorted(rng.sample(range(5, 95), 3)):
        stand.jump(MONTH)
        stand.until(lambda share=share: reached() >= steps * share // 100)
        stand.kill(rng)
        stand.jump(-rng.randrange(MONTH))  # back into the past, in the middle of the climb
    stand.jump(MONTH)
    # Promises of news made for the new dates climb too, once their time has come.
    stand.until(lambda: reached() >= steps)
    stand.until(lambda: not Job.objects.filter(kind="escalate", done_at__isnull=True).exists())
    climbed = Counter(
        ClaimEvent.unscoped.filter(name__in=[Event.LATE, Event.ESCALATED])
        .exclude(facts__promise="news")
        .values_list("claim", "facts__promise", "facts__level")
    )
    assert len(climbed) == steps
    assert set(climbed.values()) == {1}
    told = Counter(EscalationTold.objects.values_list("step", "membership"))
    assert set(told.values()) == {1}
    first = EscalationTold.objects.exclude(step__promise__kind="news")
    names = {"before": "desk", "due": "agency_manager", "after": "head_office"}
    assert first.count() == steps
    assert all(people[names[t.step.level]] == t.membership for t in first.select_related("step"))
