"""A tenant lets somebody act for them: asked, consented to with a proof, accepted, revoked.

Each step is a person's own: the tenant consents, the proxy's account accepts, either side of the
desk may end it. The sending of codes is ``requests.identity.proxies``'.
"""

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from portal import phones
from tenants.actions import contact_points
from tenants.actions.contact_check import is_sure
from tenants.models import AccountLink, ConsentCode, ContactPoint, Mandate, Tenant

LONGEST = timedelta(days=366)
CODE_LASTS = timedelta(hours=24)
TRIES = 5
ASKED_A_DAY = 3


class NotPossible(Exception):
    """The step may not be taken; ``args[0]``: ``oneself``, ``too_long``, ``past``, ``no_phone``,
    ``waits`` (the account is newly linked: it may not be the tenant's),
    ``too_many``, ``wrong_code``, ``code_expired`` or ``done``."""


def provable_phone(
    tenant: Tenant, proxy_email: str, now: datetime, *, of_register: bool = False
) -> str:
    """Return the E.164 number that only this tenant reads: verified, working, nobody else's.

    Not one that the person was asked about and did not confirm. ``of_register``: or one that the
    rent system gave, for somebody whose account is known already: two proofs together.

    Or "".
    """
    good = Q(verified=True)
    if of_register:
        good |= Q(origin=ContactPoint.Origin.REGISTER)
    points = tenant.contact_points.filter(
        is_sure(now), good, kind=ContactPoint.Kind.PHONE, failing=False
    ).order_by("-verified", "-preferred", "value")
    numbers = list(points.values_list("value", flat=True))
    account = tenant.user
    if account and account.phone_verified:
        numbers.append(account.phone)
    if of_register:
        numbers = [number for number in numbers if phones.takes_sms(number)]
    others = (
        ContactPoint.objects.system("mandates")
        .filter(kind=ContactPoint.Kind.PHONE)
        .exclude(tenant=tenant)
    )
    users = Tenant._meta.get_field("user").related_model._default_manager
    for number in numbers:
        held = users.filter(phone=number, email=proxy_email.lower()).exists()
        if not held and not others.filter(value=number, tenant__merged_into=None).exists():
            return number
    return ""


def provable_phones(people: set[str], now: datetime) -> set[str]:
    """Return which of ``people`` have a number that could prove a mandate's consent."""
    points = ContactPoint.objects.system("mandates").filter(kind=ContactPoint.Kind.PHONE)
    holders: dict[str, set[str]] = {}
    for person, number in points.filter(tenant__merged_into=None).values_list("tenant", "value"):
        holders.setdefault(number, set()).add(str(person))
    good = points.filter(
        is_sure(now), Q(verified=True) | Q(origin=ContactPoint.Origin.REGISTER), failing=False
    )
    return {
        str(person)
        for person, number in good.values_list("tenant", "value")
        if str(person) in people
        and holders.get(number) == {str(person)}
        and phones.takes_sms(number)
    }


def _new(tenant: Tenant, given: dict, *, by, now: datetime, **fields) -> Mandate:
    """Create a mandate from ``given``.

    Keys: ``proxy_name``, ``proxy_email``, ``scope``, ``ends`` (a date, included).
    """
    today = timezone.localdate(now)
    email = given["proxy_email"].lower()
    if tenant.user and tenant.user.email.lower() == email:
        raise NotPossible("oneself")
    _check_dates(today, given["ends"])
    return Mandate.objects.system("mandates").create(
        tenant=tenant,
        proxy_name=given["proxy_name"],
        proxy_email=email,
        scope=given["scope"],
        starts=today,
        ends=given["ends"],
        asked_at=now,
        recorded_by=by,
        **fields,
    )


def _check_dates(today: date, ends: date) -> None:
    if ends < today:
        raise NotPossible("past")
    if ends - today > LONGEST:
        raise NotPossible("too_long")


@transaction.atomic
def ask(*, tenant: Tenant, given: dict, by, now: datetime) -> Mandate:
    """Create the mandate that a tenant asks for on the web.

    A code to their phone will prove consent.

    Raises ``NotPossible``; ``no_phone`` when no number is theirs alone.
    """
    if tenant.mandates.filter(asked_at__gt=now - CODE_LASTS).count() >= ASKED_A_DAY:
        raise NotPossible("too_many")
    if AccountLink.objects.waiting(by, now).exists():
        raise NotPossible("waits")
    phone = provable_phone(tenant, given["proxy_email"], now, of_register=True)
    if not phone:
        raise NotPossible("no_phone")
    mandate = _new(tenant, given, by=by, now=now, consent=Mandate.Consent.SMS)
    ConsentCode.objects.create(
        mandate=mandate, nonce=secrets.token_hex(16), phone=phone, expires_at=now + CODE_LASTS
    )
    return mandate


def consent_digits(code: ConsentCode) -> str:
    """Return the six figures of a code; computed, so that the table alone reveals none."""
    value = f"{code.mandate_id}:{code.nonce}"
    digest = salted_hmac("tenants.mandates", value, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 1_000_000:06}"


def confirm(*, mandate: Mandate, typed: str, now: datetime) -> Mandate:
    """Record the tenant's consent, given by copying the code. Raises ``NotPossible``."""
    with transaction.atomic():  # the try counts even when it is wrong
        code = ConsentCode.objects.of(mandate=mandate).select_for_update(of=("self",)).first()
        fresh = Mandate.objects.system("mandates").get(pk=mandate.pk)
        if code is None or fresh.consent_at or fresh.revoked_at:
            raise NotPossible("done")
        if code.expires_at < now or code.tries >= TRIES:
            raise NotPossible("code_expired")
        code.tries += 1
        code.save(update_fields=["tries"])
        right = constant_time_compare(consent_digits(code), "".join(typed.split()))
        if right:
            fresh.consent_at, fresh.proof = now, f"SMS {code.phone} {code.pk}"
            fresh.save(update_fields=["consent_at", "proof"])
            for point in _points_of(fresh.tenant, code.phone):
                proof = ContactPoint.Proof.CODE
                contact_points.prove(point, proof=proof, by=fresh.tenant.user, now=now)
    if not right:
        raise NotPossible("wrong_code")
    return fresh


def _points_of(tenant: Tenant, number: str) -> list[ContactPoint]:
    kind = ContactPoint.Kind.PHONE
    return list(ContactPoint.objects.of(tenant=tenant).filter(kind=kind, value=number))


@transaction.atomic
def record_consent(
    *, tenant: Tenant, given: dict, consent: str, proof: str, by, now: datetime
) -> Mandate:
    """Record a consent given on paper or in person; ``proof`` says where it is kept."""
    return _new(tenant, given, by=by, now=now, consent=consent, proof=proof, consent_at=now)


@transaction.atomic
def accept(*, mandate: Mandate, user, now: datetime) -> Mandate:
    """Accept the mandate, once, for the account that verified the proxy's address."""
    row = Mandate.objects.system("mandates").select_for_update(of=("self",)).get(pk=mandate.pk)
    if row.proxy_id or row.revoked_at or not row.consent_at:
        raise NotPossible("done")
    if row.tenant.user_id == user.pk:
        raise NotPossible("oneself")
    row.proxy = user
    row.save(update_fields=["proxy"])
    return row


@transaction.atomic
def revoke(*, mandate: Mandate, by, now: datetime) -> None:
    """End it now; the next request of the proxy is refused.

    Do nothing when it has ended already.
    """
    rows = Mandate.objects.system("mandates").filter(pk=mandate.pk, revoked_at__isnull=True)
    rows.update(revoked_at=now, revoked_by=by)
