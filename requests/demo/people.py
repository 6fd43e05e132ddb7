"""Invented tenants: holders, joint tenants, grown children, needs, ways to reach them."""

import uuid
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from requests.demo import names
from requests.demo.bulk_copy import Bulk
from requests.demo.landlord import DOMAIN, Home
from tenants.models import ContactPoint, Lease, Need, Occupancy, Tenant

VACANT_SHARE = 0.03  # share of dwellings that are vacant
NEEDS = ["stairs", "stairs", "stairs", "infant", "infant", "hearing", "sight", "alone"]


class Holder(NamedTuple):
    """The person who signed a lease, and since when they live there."""

    tenant: uuid.UUID
    name: str
    email: str
    phone: str
    since: date
    until: date | None
    language: str = "fr"


def build(
    bulk: Bulk, rng: Random, homes: list[Home], today: date, awa: uuid.UUID
) -> dict[int, list[Holder]]:
    """Write the present holders, and former ones of the last years.

    Return them by dwelling, the present one first.

    ``awa`` is the account of the first dwelling's tenant.
    """
    found: dict[int, list[Holder]] = {}
    for number, home in enumerate(homes):
        if number and rng.random() < VACANT_SHARE:
            continue
        years = min(rng.expovariate(1 / 9), 45)
        since = (today - timedelta(days=int(40 + years * 365))).replace(day=1)
        if number == 0:
            since = date(2014, 5, 1)
        holders = [_household(bulk, rng, home, since, None, awa if number == 0 else None, today)]
        # A dwelling let for less than three years had another tenant before.
        if (today - since).days < 1095:
            left = since - timedelta(days=rng.randrange(20, 70))
            came = (left - timedelta(days=rng.randrange(400, 5000))).replace(day=1)
            holders.append(_household(bulk, rng, home, came, left, None, today))
        found[home.dwelling] = holders
    return found


def _household(
    bulk: Bulk,
    rng: Random,
    home: Home,
    since: date,
    until: date | None,
    account: uuid.UUID | None,
    today: date,
) -> Holder:
    number = bulk[Lease].rows + 1
    lease = bulk[Lease].add(
        dwelling_id=home.dwelling,
        reference=f"B{number:07}",
        # Spread over the range of codes: nobody may guess one code from another.
        bill_code=f"{number * 7_368_787 % 10**10:010}{rng.randrange(100):02}",
        starts=since,
        ends=until,
    )
    woman = rng.random() < 0.56
    last = rng.choice(names.LAST)
    first = rng.choice(names.WOMEN if woman else names.MEN)
    if account:
        woman, first, last = True, "Awa", "Traoré"
    holder = _person(
        bulk, rng, lease, Occupancy.Capacity.HOLDER, woman, first, last, since, until, account
    )
    if account or rng.random() < 0.36:
        name = last if account or rng.random() < 0.7 else rng.choice(names.LAST)
        other = rng.choice(names.MEN if woman else names.WOMEN)
        _person(
            bulk, rng, lease, Occupancy.Capacity.JOINT_TENANT, not woman, other, name, since, until
        )
    if rng.random() < 0.09:
        child = rng.random() < 0.5
        grown = rng.choice(names.WOMEN if child else names.MEN)
        _person(bulk, rng, lease, Occupancy.Capacity.OCCUPANT, child, grown, last, since, until)
    if until is None and (account or rng.random() < 0.07):
        bulk[Need].add(
            tenant_id=holder.tenant,
            code="stairs" if account else rng.choice(NEEDS),
            expires=today + timedelta(days=rng.randrange(30, 700)),
        )
    return holder


def _person(
    bulk: Bulk,
    rng: Random,
    lease: int,
    capacity: str,
    woman: bool,
    first: str,
    last: str,
    since: date,
    until: date | None,
    account: uuid.UUID | None = None,
) -> Holder:
    number = bulk[Tenant].rows + 1
    tenant = uuid.UUID(int=rng.getrandbits(128), version=4)
    language = "en" if not account and rng.random() < 0.03 else "fr"
    civility = "Mme" if woman else "M."
    bulk[Tenant].add(
        id=tenant,
        user_id=account,
        external_ref=f"L{number:07}",
        civility=civility,
        first_name=first,
        last_name=last,
        language=language,
    )
    bulk[Occupancy].add(
        lease_id=lease, tenant_id=tenant, capacity=str(capacity), starts=since, ends=until
    )
    # One person in eight uses no e-mail, and a few have no phone at all.
    email = f"{names.plain(first)}.{names.plain(last)}.{number}@{DOMAIN}"
    email = "" if not account and rng.random() < 0.14 else email
    email = f"awa@{DOMAIN}" if account else email
    phone = names.phone(rng.randrange(10_000)) if account or rng.random() < 0.95 else ""
    dialled = f"+33{phone[1:].replace(' ', '')}" if phone else ""
    prefers_phone = bool(phone) and (not email or rng.random() < 0.45)
    for kind, value, preferred in (
        (ContactPoint.Kind.EMAIL, email, not prefers_phone),
        (ContactPoint.Kind.PHONE, dialled, prefers_phone),
    ):
        if value:
            bulk[ContactPoint].add(
                tenant_id=tenant,
                kind=kind.value,
                value=value,
                verified=bool(account) or rng.random() < 0.6,
                preferred=preferred,
            )
    return Holder(tenant, f"{civility} {first} {last}", email, phone, since, until, language)
