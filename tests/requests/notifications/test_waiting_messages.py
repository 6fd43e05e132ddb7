"""Messages that waited in the form of the former senders leave through the one engine, once."""

from importlib import import_module

import pytest
from django.apps import apps

from agencies.models import Membership
from requests.inbound.invitation_models import Invitation
from requests.jobs.models import Job
from requests.notifications.models import Delivery
from requests.planned_works import actions as planned_works
from requests.work_orders.models import OrderEvent
from tenants.models import ConsentCode
from tests.requests.notifications.making import Making

migration = import_module("requests.migrations.0009_waiting_messages")


@pytest.fixture
def former(landlord, clock, make_claim, provider):
    """Make the message of one kind, and put its job back into the form it had before."""

    def make(kind: str, old_kind: str, key, **job) -> Job:
        getattr(Making(landlord, clock, make_claim), kind)()
        Job.objects.all().delete()
        Delivery.unscoped.all().delete()
        return Job.objects.create(
            kind=old_kind, key=str(key() if callable(key) else key), next_at=clock(), **job
        )

    return make


CASES = [
    ("order", "order", lambda: OrderEvent.unscoped.get(name="send").pk),
    ("planned_works", "planned", lambda: works().notices.get().pk),
    ("planned_works", "planned", lambda: f"{works().notices.get().pk}@1795510800"),
    ("consent_code", "consent", lambda: ConsentCode.unscoped.get().pk),
    ("private_reply", "private", lambda: f"{Invitation.unscoped.get().pk}:0:0"),
    ("invitation", "invite", lambda: invitation_key()),
]


def works():
    return planned_works.PlannedWorks.objects.get()


def invitation_key() -> str:
    boss = Membership.objects.get(user__email="boss@example.test")
    user = Membership.objects.model._meta.get_field("user").related_model.objects
    return f"{user.get(email='erwan@example.test').pk.hex}:{boss.contractor_id}:498753"


@pytest.mark.parametrize(("kind", "old_kind", "key"), CASES)
def test_a_waiting_job_becomes_a_message_and_leaves_once(
    former, work, clock, provider, kind, old_kind, key
):
    former(kind, old_kind, key)
    for _twice in range(2):
        migration.carry_over(apps, None)
    assert list(Job.objects.values_list("kind", flat=True)) == ["deliver"]
    work()
    row = Delivery.unscoped.get()
    assert (row.kind, row.state, row.attempts) == (kind, "sent", 1)
    (message,) = provider.sent
    assert message.text


def test_what_is_dead_stays_dead(former, work, clock, provider):
    former("consent_code", "consent", CASES[3][2], attempts=Job.MAX_ATTEMPTS, error="451")
    migration.carry_over(apps, None)
    work()
    assert Job.objects.dead().get().error == "451"
    assert provider.sent == []


def test_what_was_sent_before_the_worker_died_is_not_sent_again(former, work, clock, provider):
    job = former("consent_code", "consent", CASES[3][2])
    ConsentCode.unscoped.update(sent_at=clock())
    migration.carry_over(apps, None)
    job.refresh_from_db()
    assert job.done_at
    assert not Delivery.unscoped.exists()


def test_what_is_gathered_or_written_later_gets_its_details(
    former, landlord, work, clock, provider
):
    former("planned_works", "planned", lambda: f"{works().pk}:1:an")
    works().notices.all().delete()
    migration.carry_over(apps, None)
    work()
    assert works().notices.get().state == "sent"
    Job.objects.create(kind="lateness", key="7:1795510800", next_at=clock())
    Job.objects.create(
        kind="deliver", key=f"{Delivery.unscoped.get().pk}:2:1795510800", next_at=clock()
    )
    migration.carry_over(apps, None)
    assert Job.objects.get(kind="lateness").payload == {"member": 7}
    want = {"delivery": str(Delivery.unscoped.get().pk), "attempt": 2}
    assert Job.objects.filter(kind="deliver", done_at=None).get().payload == want
