"""People who are probably recognised, and changes of records that wait for a person."""

from datetime import datetime, timedelta

from django.utils import timezone

from agencies.models import Membership
from requests.channels.models import Intake
from requests.inbound.new_claims import file_new_claim
from requests.inbound.reply import Reply
from requests.jobs.models import Job
from requests.kit.choices import Channel
from requests.routing import actions as routing
from tenants.actions import contact_points, household_changes, senders
from tenants.actions.contact_points import By, What
from tenants.contact_strength import Grade
from tenants.models import ContactPoint, Tenant

WORDS = "Bonjour, la porte du garage à vélos ne ferme plus depuis lundi."


def build(now: datetime) -> int:
    """Write them for the agency of the demo's agent and for its tenant; ``now`` is its present.

    Returns how many claims were added.
    """
    agent = Membership.objects.select_related("unit").filter(role="agent").first()
    if agent is None:
        return 0
    numbers = (
        ContactPoint.objects.system("demo")
        .filter(kind=ContactPoint.Kind.PHONE, verified=False, failing=False, tenant__user=None)
        .filter(tenant__in=Tenant.objects.at_home_with(agent))
        .select_related("tenant")
        .order_by("pk")
    )
    single = (p for p in numbers if senders.find(p.value, now).grade == Grade.PROBABLY)
    point = next(single, None)
    if point is not None:
        _text(point, now - timedelta(minutes=25))
        _proposal(point.tenant, now)
    if (awa := Tenant.objects.system("demo").filter(user__isnull=False).first()) is not None:
        _changes(awa, now)
    Job.objects.all().delete()  # what is shown as done needs nobody
    return int(point is not None)


def _text(point: ContactPoint, at: datetime) -> None:
    """Let somebody write from a number of the rent system that nobody has proved."""
    intake = Intake.objects.create(
        channel=Channel.SMS,
        external_id="demo/probably/1",
        raw=b"From=demo",
        received_at=at,
    )
    reply = Reply(sender=point.value, text=WORDS, verified=True)
    claim = file_new_claim(intake, reply, None, at).claim
    if claim:
        routing.route_claim(claim_id=claim.pk, now=at)


def _proposal(tenant: Tenant, now: datetime) -> None:
    """Let the rent system bring another number for somebody who corrected the first."""
    point = ContactPoint.objects.create(
        tenant=tenant, kind=ContactPoint.Kind.PHONE, value="+33639987654", proposed=True
    )
    contact_points.record(
        tenant,
        What.POINT_PROPOSED,
        side=By.IMPORT,
        by=None,
        now=now - timedelta(days=1),
        state="waits",
        point=point.pk,
        value=str(point),
    )


def _changes(awa: Tenant, now: datetime) -> None:
    """Let the demo's tenant add a number that waits for its code, and somebody of her home."""
    point = contact_points.add(
        tenant=awa, typed="+33639987655", side=By.PERSON, by=awa.user, now=now
    )
    contact_points.ask_code(point, now)
    since = timezone.localdate(now) - timedelta(days=20)
    household_changes.declare_occupant(
        tenant=awa, first_name="Moussa", last_name="Traoré", since=since, by=awa.user, now=now
    )
