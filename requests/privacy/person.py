"""Erase one person, unless a lease, an open request, a dispute or a hold stands against it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.erasure import account_deletion
from portal.models import User
from portal.punctuation import with_colon
from requests.attachments.models import Attachment
from requests.audit.queries import family_of
from requests.channels.models import Intake
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.complaints.models import FormalNotice
from requests.identity.double_models import DoublePair
from requests.inbound.missed_call_models import MissedCall
from requests.kit.choices import OPEN
from requests.notifications.models import Delivery, FailingAddress, MutedAddress
from requests.planned_works.models import PlannedNotice
from requests.privacy import erasure, registry
from requests.privacy.event_erasure import REASON, erase_events, forget_person
from requests.privacy.models import Erasure, Hold, PersonExport, RightsRequest, RightsStep
from tenants.models import (
    AccessEnd,
    AccountLink,
    ConsentCode,
    ContactPoint,
    Distinct,
    IdentityMerge,
    Lease,
    LinkAttempt,
    Mandate,
    Need,
    Occupancy,
    Tenant,
)

# Actions that arise from a lease expire after three years: law 89-462, article 7-1.
NOTICE_COUNTS = timedelta(days=3 * 365 + 1)


class Blocked(ValueError):
    """The person cannot be erased; ``args`` are the reasons, in the active language."""


def records_of(tenant: Tenant) -> list[UUID]:
    """Return the numbers of the person's record and of all that were merged into it."""
    return [record.pk for record in family_of(tenant)]


def blockers(tenant: Tenant, today: date) -> list[str]:
    """Return why this person's data must stay, as sentences for the officer; [] nothing."""
    people = records_of(tenant)
    reasons = []
    stays = Occupancy.objects.system("erasure").until(today).filter(tenant__in=people)
    if stay := stays.select_related("lease").first():
        reasons.append(_("The lease %(lease)s is open.") % {"lease": stay.lease})
    claims = Claim.objects.system("erasure").filter(tenant__in=people)
    if claim := claims.filter(state__in=OPEN).first():
        reasons.append(_("The request %(reference)s is open.") % {"reference": claim.reference})
    notices = FormalNotice.objects.system("erasure").filter(
        claim__tenant__in=people, received__gt=today - NOTICE_COUNTS
    )
    for notice in notices:
        reasons.append(_("%(notice)s: an action may still follow.") % {"notice": notice})
    for hold in Hold.objects.filter(tenant__in=people, lifted_at__isnull=True):
        reasons.append(with_colon(hold.get_kind_display(), hold.reason).capitalize())
    return reasons


@transaction.atomic
def erase_person(*, tenant: Tenant, by: User | None, why: str, now: datetime) -> Erasure:
    """Erase the person and anonymise their requests. Raises ``Blocked`` with the reasons.

    The journal gets the number of the record and the moment; ``why`` is "request" or "retention".
    """
    locked = Tenant.objects.system("erasure").select_for_update().get(pk=tenant.pk)
    if reasons := blockers(locked, timezone.localdate(now)):
        raise Blocked(*reasons)
    made = None
    for person in records_of(locked):
        made, _new = Erasure.objects.get_or_create(
            person=person, defaults={"at": now, "why": why, "by": by}
        )
    remove(locked, now)
    assert made is not None
    return made


def remove(tenant: Tenant, now: datetime) -> None:
    """Take the person out of every table, whatever stands against it: after a restore, again."""
    people = records_of(tenant)
    persons = Tenant.objects.system("erasure").filter(pk__in=people)
    users = list(User.objects.filter(tenant__in=people))
    _forget_addresses(people, addresses_of(people))
    claims = list(
        Claim.objects.system("erasure").filter(tenant__in=people).values_list("pk", flat=True)
    )
    erasure.anonymise_claims(claims)
    _forget_requests(people)
    _forget_homes(people)
    for model in (ContactPoint, Need, AccountLink):
        model._base_manager.filter(tenant__in=people).delete()
    ConsentCode.objects.system("erasure").filter(mandate__tenant__in=people).delete()
    Mandate.objects.system("erasure").filter(tenant__in=people).delete()
    DoublePair.objects.system("erasure").filter(Q(one__in=people) | Q(other__in=people)).delete()
    Distinct.objects.system("erasure").filter(Q(one__in=people) | Q(other__in=people)).delete()
    IdentityMerge.objects.system("erasure").filter(
        Q(kept__in=people) | Q(absorbed__in=people)
    ).delete()
    forget_person(tenant)
    persons.update(merged_into=None)
    persons.delete()
    for user in users:
        _forget_account(user, now)


