"""Work that stands half done in any landlord's week: an import to approve, an entry to sort.

Made through the same actions as real ones, so that every screen of the demo has its object.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agencies.imports import runs
from agencies.models import Equipment, Membership
from portal.actor import Actor
from requests.channels import intake, reasons
from requests.claims.models import Claim
from requests.closing import proof
from requests.demo import letters as paper
from requests.equipment import corrections
from requests.identity import actions as identity
from requests.jobs.models import Job
from requests.work_orders.models import OrderLink, WorkOrder
from tenants.actions import mandates
from tenants.bill_codes import bill_code
from tenants.imports.persons import template
from tenants.models import AccountLink, Lease, Occupancy, Tenant

# A mail that names nobody and no home: a person must say whose it is.
ORPHAN = """From: =?utf-8?q?Le_fils_de_Mme_P=2E?= <fils@example.org>
To: bonjour@demo.palier.example
Subject: Volet de ma mere
Date: Mon, 2 Nov 2026 09:12:00 +0100
Message-ID: <volet-1@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Bonjour, le volet de la chambre de ma mère ne remonte plus. Elle habite chez vous
depuis vingt ans. Pouvez-vous passer ? Merci d’avance.
"""


def build(now: datetime) -> None:
    """Write them for the agency of the demo's agent; ``now`` is the demo's present."""
    agent = Membership.objects.select_related("user", "unit").filter(role="agent").first()
    manager = Membership.objects.select_related("user").filter(
        role="agency_manager", unit=agent.unit if agent else None
    )
    if agent is None or not manager:
        return
    _import(manager[0], now)
    _entry(now)
    _correction(agent, now)
    _doubles(agent, now)
    _mandates(now)
    _leases(agent, now)
    paper.build(agent, now)
    for order in WorkOrder.objects.system("demo").filter(sent_at__isnull=False):
        OrderLink.objects.create(order=order, created_at=now)
    closed = Claim.objects.system("demo").filter(state="closed", tenant__user__isnull=False)
    for claim in closed.order_by("pk")[:1]:
        proof.make_proof(claim=claim, now=now)


def _import(manager: Membership, now: datetime) -> None:
    """Write a checked import of the tenants' template: its invented leases are unknown here."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(template())
    runs.start(
        kind="tenants",
        upload=SimpleUploadedFile("locataires-septembre.csv", text.getvalue().encode()),
        by=manager.user,
        now=now,
    )
    runs.drain(lambda: now)


def _entry(now: datetime) -> None:
    entry, _new = intake.receive(
        channel="email", external_id="demo-volet-1", raw=ORPHAN.encode(), now=now
    )
    intake.fail(entry, reasons.coded("unreadable_sender"))
    Job.objects.filter(kind=Job.Kind.INTAKE).delete()


def _correction(agent: Membership, now: datetime) -> None:
    gear = Equipment.objects.filter(building__residence__unit=agent.unit).order_by("pk").first()
    caretaker = Membership.objects.select_related("user").filter(role="caretaker", unit=agent.unit)
    if gear and caretaker:
        corrections.propose(
            equipment=gear,
            key=str(UUID(int=1)),
            values={"label": gear.label, "installed": gear.installed, "contract": "P2-2031"},
            note="Relevé sur la plaque.",
            by=caretaker[0].user,
            now=now,
        )


def _doubles(agent: Membership, now: datetime) -> None:
    """Write two pairs of duplicate people of the agency: one pair is merged, one waits."""
    here = "lease__dwelling__staircase__building__residence__unit"
    stays = Occupancy.objects.system("demo").filter(
        **{here: agent.unit_id}, ends__isnull=True, tenant__user=None
    )
    for number, stay in enumerate(stays.select_related("tenant").order_by("pk")[:2]):
        kept = stay.tenant
        again = Tenant.objects.system("demo").create(
            civility=kept.civility,
            first_name=kept.first_name,
            last_name=kept.last_name.upper(),
            language=kept.language,
            external_ref=f"D-{number}",
        )
        for point in kept.contact_points.all():
            again.contact_points.create(kind=point.kind, value=point.value)
        Occupancy.objects.create(
            lease=stay.lease, tenant=again, capacity="joint_tenant", starts=stay.starts
        )
        if number == 0:
            plan = identity.preview(kept, again)
            identity.merge(
                kept=kept,
                absorbed=again,
                seen=identity.digest(plan),
                reason="Même personne, vue à l’accueil",
                actor=Actor.member(agent),
                now=now,
            )


def _leases(agent: Membership, now: datetime) -> None:
    """Write what an import of current leases leaves behind: a home twice let, a lease it lost."""
    here = "lease__dwelling__staircase__building__residence__unit"
    homes = Occupancy.objects.system("demo").filter(**{here: agent.unit_id}, ends__isnull=True)
    with_account = homes.filter(tenant__user__isnull=False).values("lease")
    found = list(
        homes.filter(capacity="holder", lease__ends__isnull=True)
        .exclude(lease__in=with_account)
        .select_related("lease__dwelling")
        .order_by("-pk")[:2]
    )
    if len(found) < 2:
        return
    today = timezone.localdate(now)
    starts = today - timedelta(days=20)
    lease = Lease.objects.create(
        dwelling=found[0].lease.dwelling,
        reference="DEMO-2",
        bill_code=bill_code(),
        starts=starts,
    )
    newcomer = Tenant.objects.system("demo").create(
        civility="M.", first_name="Naïm", last_name="Berthier", external_ref="D-LEASE"
    )
    Occupancy.objects.create(lease=lease, tenant=newcomer, capacity="holder", starts=starts)
    awa = Tenant.objects.system("demo").filter(user__isnull=False).first()
    stay = awa.occupancies.select_related("lease").first() if awa else None
    if awa and stay:
        linked = now - timedelta(days=90)
        AccountLink.objects.create(
            tenant=awa,
            user=awa.user,
            lease=stay.lease,
            asked_at=linked,
            linked_at=linked,
            opens_at=linked,
        )
    lost = found[1].lease
    lost.missing_since = today - timedelta(days=3)
    lost.save(update_fields=["missing_since"])


def _mandates(now: datetime) -> None:
    """Write mandates: the demo's tenant is helped by her daughter, and helps a neighbour."""
    tenants = Tenant.objects.system("demo")
    awa = tenants.filter(user__isnull=False).first()
    helped = tenants.filter(user=None, merged_into=None, claims__category__sensitive=False)
    neighbour = helped.filter(claims__state="in_review").order_by("pk").first()
    if awa is None or neighbour is None:
        return
    given = {"scope": "ordinary", "ends": timezone.localdate(now) + timedelta(days=300)}
    paper: dict[str, Any] = {"consent": "letter", "by": None, "now": now}
    mandates.record_consent(
        tenant=awa,
        given={**given, "proxy_name": "Inès Morel", "proxy_email": "ines@example.org"},
        proof="Courrier du 2 novembre",
        **paper,
    )
    mandate = mandates.record_consent(
        tenant=neighbour,
        given={**given, "proxy_name": str(awa), "proxy_email": awa.user.email},
        proof="Signé à l’accueil",
        **paper,
    )
    mandates.accept(mandate=mandate, user=awa.user, now=now)
