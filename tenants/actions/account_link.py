"""Link an account to a person's record by the code on the rent bill; never by guessing.

The bill lies in the letter box: its code alone proves nothing. A code goes to the phone that only
the person reads; without one, everybody known is told, and what was said in confidence waits.
"""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from portal import sign_outs
from tenants.actions.mandates import provable_phone
from tenants.bill_codes import bill_code
from tenants.matching import match_key
from tenants.models import AccountLink, LinkAttempt, Occupancy, Tenant

TRIES = 5
PERIOD = timedelta(hours=1)
CODE_LASTS = timedelta(hours=24)


class TooManyTries(Exception):
    """Five tries in an hour by this account or from this address: wait."""


class NoMatch(Exception):
    """Code and name do not lead to exactly one person without account."""


class AlreadyLinked(Exception):
    """This account already belongs to a tenant: a person must look at it."""


class WrongCode(Exception):
    """The figures are wrong, too old, or were tried too often."""


@transaction.atomic
def ask(*, user, code: str, last_name: str, now: datetime) -> AccountLink:
    """Find the person whose bill carries ``code`` and whose last name is ``last_name``.

    With a phone that only this person reads, the returned link waits for the code sent there;
    otherwise the account is linked at once. Call ``count_try`` before. Raises ``AlreadyLinked`` or
    ``NoMatch``; the same ``NoMatch`` for a wrong code, a wrong name and a dwelling already linked.
    """
    if Tenant.objects.system("linking").filter(user=user).exists():
        raise AlreadyLinked
    stay = _stay(match_key(code), match_key(last_name), timezone.localdate(now))
    before = AccountLink.objects.of(user=user).filter(linked_at=None, ended_at=None)
    before.update(ended_at=now, ended_why=AccountLink.Ended.REPLACED)
    link = AccountLink(user=user, tenant=stay.tenant, lease=stay.lease, asked_at=now)
    link.phone = provable_phone(stay.tenant, "", now)
    if link.phone:
        link.nonce, link.expires_at = secrets.token_hex(16), now + CODE_LASTS
    link.save()
    if not link.phone:
        wait = timedelta(hours=settings.PALIER_LINK_WAIT_HOURS)
        give(link, now=now, opens_at=now + wait)
    return link


def link_digits(link: AccountLink) -> str:
    """Return the six figures of a code; computed, so that the table alone reveals none."""
    value = f"{link.pk}:{link.nonce}"
    digest = salted_hmac("tenants.account_link", value, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 1_000_000:06}"


def check_code(*, user, typed: str, now: datetime) -> AccountLink:
    """Return the link whose code was copied; ``give`` then links. Raises ``WrongCode``."""
    with transaction.atomic():  # the try counts even when it is wrong
        rows = AccountLink.objects.asked(user, now).select_for_update(of=("self",))
        link = rows.first()  # who is not linked yet reads neither tenant nor lease: no join
        if link is None or link.tries >= TRIES:
            raise WrongCode
        link.tries += 1
        link.save(update_fields=["tries"])
        right = constant_time_compare(link_digits(link), "".join(typed.split()))
    if not right:
        raise WrongCode
    return link


@transaction.atomic
def give(link: AccountLink, *, now: datetime, opens_at: datetime) -> None:
    """Give the record to the account; the code of the bill has served and is replaced.

    Raises ``AlreadyLinked``.
    """
    rows = Tenant.objects.system("linking").select_for_update(of=("self",))
    tenant = rows.filter(pk=link.tenant_id, user__isnull=True, merged_into__isnull=True).first()
    if tenant is None:
        raise AlreadyLinked
    tenant.user = link.user
    try:
        with transaction.atomic():
            tenant.save(update_fields=["user"])
    except IntegrityError as error:  # linked meanwhile from another page
        raise AlreadyLinked from error
    link.lease.bill_code = bill_code()
    link.lease.save(update_fields=["bill_code"])
    link.linked_at, link.opens_at = now, opens_at
    link.save(update_fields=["linked_at", "opens_at"])


@transaction.atomic
def end(*, link: AccountLink, why: str, now: datetime) -> bool:
    """Take the record back from the account and end its sessions; False when it has ended."""
    row = (
        AccountLink.objects.system("linking an account")
        .select_for_update(of=("self",))
        .get(pk=link.pk)
    )
    if row.ended_at:
        return False
    row.ended_at, row.ended_why = now, why
    row.save(update_fields=["ended_at", "ended_why"])
    people = Tenant.objects.system("linking").filter(pk=row.tenant.current.pk, user=row.user)
    if people.update(user=None):
        sign_outs.end_sessions(row.user)
    return True


def count_try(user, origin: str, now: datetime) -> None:
    """Write the try before it is looked at, so that a crash or a rollback never refunds it.

    ``origin`` is the network address. Raises ``TooManyTries``.
    """
    origin = salted_hmac("tenants.linking", origin, algorithm="sha256").hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:  # simultaneous tries wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tenants.linking', 0))")
        recent = LinkAttempt.objects.system("linking an account").filter(at__gt=now - PERIOD)
        tries = recent.filter(Q(user=user)).count(), recent.filter(Q(origin=origin)).count()
        if max(tries) >= TRIES:
            raise TooManyTries
        LinkAttempt.objects.system("linking an account").filter(at__lte=now - 24 * PERIOD).delete()
        LinkAttempt.objects.create(user=user, origin=origin, at=now)


def on_bill(code: str, last_name: str, today: date) -> Tenant:
    """Return who has the bill, with an account or without. Raises ``NoMatch``."""
    return _stay(match_key(code), match_key(last_name), today, with_account=True).tenant


def _stay(code: str, last_name: str, today: date, *, with_account: bool = False) -> Occupancy:
    if not code or not last_name:
        raise NoMatch
    occupancies = (
        Occupancy.objects.system("linking an account")
        .in_force(today)
        .acting()
        .filter(lease__bill_code=code, tenant__merged_into__isnull=True)
        .select_related("tenant", "lease")
    )
    if not with_account:
        occupancies = occupancies.filter(tenant__user__isnull=True)
    named = [o for o in occupancies if match_key(o.tenant.last_name) == last_name]
    holders = [o for o in named if o.capacity == Occupancy.Capacity.HOLDER]
    chosen = holders or named
    if len(chosen) != 1:
        raise NoMatch
    return chosen[0]
