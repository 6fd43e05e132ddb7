"""Every kind of message leaves in the same way: one row, bounded attempts, and somebody told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agencies.models import Equipment, UpkeepReminder, UpkeepVisit
from requests import wiring
from requests.channels import marks
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.channels.outbound.receipt import Receipt
from requests.claims.event_models import Message
from requests.equipment import maintenance
from requests.identity import proxies
from requests.inbound import health, imap, invitations
from requests.jobs.models import Job
from requests.notifications import claim_messages, kinds, lateness, outgoing
from requests.notifications.models import Delivery
from requests.planned_works import actions as planned_works
from requests.planned_works import notices
from requests.planned_works.models import PlannedNotice
from requests.promises import escalation
from requests.promises.models import EscalationStep
from requests.routing.actions import route_claim
from requests.work_orders import contractor_notices
from requests.work_orders.actions import Actor, create_order, send_order
from tenants.models import ConsentCode
from tests import factories
from tests.requests.channels import mails as made
from tests.requests.fixtures.channels import Provider

Kind = Delivery.Kind
PHONE = "+33612345678"
PASSING = Receipt(False, answer="451 try later")
REFUSED = Receipt(False, answer="550 refused", permanent=True)
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=ZoneInfo("Europe/Paris"))
MORNING_AFTER = datetime(2026, 11, 25, 8, 0, 1, tzinfo=ZoneInfo("Europe/Paris"))


class Making:
    """Makes one message of each kind as its slice does, queued and not yet sent."""

    def __init__(self, landlord, clock, make_claim) -> None:
        self.landlord, self.now, self.make_claim = landlord, clock, make_claim

    def claim_event(self) -> None:
        event = self.make_claim().events.get(name="filed")
        route_claim(claim_id=event.claim_id, now=self.now())
        told = event.claim.events.get(name="routed")
        claim_messages.notify(key=str(told.pk), now=self.now())

    def order(self) -> None:
        holder = factories.contractor()
        agent = Actor.member(factories.member(self.landlord["north"], "agent"))
        order = create_order(
            claim=self.make_claim(),
            contractor=holder,
            contract=factories.contract(holder),
            payer="landlord",
            why="by_law",
            description="Réparer la fuite",
            respond_by=self.now() + timedelta(days=3),
            actor=agent,
            now=self.now(),
        )
        send_order(order=order, actor=agent, now=self.now())

    def invitation(self) -> None:
        boss = factories.contractors_person(factories.contractor(), "boss@example.test", leads=True)
        user = factories.account("erwan@example.test")
        contractor_notices.invite(user=user, by=boss, now=self.now())

    def planned_works(self) -> None:
        home = self.landlord["dwelling"]
        factories.contact(factories.tenant(home), PHONE, verified=True)
        starts = self.now() + timedelta(days=20)
        works = planned_works.announce(
            kind="water",
            title="Coupure d'eau",
            text="Remplissez une bouteille.",
            residence=home.staircase.building.residence,
            starts=starts,
            ends=starts + timedelta(hours=4),
            membership=factories.member(self.landlord["north"], "agent"),
            now=self.now(),
        )
        notices.write(key="k", now=self.now(), works=str(works.pk), version=1, event="announced")

    def lateness(self) -> None:
        factories.member(self.landlord["north"], "agency_manager")
        claim = self.make_claim()
        route_claim(claim_id=claim.pk, now=self.now())
        step = EscalationStep.objects.get(
            promise__claim=claim, promise__kind="acknowledgement", level="due"
        )
        assert escalation.climb(step_id=step.pk, now=step.due_at)
        (job,) = Job.objects.filter(kind="lateness")
        lateness.gather(key=job.key, now=self.now(), **job.payload)

    def consent_code(self) -> None:
        person = factories.tenant(self.landlord["dwelling"], email="awa@example.test")
        factories.contact(person, PHONE, verified=True)
        given = {
            "proxy_name": "Inès Morel",
            "proxy_email": "ines@example.test",
            "scope": "ordinary",
            "ends": timezone.localdate(self.now()) + timedelta(days=30),
        }
        proxies.ask(tenant=person, given=given, by=person.user, now=self.now())

    def private_reply(self) -> None:
        post = invitations.Post(
            "106000000000001", "comment_id", "5001_1", "77000001", "Awa", "Le hall est sale"
        )
        intake = Intake.objects.create(
            channel="page", external_id=post.number, raw=b"{}", received_at=self.now()
        )
        invitations.take(intake_id=intake.pk, post=post, now=self.now())

    def maintenance(self) -> None:
        factories.contract(factories.contractor("AV"), families=[], equipment_kinds=["lift"])
        stairs = self.landlord["dwelling"].staircase
        lift = Equipment.objects.create(
            building=stairs.building, staircase=stairs, kind="lift", label="Ascenseur A1"
        )
        today = timezone.localdate(self.now())
        UpkeepVisit.objects.create(
            equipment=lift,
            what="lift_visit",
            done_on=today - timedelta(days=50),
            recorded_at=self.now(),
        )
        maintenance.sweep(self.now())
        maintenance.remind(key=str(UpkeepReminder.objects.get().pk), now=self.now())


@pytest.fixture
def provider(monkeypatch, settings) -> Provider:
    """Every door out of the house; it answers what it is told to."""
    settings.PALIER_PAGE_ID = "106000000000001"
    settings.PALIER_REPLY_TO = "palier@bailleur.example"
    door = Provider()
    for name in ("email", "sms", "page"):
        monkeypatch.setattr(f"requests.channels.outbound.{name}.send", door)
    return door


@pytest.fixture(params=Kind.values)
def queued(request, landlord, clock, make_claim, provider):
    """Make the message of one kind, and let nothing else be due; returns its row."""

    def make() -> Delivery:
        getattr(Making(landlord, clock, make_claim), request.param)()
        row = Delivery.objects.get(kind=request.param)
        its = Job.objects.filter(payload__delivery=str(row.pk))
        Job.objects.exclude(pk__in=its.values("pk")).update(done_at=clock())
        return row

    return make


@pytest.fixture
def told(landlord, clock):
    """What people read of messages that failed or are held: notes, the page of health, the tray."""
    director = factories.member(landlord["head"], "head_office")

    def read() -> list[str]:
        notes = Message.objects.filter(direction="note").values_list("text", flat=True)
        lines = [line["advice"] for line in health.not_arrived(director, clock())]
        tray = Intake.objects.filter(state="failed").values_list("error", flat=True)
        return [*notes, *lines, *tray]

    return read


def state_of(row: Delivery) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.attempts


def test_every_kind_is_installed_once():
    assert [kind.kind for kind in wiring.DELIVERY_KINDS] == list(Kind)
    with pytest.raises(ValueError, match="maintenance"):
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
    if row.kind == Kind.CONSENT_CODE:
        # A person within minutes: the code would end with its day.
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
        assert PlannedNotice.objects.get().state == "to_hand"
    elif row.kind == Kind.CONSENT_CODE:
        assert ConsentCode.objects.get().sent_at is None  # staff see it and read it out
    elif row.kind == Kind.MAINTENANCE:
        assert UpkeepReminder.objects.get().sent_to == ""
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
            outgoing.receipt_of(row, "hard", "undelivered", clock())
    assert state_of(row) == ("failed_permanent", 1)
    assert len(told()) == 1
    follow_up(row)


def test_beyond_the_cap_it_is_held_until_a_person_lets_it_go(queued, work, clock, provider):
    row = queued()
    Delivery.objects.bulk_create(
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
    assert row.pk in Delivery.objects.filter(state="sent", kind=row.kind).values_list(
        "pk", flat=True
    )
    assert len(provider.sent) == 1


def test_at_night_only_a_code_somebody_waits_for_rings(queued, work, clock, provider):
    clock.at = NIGHT
    row = queued()
    work()
    if row.kind == Kind.PLANNED_WORKS:
        assert (state_of(row), provider.sent) == (("queued", 0), [])
        clock.forward(seconds=(MORNING_AFTER - NIGHT).total_seconds())
        work()
    elif row.kind == Kind.PRIVATE_REPLY:
        assert provider.sent[0].rings is False  # it arrives without a sound
    assert state_of(row) == ("sent", 1)
