"""What the data-protection officer has on the table: requests of persons, rules, a past run."""

from datetime import datetime, timedelta

from django.utils import timezone

from agencies.models import Membership
from portal.access import Role
from requests.privacy import actions, retention
from requests.privacy.models import Erasure, RetentionRun, RightsRequest
from tenants.models import ContactPoint, Need, Tenant

Kind, Channel = RightsRequest.Kind, RightsRequest.Channel
# An invented number: the person is in no table any more.
ERASED = "5d0c7c0e-6a39-4d0e-9f6e-2f6f1a7b9c11"


def _contacts(awa: Tenant, now: datetime) -> None:
    """Contact points that were asked about: one of the demo's tenant, and one in forty."""
    points = ContactPoint.objects.system("demo")
    asked = {"confirmed_at": now - timedelta(days=760), "asked_at": now - timedelta(days=8)}
    points.filter(tenant=awa, kind=ContactPoint.Kind.EMAIL).update(**asked)
    some = [key for key in points.values_list("pk", flat=True) if key % 40 == 7]
    points.filter(pk__in=some, kind__in=("email", "phone")).exclude(tenant=awa).update(
        **asked | {"asked_at": now - timedelta(days=45)}
    )
    needs = Need.objects.system("demo").filter(tenant=awa)
    needs.update(expires=now.date() + timedelta(days=21), asked_at=now - timedelta(days=8))


def build(now: datetime) -> None:
    """Write them through the same actions as real ones; ``now`` is the demo's present."""
    officer = Membership.objects.select_related("user").filter(role=Role.DPO).first()
    awa = Tenant.objects.system("demo").filter(user__isnull=False).first()
    others = Tenant.objects.system("demo").filter(user=None, merged_into=None).order_by("pk")
    if officer is None or awa is None:
        return
    _contacts(awa, now)
    today, user = timezone.localdate(now), officer.user
    actions.ask(
        tenant=awa,
        kind=Kind.RECTIFICATION,
        channel=Channel.PAGE,
        words="Mon prénom s’écrit sans accent.",
        received_on=today - timedelta(days=26),
        by=awa.user,
        now=now - timedelta(days=26),
    )
    for tenant, kind, ago in zip(others[:2], (Kind.ERASURE, Kind.ACCESS), (3, 40), strict=False):
        asked = actions.ask(
            tenant=tenant,
            kind=kind,
            channel=Channel.LETTER,
            words="",
            received_on=today - timedelta(days=ago),
            by=user,
            now=now - timedelta(days=ago),
        )
        if kind == Kind.ACCESS:
            answered = now - timedelta(days=30)
            text = "La copie vous a été remise à l’accueil."
            actions.answer(request=asked, granted=True, text=text, by=user, now=answered)
    retention.change(
        code="needs", months=1, source="Décision du DPO", active=True, by=user, now=now
    )
    RetentionRun.objects.create(
        kind="needs",
        day=today - timedelta(days=1),
        months=1,
        action="erase",
        began_at=now - timedelta(days=1),
        ended_at=now - timedelta(days=1),
        batches=1,
        touched=4,
        kept_back={"held": 0},
    )
    Erasure.objects.create(
        person=ERASED, at=now - timedelta(days=9), why="request", by=user, written_at=now
    )
