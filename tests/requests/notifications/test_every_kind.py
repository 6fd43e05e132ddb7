"""Every kind of message leaves in the same way: one row, bounded attempts, and somebody told."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agencies.models import UpkeepReminder
from requests import wiring
from requests.channels import marks
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import Message
from requests.inbound import health, imap
from requests.incidents.models import Incident
from requests.jobs.models import Job
from requests.notifications import kinds, outgoing
from requests.notifications.models import Delivery
from requests.planned_works.models import PlannedNotice
from requests.surveys.models import SurveyInvitation
from tenants.models import AccountLink, ConsentCode, PointCode
from tests import factories
from tests.requests.channels import mails as made
from tests.requests.notifications.making import Making

Kind = Delivery.Kind
PHONE = "+33612345678"
PASSING = Receipt(False, answer="451 try later")
REFUSED = Receipt(False, answer="550 refused", permanent=True)
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=ZoneInfo("Europe/Paris"))
MORNING_AFTER = datetime(2026, 11, 25, 8, 0, 1, tzinfo=ZoneInfo("Europe/Paris"))

# A sweep over each kind of message.
pytestmark = pytest.mark.long


@pytest.fixture(params=Kind.values)
def queued(request, landlord, clock, make_claim, provider):
    """Make the message of one kind, and let nothing else be due; returns its row."""

    def make() -> Delivery:
        getattr(Making(landlord, clock, make_claim), request.param)()
        row = Delivery.unscoped.get(kind=request.param)
        its = Job.objects.filter(payload__delivery=str(row.pk))
        Job.objects.exclude(pk__in=its.values("pk")).update(done_at=clock())
        return row

    return make


@pytest.fixture
def told(landlord, clock):
    """What people read of messages that failed or are held: notes, the page of health, the tray."""
    director = factories.member(landlord["head"], "head_office")

    def read() -> list[str]:
        notes = Message.unscoped.filter(direction="note").values_list("text", flat=True)
        lines = [line["advice"] for line in health.failed_deliveries(director, clock())]
        tray = Intake.unscoped.filter(state="failed").values_list("error", flat=True)
        return [*notes, *lines, *tray]

    return read


def state_of(row: Delivery) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.attempts


def test_every_kind_is_installed_once():
    assert [kind.kind for kind in wiring.DELIVERY_KINDS] == list(Kind)
    with pytest.raises(ValueError, match="survey"):
        kinds.install(wiring.DELIVERY_KINDS[:-1])


def test_what_is_taken_leaves_once(queued, work, provider, told):
    row = queued()
    for _twice in range(2):
        work()
        Job.objects.filter(kind="deliver").update(done_at=None)
    assert state_of(row) == ("sent", 1)
    assert len(provider.sent) == 1
    assert told() == []


def test_a_passing_trouble_is_tried_again_under_the_same_name(queued, work, clock, provider, told):
    row = queued()
    provider.answers = [PASSING]
    work()
    assert state_of(row) == ("failed_temporary", 1)
    clock.forward(minutes=2)
    work()
    assert state_of(row) == ("sent", 2)
    names = {getattr(message, "message_id", "") for message in provider.sent}
    assert len(names) == 1
    assert told() == []


def test_a_trouble_that_lasts_ends_after_eight_attempts_with_a_person(
    queued, work, clock, provider, told
):
    row = queued()
    provider.down = True
    for _hour in range(60):
        work()
        clock.forward(hours=1)
    state, attempts = state_of(row)
    urgent = (Kind.CONSENT_CODE, Kind.LINK_CODE, Kind.LINK_NOTICE, Kind.POINT_CODE, Kind.DANGER)
    urgent += (Kind.INCIDENT, Kind.TRIAL)
    if row.kind in urgent:
        # A person within minutes: the code would end with its day, the stranger reads on.
        assert (state, attempts) == ("failed_permanent", 5)
    else:
        assert (state, attempts) == ("failed_permanent", 8)
    assert len(told()) == 1


def test_a_refusal_for_good_is_told_at_once(queued, work, provider, told):
    row = queued()
    provider.answers = [REFUSED]
    work()
    assert state_of(row) == ("failed_permanent", 1)
    assert ["550 refused" in text for text in told()] == [True]
    follow_up(row)


def follow_up(row: Delivery) -> None:
    """What the slice's own rows say, so that a person finds what is left to do."""
    if row.kind == Kind.PLANNED_WORKS:
        assert PlannedNotice.unscoped.get().state == "to_hand"
    elif row.kind == Kind.CONSENT_CODE:
        assert ConsentCode.unscoped.get().sent_at is None  # staff see it and read it out
    elif row.kind == Kind.LINK_CODE:
        assert AccountLink.unscoped.get().sent_at is None
    elif row.kind == Kind.POINT_CODE:
        assert PointCode.unscoped.get().sent_at is None
    elif row.kind == Kind.MAINTENANCE:
        assert UpkeepReminder.objects.get().sent_to == ""
    elif row.kind == Kind.INCIDENT:
        assert Incident.objects.get().by_poster == 1
    elif row.kind == Kind.SURVEY:
        assert SurveyInvitation.unscoped.get().state == "to_post"
    elif row.kind == Kind.ORDER:
        assert row.claim.orders.get().events.filter(name="mail_failed").count() == 1


def test_what_comes_back_later_is_told_once(queued, work, clock, provider, told):
    row = queued()
    work()
    row.refresh_from_db()
    if row.channel == "email":
        assert row.message_id == marks.message_id(row.pk)
        box = Mailbox.objects.create(slug="agence", address="palier@bailleur.example")
        raw = made.bounce("failed", "5.1.1", row.message_id, "550 user unknown")
        for number in (b"<1@", b"<2@"):
            intake, _new = imap.store(box, raw.replace(b"<1@", number), clock())
            work()
            intake.refresh_from_db()
            assert intake.claim_id == row.claim_id
    else:
        for _twice in range(2):
            outgoing.record_late_receipt(row, "hard", "undelivered", clock())
    assert state_of(row) == ("failed_permanent", 1)
    assert len(told()) == 1
    follow_up(row)


def test_beyond_the_cap_it_is_held_until_a_person_lets_it_go(queued, work, clock, provider):
    row = queued()
    Delivery.unscoped.bulk_create(
        Delivery(
            kind=Kind.MAINTENANCE,
            key=f"cap:{number}",
            recipient=row.recipient,
            channel=row.channel,
            state="sent",
            attempts=1,
            due_at=clock(),
            created_at=clock(),
        )
        for number in range(kinds.kind_of(row).most_an_hour)
    )
    work()
    assert state_of(row) == ("suppressed", 0)
    assert provider.sent == []
    outgoing.release(row, now=clock())
    work()
    assert row.pk in Delivery.unscoped.filter(state="sent", kind=row.kind).values_list(
        "pk", flat=True
    )
    assert len(provider.sent) == 1


def test_at_night_only_a_code_somebody_waits_for_rings(queued, work, clock, provider):
    clock.at = NIGHT
    row = queued()
    work()
    if row.kind in (Kind.PLANNED_WORKS, Kind.INCIDENT):
        assert (state_of(row), provider.sent) == (("queued", 0), [])
        clock.forward(seconds=(MORNING_AFTER - NIGHT).total_seconds())
        work()
    elif row.kind == Kind.PRIVATE_REPLY:
        assert provider.sent[0].rings is False  # it arrives without a sound
    assert state_of(row) == ("sent", 1)
