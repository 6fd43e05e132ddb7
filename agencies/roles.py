"""Roles that open what people confided take two persons: one gives, another confirms.

An administrator keeps the settings and reads no claim; a role given to oneself under another name
would open them all (docs/principles.md). What waits is a ``Membership`` that is ``pending``: no
query of ``Membership.objects`` finds it.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import Membership
from portal.access import Role
from portal.models import User
from portal.notices import mail_after_commit

log = logging.getLogger(__name__)

# Contractors see the orders of their own company; representatives have no pages.
ALONE = frozenset({Role.CONTRACTOR, Role.TENANT_REPRESENTATIVE})
CONFIRMERS = frozenset({Role.ADMIN, Role.HEAD_OFFICE})


class NotAllowed(Exception):
    """Whoever gave the role, or gets it, cannot be the second person."""


def takes_two(role: str) -> bool:
    """Return whether a second person must confirm the role."""
    return role not in ALONE


def has_second(asker: User, receiver: User) -> bool:
    """Return whether anybody else was ever able to confirm: at the very start nobody is.

    Past ones count, so that nobody becomes the only one by ending the others.
    """
    others = Membership.objects.filter(role__in=CONFIRMERS)
    return others.exclude(user__in=[asker.pk, receiver.pk]).exists()


def ask(membership: Membership, *, by: User, now: datetime) -> None:
    """Keep a role that ``by`` gives until somebody else confirms, and tell who must know."""
    membership.pending = has_second(by, membership.user)
    membership.asked_by, membership.asked_at = by, now
    membership.confirmed_by = membership.confirmed_at = None
    membership.save()
    if membership.pending:
        _tell(membership, _heads() - {membership.user.email}, _("A role waits for a second person"))
    else:
        _end_former(membership, by=by, now=now)
        _tell(membership, _heads(), _("A role was given by one person alone"))


def may_confirm(membership: Membership, by: Membership) -> bool:
    """Return whether the member ``by`` may be the second person."""
    return by.role in CONFIRMERS and by.user_id not in (membership.asked_by_id, membership.user_id)


@transaction.atomic
def confirm(*, pk: int, by: Membership, now: datetime) -> Membership:
    """Put a pending role in force. Raises Membership.DoesNotExist and NotAllowed."""
    found = _locked(pk)
    if not may_confirm(found, by):
        raise NotAllowed
    _put_in_force(found, by.user, now, "Confirmed")
    return found


@transaction.atomic
def confirm_from_server(*, pk: int, now: datetime) -> Membership:
    """Put a role in force by whoever runs the server, where no second person is left."""
    found = _locked(pk)
    _put_in_force(found, None, now, "Confirmed on the server")
    return found


def _put_in_force(found: Membership, by: User | None, now: datetime, what: str) -> None:
    found.pending, found.confirmed_by, found.confirmed_at = False, by, now
    found.save(update_fields=["pending", "confirmed_by", "confirmed_at"])
    _end_former(found, by=by, now=now)
    note(found, by or found.asked_by, what)
    _tell(found, _heads() | {found.user.email}, _("A role was given"))


@transaction.atomic
def refuse(*, pk: int, by: Membership, now: datetime) -> None:
    """Drop a pending role. Raises Membership.DoesNotExist and NotAllowed."""
    found = _locked(pk)
    if by.role not in CONFIRMERS:
        raise NotAllowed
    note(found, by.user, "Refused")
    _tell(found, _heads(), _("A role was refused"))
    found.delete()


@transaction.atomic
def end_now(membership: Membership, *, by: User | None, now: datetime) -> None:
    """End a role at once: yesterday becomes its last day, and its first if it began today."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    membership.starts = min(membership.starts, yesterday)
    membership.ends = yesterday
    membership.save(update_fields=["starts", "ends"])
    note(membership, by, "Ended now")


def _end_former(membership: Membership, *, by: User | None, now: datetime) -> None:
    """End the role that ``membership`` takes the place of, if it has not ended yet."""
    former = membership.former
    if former and (former.ends is None or former.ends >= timezone.localdate(now)):
        end_now(former, by=by, now=now)


def note(membership: Membership, by: User | None, what: str) -> None:
    """Write a line into the history of the settings."""
    if by is None:
        log.warning("%s: %s", what, membership.pk)
        return
    said = f"{what}: {membership} ({membership.role})"
    flag = ADDITION if what == "Asked" else CHANGE
    LogEntry.objects.log_actions(by.pk, [membership], flag, said, single_object=True)


def _locked(pk: int) -> Membership:
    return Membership.everything.select_for_update(of=("self",)).get(pk=pk, pending=True)


def _heads() -> set[str]:
    """Return the addresses of those who answer for the landlord's teams today."""
    today = timezone.localdate()
    rows = Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today),
        role__in=CONFIRMERS,
        starts__lte=today,
        user__is_active=True,
    )
    return set(rows.values_list("user__email", flat=True))


def _tell(membership: Membership, to: set[str], subject: str) -> None:
    """Mail after the transaction; the page of roles shows the same to whoever missed it."""
    with override(settings.LANGUAGE_CODE):
        text = _(
            "%(who)s: %(role)s, %(unit)s.\nGiven by %(by)s.\n\nAll roles that wait: %(url)s"
        ) % {
            "who": membership.user,
            "role": membership.get_role_display(),
            "unit": membership.unit,
            "by": membership.asked_by,
            "url": settings.PALIER_URL + reverse("teams:pending"),
        }
    for address in sorted(to):
        mail_after_commit(address, subject, text)
