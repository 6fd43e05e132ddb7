"""Which people have left for so long that they are erased, and who is kept back."""

from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from requests.claims.models import Claim
from requests.complaints.models import FormalNotice
from requests.kit.choices import ENDED
from requests.privacy import person
from requests.privacy.models import Hold
from tenants.models import Tenant


def due(before: datetime, now: datetime) -> QuerySet:
    """Return those whose last stay ended before; the rent system's own list is another matter."""
    rows = Tenant.objects.system("retention").filter(merged_into__isnull=True)
    ended = Q(occupancies__ends__lt=before.date()) | Q(occupancies__lease__ends__lt=before.date())
    going = Q(occupancies__ends__isnull=True) & Q(occupancies__lease__ends__isnull=True)
    last = rows.filter(ended).exclude(pk__in=rows.filter(going).values("pk"))
    late = Q(occupancies__ends__gte=before.date()) | Q(
        occupancies__ends__isnull=True, occupancies__lease__ends__gte=before.date()
    )
    recent = rows.filter(claims__filed_at__gte=before).values("pk")
    last = last.exclude(pk__in=rows.filter(late).values("pk")).exclude(pk__in=recent)
    return last.annotate(left=Max("occupancies__ends")).order_by("left", "pk").distinct()


def erase(rows: QuerySet, now: datetime) -> int:
    number = 0
    for tenant in rows:
        try:
            person.erase_person(tenant=tenant, by=None, why="retention", now=now)
        except person.Blocked:
            continue
        number += 1
    return number


def held(now: datetime) -> Q:
    holds = Hold.objects.filter(tenant=OuterRef("pk"), lifted_at__isnull=True)
    notices = FormalNotice.objects.system("retention").filter(
        claim__tenant=OuterRef("pk"), received__gt=now.date() - person.NOTICE_COUNTS
    )
    open_claims = Claim.objects.system("retention").filter(tenant=OuterRef("pk"))
    open_claims = open_claims.exclude(state__in=ENDED)
    return Q(Exists(holds)) | Q(Exists(notices)) | Q(Exists(open_claims))
