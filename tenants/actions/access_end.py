"""End a person's access by hand, or a lease with its people, and undo it.

Sessions that were ended are not given back; everything else is, as it was.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import sign_outs
from portal.models import User
from tenants.actions import account_link
from tenants.bill_codes import bill_code
from tenants.models import AccessEnd, AccountLink, Lease, Mandate, Occupancy, Tenant


class Conflict(Exception):
    """It is undone already, or what it would give back went elsewhere meanwhile."""


@transaction.atomic
def end_access(
    *, tenant: Tenant, stays: Iterable[Occupancy], reason: str, by: User, now: datetime
) -> AccessEnd:
    """End the person's ``stays``, their account's link, mandates and sessions, at once.

    Mandates end that the person gave, and those that their account holds for somebody of the same
    homes. ``requests.household.access`` closes the links of their claims.
    """
    tenant = (
        Tenant.objects.system("end of access").select_for_update(of=("self",)).get(pk=tenant.pk)
    )
    today = timezone.localdate(now)
    user = tenant.user
    stays = list(stays)
    homes = [stay.lease.dwelling_id for stay in stays]
    ended = {str(stay.pk): _end(stay, today - timedelta(days=1)) for stay in stays}
    held = Mandate.objects.system("end of access").filter(revoked_at__isnull=True)
    given = set(held.filter(tenant=tenant).values_list("pk", flat=True))
    if user:
        same = held.filter(proxy=user, tenant__occupancies__lease__dwelling__in=homes)
        given |= set(same.values_list("pk", flat=True))
    held.filter(pk__in=given).update(revoked_at=now, revoked_by=by)
    links = AccountLink.objects.of(tenant=tenant).filter(ended_at__isnull=True)
    linked = [str(link.pk) for link in links if user and link.user_id == user.pk]
    for link in links:
        account_link.end(link=link, why=AccountLink.Ended.STAFF, now=now)
    Tenant.objects.system("end of access").filter(pk=tenant.pk).update(user=None)
    if user:
        sign_outs.end_sessions(user)
    for stay in stays:  # the bill in their hands must not link them again
        Lease.objects.system("end of access").filter(pk=stay.lease_id).update(bill_code=bill_code())
    snapshot = {
        "user": str(user.pk) if user else None,
        "stays": ended,
        "mandates": [str(key) for key in given],
        "links": linked,
        "claims": [],
        "units": _units(stays),
    }
    return AccessEnd.objects.system("end of access").create(
        tenant=tenant, at=now, by=by, reason=reason, snapshot=snapshot
    )


@transaction.atomic
def end_lease(*, lease: Lease, ends: date, reason: str, by: User, now: datetime) -> AccessEnd:
    """End a lease and the stays under it on ``ends``, the last day."""
    lease = Lease.objects.system("end of access").select_for_update().get(pk=lease.pk)
    ends = max(ends, lease.starts)
    stays = list(lease.occupancies.select_related("lease__dwelling"))
    snapshot = {
        "lease_ends": str(lease.ends) if lease.ends else None,
        "stays": {
            str(stay.pk): _end(stay, ends) for stay in stays if not stay.ends or stay.ends > ends
        },
        "units": _units(stays),
    }
    lease.ends, lease.missing_since = ends, None
    lease.save(update_fields=["ends", "missing_since"])
    return AccessEnd.objects.system("end of a lease").create(
        lease=lease, at=now, by=by, reason=reason, snapshot=snapshot
    )


def _end(stay: Occupancy, day: date) -> str | None:
    """End the stay on ``day``, or on its first day; return the end it had."""
    before = str(stay.ends) if stay.ends else None
    if stay.ends is None or stay.ends > day:
        stay.ends = max(day, stay.starts)
        stay.save(update_fields=["ends"])
    return before


def _units(stays: Iterable[Occupancy]) -> list[int]:
    """Return the units whose stock it is, for permissions."""
    path = "lease__dwelling__staircase__building__residence__unit"
    rows = Occupancy.objects.system("end of access").filter(pk__in=[stay.pk for stay in stays])
    return sorted(set(rows.values_list(path, flat=True)))


@transaction.atomic
def undo(*, end: AccessEnd, by: User, now: datetime) -> AccessEnd:
    """Give back dates, account and mandates. Raises ``Conflict``."""
    rows = AccessEnd.objects.system("undo").select_for_update(of=("self",))
    end = rows.get(pk=end.pk)
    if end.undone_at:
        raise Conflict
    kept = end.snapshot
    for number, ends in kept["stays"].items():
        Occupancy.objects.system("end of access").filter(pk=number).update(ends=ends)
    if end.lease:
        end.lease.ends = date.fromisoformat(kept["lease_ends"]) if kept["lease_ends"] else None
        end.lease.save(update_fields=["ends"])
    if end.tenant_id:
        _give_back(end, now)
    end.undone_at, end.undone_by = now, by
    end.save(update_fields=["undone_at", "undone_by"])
    return end


def _give_back(end: AccessEnd, now: datetime) -> None:
    """Give the person their account and their mandates again."""
    kept = end.snapshot
    Mandate.objects.system("undo").filter(pk__in=kept["mandates"], revoked_at=end.at).update(
        revoked_at=None, revoked_by=None
    )
    AccountLink.objects.system("end of access").filter(
        pk__in=kept["links"], ended_at=end.at
    ).update(ended_at=None, ended_why="")
    if kept["user"]:
        people = Tenant.objects.system("undo").filter(pk=end.tenant_id)
        try:
            with transaction.atomic():
                taken = people.exclude(user=None).exclude(user=kept["user"]).exists()
                if taken or not people.update(user=kept["user"]):
                    raise Conflict
        except IntegrityError as error:  # the account was given to another record meanwhile
            raise Conflict from error
