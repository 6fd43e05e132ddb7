"""Whose account a recognised person opens: linked once, and only to staff that exist."""

import logging

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal.access import STAFF_ROLES
from portal.clock import now
from portal.models import SignOnIdentity, User
from portal.sessions import proved_two_factors
from portal.signon.errors import Reason, SignOnError
from portal.signon.flow import Person
from portal.signon.provider import current

METHOD = "signon"
log = logging.getLogger(__name__)


def is_staff(user: User) -> bool:
    """Return whether the account works for the landlord today. Contractors and tenants do not."""
    memberships = import_string(settings.PALIER_MEMBERSHIPS)(user)
    return user.is_active and memberships.filter(role__in=STAFF_ROLES).exists()


def identity_of(user: User) -> SignOnIdentity | None:
    """Return whom the account is at the present provider."""
    return SignOnIdentity.objects.filter(user=user, issuer=settings.PALIER_SIGNON_ISSUER).first()


def account_of(person: Person) -> User | None:
    """Return the account that is linked to the person; None when none is.

    Raises SignOnError for somebody who is no staff any more.
    """
    identity = (
        SignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
        .select_related("user")
        .first()
    )
    if identity is None:
        return None
    if not is_staff(identity.user):
        raise SignOnError(Reason.NO_ACCOUNT, f"{identity.user_id} is no staff")
    SignOnIdentity.objects.filter(pk=identity.pk).update(used_at=now())
    return identity.user


def account_to_link(person: Person) -> User:
    """Return the staff account with the person's address, which nobody is linked to yet.

    Raises SignOnError. The address alone proves nothing: a code is sent there next.
    """
    user = User.objects.filter(email=person.email).first() if person.email else None
    if user is None or not is_staff(user) or identity_of(user):
        raise SignOnError(Reason.NO_ACCOUNT, "unknown subject")
    return user


def link(user: User, *, issuer: str, subject: str) -> None:
    """Link a person of the provider to an account, and tell its address. Raises SignOnError."""
    if not is_staff(user):
        raise SignOnError(Reason.NO_ACCOUNT, f"{user.pk} is no staff")
    moment = now()
    row = SignOnIdentity(
        user=user, issuer=issuer, subject=subject, linked_at=moment, used_at=moment
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SignOnError(Reason.OTHER, f"{user.pk} or the subject is linked already") from error
    provider = current()
    shown = {"provider": provider.name if provider else issuer}
    get_adapter().send_notification_mail("account/email/signon_linked", user, shown)


def record(request: HttpRequest, user: User, person_two_factors: bool, **extra) -> None:
    """Note in the session that the provider recognised the person, and how well."""
    record_authentication(
        request, user, method=METHOD, two_factors=person_two_factors or None, **extra
    )


def has_signed_on(request: HttpRequest, user: User) -> bool:
    """Return whether the provider recognised the person in this session."""
    return any(r["method"] == METHOD for r in get_authentication_records(request, user))


def check_other_login(request: HttpRequest, user: User) -> None:
    """Refuse staff who log in here where only the provider may recognise them.

    Raises SignOnError. An emergency account passes, and stands in the log.
    """
    if not settings.PALIER_SIGNON_ONLY or has_signed_on(request, user) or not is_staff(user):
        return
    if user.email in settings.PALIER_SIGNON_EMERGENCY:
        log.warning("emergency account %s logs in without the provider", user.pk)
        return
    raise SignOnError(Reason.ONLY, str(user.pk))


class SecondFactorStage(AuthenticateStage):
    """Ask our second factor, unless the provider has asked two."""

    def handle(self) -> tuple:
        if self.login.user and proved_two_factors(self.request, self.login.user):
            return None, True
        return super().handle()
