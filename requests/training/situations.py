"""The request that an exercise is about: filed as a tenant would, sorted at once."""

from datetime import datetime

from django.utils import timezone

from agencies.models import Membership
from portal.actor import Actor
from portal.models import User
from requests.claims.models import Claim
from requests.filing.actions import Filing, file_claim
from requests.kit.choices import Channel
from requests.routing.actions import route_claim
from tenants.models import ContactPoint, Occupancy, Tenant

INVENTED = "+33639"  # numbers that nobody has (ARCEP keeps them for films)


def key_of(user: User, exercise: str) -> str:
    """Return the key under which the request of a person's exercise is filed, once."""
    return f"training/{user.pk}/{exercise}"


def claim_of(user: User, exercise: str) -> Claim | None:
    """Return the request of the exercise, if it was begun."""
    claims = Claim.objects.system("training").select_related("tenant", "category")
    return claims.filter(channel=Channel.WEB, key=key_of(user, exercise)).first()


def file_for(
    member: Membership, exercise: str, *, category: str, words: str, number: int, now: datetime
) -> Claim:
    """File the request that ``exercise`` is about, in the name of somebody of the member's agency.

    Returns the same claim when it is called again. ``number`` chooses another tenant for each
    exercise of a person.
    """
    if known := claim_of(member.user, exercise):
        return known
    tenant = tenant_for(member, number=number, now=now)
    stay = _stays(member, now).filter(tenant=tenant).select_related("lease").first()
    claim = file_claim(
        Filing(
            channel=Channel.WEB,
            key=key_of(member.user, exercise),
            category=category,
            words=words,
            tenant=str(tenant.pk) if tenant else None,
            dwelling=stay.lease.dwelling_id if stay else None,
        ),
        actor=Actor.TENANT,
        now=now,
    )
    route_claim(claim_id=claim.pk, now=now)
    claim.refresh_from_db()
    return claim


def tenant_for(member: Membership, *, number: int, now: datetime) -> Tenant | None:
    """Return a tenant of the member's agency with a mobile phone, if any.

    Whoever practises gets others than most: the choice follows from the account and ``number``, and
    stays the same whatever happens meanwhile.
    """
    phones = ContactPoint.objects.system("training").filter(
        kind=ContactPoint.Kind.PHONE, failing=False, value__startswith=INVENTED
    )
    rows = (
        Tenant.objects.system("training")
        .filter(pk__in=_stays(member, now).values("tenant"), merged_into=None)
        .filter(pk__in=phones.values("tenant"))
        .order_by("pk")
    )
    total = rows.count()
    return rows[(member.user.pk.int + 7 * number) % total] if total else None


def _stays(member: Membership, now: datetime):
    """Return who holds a lease today in the member's agency; at head office, in all of them."""
    rows = Occupancy.objects.system("training").in_force(timezone.localdate(now))
    rows = rows.filter(capacity=Occupancy.Capacity.HOLDER)
    if member.unit.kind == member.unit.Kind.HEAD_OFFICE:
        return rows
    return rows.filter(lease__dwelling__staircase__building__residence__unit=member.unit)
