"""Link an account to a dwelling by the code on the rent bill; never by guessing."""

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenants.matching import match_key
from tenants.models import LinkAttempt, Occupancy, Tenant

TRIES = 5
PERIOD = timedelta(hours=1)


class TooManyTries(Exception):
    """Five tries in an hour by this account or from this address: wait."""


class NoMatch(Exception):
    """Code and name do not lead to exactly one person without account."""


class AlreadyLinked(Exception):
    """This account already belongs to a tenant: a person must look at it."""


def link_by_bill(*, user, code: str, last_name: str, origin: str, now: datetime) -> Tenant:
    """Give ``user`` the tenant whose bill carries ``code`` and whose last name is ``last_name``.

    ``origin`` is the network address. Raises ``TooManyTries``, ``AlreadyLinked`` or ``NoMatch``;
    the same ``NoMatch`` for a wrong code, a wrong name and a dwelling already linked.
    """
    _count(user, origin, now)
    with transaction.atomic():
        if Tenant.objects.system("linking").filter(user=user).exists():
            raise AlreadyLinked
        tenant = _person(match_key(code), match_key(last_name), timezone.localdate(now))
        tenant.user = user
        try:
            with transaction.atomic():
                tenant.save(update_fields=["user"])
        except IntegrityError as error:  # linked meanwhile from another page
            raise AlreadyLinked from error
    return tenant


def _count(user, origin: str, now: datetime) -> None:
    """Write the try before it is looked at, so that a crash or a rollback never refunds it."""
    origin = salted_hmac("tenants.linking", origin, algorithm="sha256").hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:  # simultaneous tries wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tenants.linking', 0))")
        recent = LinkAttempt.objects.filter(at__gt=now - PERIOD)
        tries = recent.filter(Q(user=user)).count(), recent.filter(Q(origin=origin)).count()
        if max(tries) >= TRIES:
            raise TooManyTries
        LinkAttempt.objects.filter(at__lte=now - 24 * PERIOD).delete()
        LinkAttempt.objects.create(user=user, origin=origin, at=now)


def _person(code: str, last_name: str, today) -> Tenant:
    if not code or not last_name:
        raise NoMatch
    occupancies = (
        Occupancy.objects.in_force(today)
        .acting()
        .filter(lease__bill_code=code)
        .filter(tenant__user__isnull=True, tenant__merged_into__isnull=True)
        .select_related("tenant")
    )
    named = [o for o in occupancies if match_key(o.tenant.last_name) == last_name]
    holders = [o for o in named if o.capacity == Occupancy.Capacity.HOLDER]
    chosen = holders or named
    if len(chosen) != 1:
        raise NoMatch
    return (
        Tenant.objects.system("linking").select_for_update(of=("self",)).get(pk=chosen[0].tenant_id)
    )