def addresses_of(people: list[UUID]) -> set[str]:
    """Return the addresses and numbers of the person's records and accounts."""
    points = ContactPoint.objects.system("addresses of a person").filter(tenant__in=people)
    found = set(points.values_list("value", flat=True))
    for email, phone in User.objects.filter(tenant__in=people).values_list("email", "phone"):
        found |= {email, phone} - {""}
    return found


def _forget_addresses(people: list[UUID], addresses: set[str]) -> None:
    """Empty what was sent to, or came from, the person's addresses outside any request."""
    for model in (FailingAddress, MutedAddress):
        model._base_manager.filter(address__in=addresses).delete()
    MissedCall.objects.system("erasure").filter(number__in=addresses).delete()
    for label, found in (
        (
            "Delivery",
            Delivery.objects.system("erasure").filter(claim__isnull=True, recipient__in=addresses),
        ),
        (
            "Intake",
            Intake.objects.system("erasure").filter(claim__isnull=True, sender__in=addresses),
        ),
        ("PlannedNotice", PlannedNotice.objects.system("erasure").filter(address__in=addresses)),
    ):
        row = registry.PERSONAL[f"requests.{label}"]
        erasure.empty(row, found)


def _forget_requests(people: list[UUID]) -> None:
    """Keep that persons asked and were answered, without their words; copies and holds go."""
    requests = RightsRequest.objects.system("erasure").filter(tenant__in=people)
    RightsStep.objects.filter(request__in=requests).update(text="")
    copies = PersonExport.objects.filter(tenant__in=people)
    erasure.drop_files(registry.PERSONAL["requests.PersonExport"], copies)
    copies.delete()
    requests.update(words="", answer="", extension_reason="", tenant=None)
    Hold.objects.filter(tenant__in=people).delete()


def _forget_homes(people: list[UUID]) -> None:
    """Delete stays; a lease under which nobody is known any more keeps its dates alone."""
    leases = list(
        Occupancy.objects.system("erasure")
        .filter(tenant__in=people)
        .values_list("lease", flat=True)
    )
    AccessEnd.objects.system("erasure").filter(tenant__in=people).delete()
    AccountLink.objects.system("erasure").filter(tenant__in=people).delete()
    Occupancy.objects.system("erasure").filter(tenant__in=people).delete()
    empty = Lease.objects.system("erasure").filter(pk__in=leases, occupancies__isnull=True)
    keys = list(empty.values_list("pk", flat=True))
    AccessEnd.objects.system("erasure").filter(lease__in=keys).delete()
    AccountLink.objects.system("erasure").filter(lease__in=keys).delete()
    erasure.randomise(
        Lease.objects.system("erasure").filter(pk__in=keys), ["reference", "bill_code"]
    )


def _forget_account(user: User, now: datetime) -> None:
    """Delete the account and what it wrote elsewhere; a member of staff keeps theirs."""
    if user.is_staff or user.is_superuser or user.memberships.exists():
        return
    LinkAttempt.objects.system("erasure").filter(user=user).delete()
    Message.objects.system("erasure").filter(author=user).update(text="", author=None)
    files = Attachment.objects.system("erasure").filter(author=user)
    erasure.drop_files(registry.PERSONAL["requests.Attachment"], files)
    files.delete()
    held = Mandate.objects.system("erasure").filter(proxy=user)
    held.filter(revoked_at__isnull=True).update(revoked_at=now)
    held.update(proxy=None, proxy_name="—", proxy_email="")
    erase_events(user=user.pk)
    with account_deletion(user, reason=REASON, by=None):
        user.delete()
