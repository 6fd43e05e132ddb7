"""Invite the landlord's people by mail: account, role and desks at once, and a link to sign in.

The link opens a page where the person chooses a password; a second factor is asked next
(``portal/sessions.py``). It works once and for a week. A role that opens requests still waits for a
second person (``agencies/roles.py``): until then its account opens nothing.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies import roles
from agencies.landlord import current as current_landlord
from agencies.models import Contractor, Desk, Membership, Sector, Unit
from portal.access import Role
from portal.dates import full_moment
from portal.models import User
from portal.transactions import refuse_inside_transaction
from requests.console.models import StaffInvitation
from requests.teamwork.models import Seat
from tenants.models import Tenant

LASTS = timedelta(days=7)
log = logging.getLogger(__name__)


class AlreadyThere(Exception):
    """The person has this role in this unit, or it waits for a second person."""


class WrongLink(Exception):
    """The link is unknown, too old, withdrawn or used."""


def digest_of(token: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    unit: Unit,
    by: User,
    now: datetime,
    desks: Iterable[Desk] = (),
    sectors: Iterable[Sector] = (),
    contractor: Contractor | None = None,
    starts: date | None = None,
    former: Membership | None = None,
) -> tuple[Membership, str]:
    """Give a role to an address, and return it with the token of its link ("" for none).

    An account that exists keeps its name; one that was closed opens again. Who can sign in already
    needs no link. Raises AlreadyThere.
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    elif not user.is_active:
        User.objects.filter(pk=user.pk).update(is_active=True)
        user.is_active = True
    membership = _membership(user, unit, role, timezone.localdate(now))
    membership.contractor = contractor
    membership.starts = starts or timezone.localdate(now)
    membership.ends = None
    membership.former = former
    if roles.takes_two(role):
        roles.ask(membership, by=by, now=now)
    else:
        membership.save()
    roles.note(membership, by, "Invited")
    serve(membership, desks=desks, sectors=sectors)
    return membership, "" if can_sign_in(user) else renew(membership, by=by, now=now)


def _membership(user: User, unit: Unit, role: str, today: date) -> Membership:
    """Return a new role, or the one that ended and begins again. Raises AlreadyThere."""
    found = Membership.everything.filter(user=user, unit=unit, role=role).first()
    if found is None:
        return Membership(user=user, unit=unit, role=role)
    if found.pending or found.ends is None or found.ends >= today:
        raise AlreadyThere
    return found


def serve(membership: Membership, *, desks: Iterable[Desk], sectors: Iterable[Sector]) -> None:
    """Seat a member at desks, and give them sectors; what is not named is taken away."""
    desks = list(desks)
    membership.sectors.set(sectors)
    Seat.objects.filter(membership=membership).exclude(desk__in=desks).delete()
    Seat.objects.bulk_create(
        [Seat(membership=membership, desk=desk) for desk in desks], ignore_conflicts=True
    )


def can_sign_in(user: User) -> bool:
    """Return whether the person has signed in before, or proved the address."""
    proved = EmailAddress.objects.filter(user=user, verified=True).exists()
    return user.has_usable_password() or proved or user.last_login is not None


def renew(membership: Membership, *, by: User | None, now: datetime) -> str:
    """Make a new link for an invitation, and return its token; a former one stops working."""
    token = secrets.token_urlsafe(24)
    StaffInvitation.objects.update_or_create(
        membership=membership,
        defaults={
            "digest": digest_of(token),
            "sent_by": by,
            "sent_at": now,
            "expires_at": now + LASTS,
            "accepted_at": None,
        },
    )
    return token


def address(token: str) -> str:
    """Return the whole address of an invitation's page."""
    return settings.PALIER_URL + reverse("staff_invitation", args=[token])


def send(membership: Membership, token: str, *, by: User | None) -> bool:
    """Mail the invitation; False when the mail server did not take it. Outside transactions."""
    refuse_inside_transaction("mail")
    landlord = current_landlord()
    with override(settings.LANGUAGE_CODE):
        words = {
            "who": membership.user.first_name or membership.user.email,
            "by": by or landlord.name,
            "landlord": landlord.name,
            "role": membership.get_role_display(),
            "unit": membership.unit,
        }
        subject = _("%(landlord)s: your access to Palier") % words
        text = _("Hello %(who)s,\n\n%(by)s gives you an access to Palier, the tool of "
                 "%(landlord)s.\nYour role: %(role)s, %(unit)s.") % words  # fmt: skip
        if token:
            invitation = membership.invitation
            text += "\n\n" + _(
                "Choose your password here, then set up your second factor:\n%(url)s\n\n"
                "This link works once, until %(until)s. If you did not expect it, do nothing."
            ) % {"url": address(token), "until": full_moment(invitation.expires_at)}
        else:
            text += "\n\n" + _("Log in as usual:\n%(url)s") % {
                "url": settings.PALIER_URL + reverse("account_login")
            }
        if membership.pending:
            text += "\n\n" + _("Your access opens once a second person has confirmed it.")
    try:
        send_mail(subject, text, get_adapter().get_from_email(), [membership.user.email])
    except (OSError, SMTPException) as error:
        log.warning("invitation of %s was not sent: %r", membership.pk, error)
        return False
    return True


@transaction.atomic
def withdraw(membership: Membership, *, by: User, now: datetime) -> None:
    """Take an invitation back that nobody used. Raises WrongLink for one that was used.

    The role goes with it, since nobody has held it; so does an account that opens nothing else.
    """
    found = StaffInvitation.objects.select_for_update().filter(membership=membership).first()
    if found is None or found.accepted_at is not None:
        raise WrongLink
    user = membership.user
    roles.note(membership, by, "Withdrawn")
    found.delete()
    if _has_traces(membership):
        roles.end_now(membership, by=by, now=now)
    else:
        membership.delete()
    if not opens_more(user) and not can_sign_in(user):
        User.objects.filter(pk=user.pk).update(is_active=False)


def opens_more(user: User, *, roles: bool = True) -> bool:
    """Return whether an account is a tenant's, or (with ``roles``) has a role."""
    if roles and Membership.everything.filter(user=user).exists():
        return True
    return Tenant.objects.system("closing an account").filter(user=user).exists()


def _has_traces(membership: Membership) -> bool:
    """Return whether the role was in force before: what was done under it stays."""
    return membership.charges.exists() or membership.user.last_login is not None


def open_invitation(token: str, now: datetime, *, lock: bool = False) -> StaffInvitation:
    """Return the invitation of a link. Raises WrongLink."""
    rows = StaffInvitation.objects.filter(digest=digest_of(token))
    if lock:
        rows = rows.select_for_update()
    found = rows.first()
    if found is None or not found.is_open(now):
        raise WrongLink
    # By hand: what still waits for a second person is found by ``everything`` alone.
    member = Membership.everything.select_related("user", "unit").get(pk=found.membership_id)
    if not member.user.is_active:
        raise WrongLink
    found.membership = member
    return found


@transaction.atomic
def accept(token: str, *, password: str, now: datetime) -> User:
    """Open the account with a password of its holder, who has shown that the address is theirs.

    Raises WrongLink.
    """
    found = open_invitation(token, now, lock=True)
    user = found.membership.user
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    found.accepted_at = now
    found.save(update_fields=["accepted_at"])
    return user


def may_be_invited(role: str) -> bool:
    """Return whether the console gives this role: tenants open their accounts themselves."""
    return role != Role.TENANT
