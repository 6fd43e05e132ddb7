"""Open one claim with a reason, for a short time; those who answer for it are told at once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import Membership
from portal import throttle
from portal.access import Role
from portal.notices import mail_after_commit
from requests.audit.models import EmergencyOpening
from requests.audit.rules import may_be_opened
from requests.claims.models import Claim

# Who lacks the sight of other units' claims; caretakers sign in without a second factor.
ASKERS = frozenset({Role.AGENT, Role.AGENCY_MANAGER})
ANSWERABLE = frozenset({Role.AGENCY_MANAGER, Role.HEAD_OFFICE})
TRIES, WINDOW = 10, timedelta(hours=1)


class NotOpened(Exception):
    """No claim of this reference can be opened this way; the reason why stays unsaid."""


class TooMany(Exception):
    """Ten tries in an hour."""


def opens(member: Membership, now: datetime) -> QuerySet[EmergencyOpening]:
    """Return the openings by which the member may read now; none for other roles."""
    rows = EmergencyOpening.objects.in_force(member.user, now)
    return rows if member.role in ASKERS else rows.none()


def ask(*, member: Membership, reference: str, reason: str, now: datetime) -> EmergencyOpening:
    """Open the claim of this reference to the member alone. Raises NotOpened and TooMany.

    A claim that the member sees anyway is not opened. References cannot be guessed in bulk.
    """
    if not throttle.hit("emergency", str(member.user_id), TRIES, WINDOW, now):
        raise TooMany
    compact = "".join(reference.split())
    rows = Claim.objects.system("emergency opening").select_related("category", "owner__unit")
    claim = rows.filter(reference__iexact=compact).first()
    if claim is None or not may_be_opened(
        urgency=claim.category.urgency, confidential=claim.is_confidential
    ):
        raise NotOpened
    return _open(claim, member, reason, now)


@transaction.atomic
def _open(claim: Claim, member: Membership, reason: str, now: datetime) -> EmergencyOpening:
    made = EmergencyOpening.objects.system("emergency opening").create(
        claim=claim,
        asker=member.user,
        role=member.role,
        unit=member.unit,
        reason=reason,
        at=now,
        until=now + timedelta(minutes=settings.PALIER_EMERGENCY_MINUTES),
    )
    _tell(made)
    return made


def answerable(opening: EmergencyOpening) -> set[str]:
    """Return the addresses of the officer and of the managers of the units concerned."""
    today = timezone.localdate(opening.at)
    claim = opening.claim
    units = {opening.unit_id, claim.owner.unit_id if claim.owner else None}
    if claim.residence:
        units.add(claim.residence.unit_id)
    rows = Membership.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today),
        Q(role=Role.DPO) | Q(role=Role.AGENCY_MANAGER, unit__in=units - {None}),
        starts__lte=today,
        user__is_active=True,
    )
    return set(rows.exclude(user=opening.asker).values_list("user__email", flat=True))


def _tell(opening: EmergencyOpening) -> None:
    """Mail after the transaction; their pages list the same. No word of the request (T2)."""
    with override(settings.LANGUAGE_CODE):
        subject = _("A request was opened in an emergency")
        text = _(
            "%(who)s (%(role)s, %(unit)s) opened request %(reference)s, which their role does not "
            "show. It ends by itself.\n\nThe reason is here: %(url)s"
        ) % {
            "who": opening.asker,
            "role": Role(opening.role).label,
            "unit": opening.unit,
            "reference": opening.claim.spoken_reference,
            "url": settings.PALIER_URL,
        }
    for address, url in sorted(_pages(answerable(opening)).items()):
        words = text.replace(settings.PALIER_URL, settings.PALIER_URL + url)
        mail_after_commit(address, subject, words)


def _pages(addresses: set[str]) -> dict[str, str]:
    """Return the page on which each reads the reason: the officer's or the manager's."""
    officers = set(
        Membership.objects.filter(role=Role.DPO, user__email__in=addresses).values_list(
            "user__email", flat=True
        )
    )
    return {
        address: reverse("audit:log") if address in officers else reverse("emergency:index")
        for address in addresses
    }


def told_to(member: Membership) -> QuerySet[EmergencyOpening]:
    """Return the openings that the member answers for: a manager's unit, or all for head office."""
    rows = EmergencyOpening.objects.system("those who answer for it")
    if member.role == Role.AGENCY_MANAGER:
        # The manager reads of the opening; the claim itself is another unit's.
        theirs = EmergencyOpening.objects.told_to(member.unit_id)
        rows = rows.filter(pk__in=list(theirs.values_list("pk", flat=True)))
    elif member.role not in ANSWERABLE:
        rows = rows.none()
    return rows.select_related("claim", "asker", "unit")
