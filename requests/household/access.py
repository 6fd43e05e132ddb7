"""End a person's access with the links of their claims, and give it back."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agencies.models import Membership
from portal.actor import Actor
from portal.scope import system_scope
from requests.claims import links
from requests.claims.models import Claim
from tenants.actions import access_end
from tenants.models import AccessEnd, Occupancy, Tenant

Conflict = access_end.Conflict


def stays_of(tenant: Tenant, member: Membership) -> list[Occupancy]:
    """Return the stays that the member may end: those of their stock that go on."""
    rows = tenant.occupancies.all().until(timezone.localdate()).seen_by(member)
    return list(rows.select_related("lease__dwelling"))


def may_end(tenant: Tenant, member: Membership) -> bool:
    """Return whether the member may end this person's access.

    Never of a person who lives in the stock of others only: their account is no business of an
    agency that they left.
    """
    with system_scope("lives elsewhere"):
        elsewhere = tenant.occupancies.in_force(timezone.localdate()).exists()
    return bool(stays_of(tenant, member)) or not elsewhere


@transaction.atomic
def end_access(*, tenant: Tenant, member: Membership, reason: str, now: datetime) -> AccessEnd:
    """End stays, account link, mandates and sessions, and close the links of their claims."""
    stays = stays_of(tenant, member)
    end = access_end.end_access(tenant=tenant, stays=stays, reason=reason, by=member.user, now=now)
    actor = Actor.member(member)
    closed = []
    for claim in Claim.objects.system("end of access").filter(tenant=tenant).order_by("pk"):
        if links.close(claim=claim, actor=actor, now=now, reason=reason):
            closed.append(str(claim.pk))
    end.snapshot["claims"] = closed
    end.snapshot["units"] = sorted({*end.snapshot["units"], member.unit_id})
    end.save(update_fields=["snapshot"])
    return end


@transaction.atomic
def undo(*, end: AccessEnd, member: Membership, now: datetime) -> AccessEnd:
    """Give it back; the claims get new links. Raises ``Conflict``."""
    end = access_end.undo(end=end, by=member.user, now=now)
    actor = Actor.member(member)
    claims = Claim.objects.system("undo").filter(
        pk__in=end.snapshot.get("claims", []), link_closed_at__isnull=False
    )
    for claim in claims.order_by("pk"):
        links.renew(claim=claim, actor=actor, now=now, reason="undone")
    return end
