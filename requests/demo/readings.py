"""Who opened the records of the demo's tenant, two emergency openings, and a sealed trail."""

from datetime import datetime, timedelta

from agencies.models import Membership
from portal.access import Role
from portal.actor import PROXY, Actor
from portal.audit import erasure, sealer
from portal.opened import Listed
from requests.audit import actions
from requests.audit.models import EmergencyOpening, RecordView
from requests.claims.models import Claim
from requests.kit.choices import OPEN, Urgency
from tenants.models import Mandate, Tenant

READERS = (Role.AGENT, Role.CALL_TAKER, Role.AGENCY_MANAGER)
Means = RecordView.Means


def build(now: datetime) -> None:
    """Write what the pages of the officer, of managers and of the tenant list."""
    members = list(Membership.objects.select_related("user", "unit", "contractor").order_by("pk"))
    first = {m.role: m for m in reversed(members)}
    _everyday(first, now)
    _lists(first, now)
    _emergencies(first, members, now)
    _over(first, now)
    # The whole trail of the demo; the beat seals the rest of a larger landlord's.
    sealer.run(now)


def _everyday(first: dict[str, Membership], now: datetime) -> None:
    rows = []
    for person in Tenant.objects.system("demo").filter(user__isnull=False).order_by("pk")[:5]:
        claims = list(Claim.objects.system("demo").filter(tenant=person).order_by("filed_at")[:4])
        for day, role in enumerate(READERS, start=1):
            at = now - timedelta(days=day, hours=day)
            reader = Actor.member(first[role])
            rows += [actions.view_of(record, reader, at, Means.PAGE) for record in claims[:day]]
            rows.append(actions.view_of(person, reader, at, Means.PAGE))
        if claims:
            by_link = Actor.contractor()
            at = now - timedelta(days=2)
            rows.append(actions.view_of(claims[0], by_link, at, Means.LINK, "Plomberie du Port"))
        for mandate in Mandate.objects.system("demo").filter(tenant=person, proxy__isnull=False):
            if claims:
                at = now - timedelta(days=5)
                rows.append(
                    actions.view_of(claims[0], Actor(PROXY, mandate.proxy), at, Means.MANDATE)
                )
    actions.write(rows)


def _lists(first: dict[str, Membership], now: datetime) -> None:
    """A morning's lists and searches of a few colleagues; one pages through everything."""
    looks = [
        (Role.AGENT, "agency:inbox", {"view": ["all"]}, Listed(25, 143), 20),
        (Role.AGENT, "agency:inbox", {"q": ["Traoré"]}, Listed(3, 3), 50),
        (Role.AGENT, "calls:desk", {"tel": ["06 39 98 00 01"]}, Listed(1, 1), 65),
        (Role.AGENCY_MANAGER, "complaints", {}, Listed(4, 4), 90),
        (Role.AGENCY_MANAGER, "identity:index", {"name": ["Nguyen"]}, Listed(2, 2), 95),
    ]
    looks += [
        (Role.HEAD_OFFICE, "agency:inbox", {"page": [str(page)]}, Listed(25, 143), 200 - page)
        for page in range(2, 5)
    ]
    for role, page, query, listed, minutes in looks:
        at = now - timedelta(minutes=minutes)
        row = actions.list_view_of(listed, Actor.member(first[role]), at, page=page, query=query)
        actions.write_list(row)


def _emergencies(first: dict[str, Membership], members: list[Membership], now: datetime) -> None:
    """One that is over, of an agent elsewhere; one that is open, for each of the demo's desk."""
    asking = [first[Role.AGENT], first[Role.AGENCY_MANAGER]]
    unit = asking[0].unit_id
    elsewhere = next(m for m in members if m.role == Role.AGENT and m.unit_id != unit)
    claims = Claim.objects.system("demo").filter(
        category__sensitive=False, confidential=False, state__in=OPEN, residence__isnull=False
    )
    here = claims.filter(residence__unit=unit).order_by("category__urgency", "filed_at").first()
    there = (
        claims.filter(category__urgency__in=[Urgency.U0, Urgency.U1, Urgency.U2, Urgency.U3])
        .exclude(residence__unit=unit)
        .exclude(owner__unit=unit)
        .order_by("category__urgency", "filed_at")
        .first()
    )
    reason = "La personne appelle : fuite chez le voisin, l’agence voisine est fermée."
    openings = [(here, elsewhere, now - timedelta(days=2))]
    openings += [(there, member, now) for member in asking]
    rows = []
    for claim, member, at in openings:
        if claim is None:
            continue
        EmergencyOpening.objects.system("demo").create(
            claim=claim,
            asker=member.user,
            role=member.role,
            unit=member.unit,
            reason=reason,
            at=at,
            until=at + timedelta(hours=1),
        )
        rows.append(actions.view_of(claim, Actor.member(member), at, Means.EMERGENCY))
    actions.write(rows)


def _over(first: dict[str, Membership], now: datetime) -> None:
    """A look of more than a year ago, deleted by the rule that says so."""
    person = Tenant.objects.system("demo").filter(user__isnull=False).order_by("pk").first()
    if person is None:
        return
    old = now - timedelta(days=400)
    reader = Actor.member(first[Role.AGENT])
    actions.record_access(actor=reader, now=old, tenants=[person])
    looks = RecordView.objects.system("demo").filter(at__lt=now - timedelta(days=365))
    keys = list(looks.values_list("pk", flat=True))
    erasure.delete_rows("record_view", keys, reason="Consultations de plus de douze mois", by=None)
