"""Accounts of those who come to practise: one each, so that nobody stands in another's way."""

import secrets
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from agencies.models import Membership, Unit
from portal.access import Role
from portal.models import User

# No such domain can exist (RFC 2606): whatever is sent there goes nowhere.
DOMAIN = "entrainement.invalid"
PARTS = (Role.AGENT, Role.CALL_TAKER, Role.ADMIN)


@transaction.atomic
def join(*, first_name: str, role: str, now: datetime) -> User:
    """Make an account with ``role`` for somebody who practises, and return it.

    An agent works in the first agency, the others at head office. The account has no password: it
    lasts until the person logs out or the landlord is renewed.
    """
    user = User.objects.create_user(
        f"{secrets.token_hex(5)}@{DOMAIN}", first_name=first_name, last_name=""
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(
        user=user, unit=_unit(role), role=role, starts=timezone.localdate(now)
    )
    return user


def practises(user) -> bool:
    """Return whether the account was made here."""
    return user.is_authenticated and user.email.endswith(f"@{DOMAIN}")


def _unit(role: str) -> Unit:
    head = Unit.objects.filter(kind=Unit.Kind.HEAD_OFFICE)
    return (Unit.objects.exclude(kind=Unit.Kind.HEAD_OFFICE) if role == Role.AGENT else head)[0]
