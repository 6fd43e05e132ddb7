"""What is read of the log: for the person, and for the data-protection officer."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from requests.audit.models import EmergencyOpening, ListView, RecordView
from tenants.models import Tenant

SHOWN_MONTHS = 12


def family_of(tenant: Tenant) -> list[Tenant]:
    """Return the record and those that were merged into it."""
    rows = Tenant.objects.system("log of who read what")
    found, fresh = [tenant], [tenant]
    while fresh:
        fresh = list(rows.filter(merged_into__in=fresh).exclude(pk__in=[t.pk for t in found]))
        found += fresh
    return found


def of_person(tenant: Tenant, now: datetime) -> QuerySet[RecordView]:
    """Return who opened the records and requests of a person, latest first.

    Those of the last twelve months: the person reads on their own page.
    """
    return (
        RecordView.objects.about(family_of(tenant))
        .filter(at__gte=now - timedelta(days=365))
        .exclude(reader__isnull=False, reader=tenant.user_id)
        .select_related("claim__category", "unit")
    )


def last_opened(user, most: int) -> list[RecordView]:
    """Return what a colleague opened last on our pages, for their own list of recent ones.

    Whether they may still see the records is for the caller to ask.
    """
    rows = RecordView.objects.system("what one opened oneself").of_reader(user)
    rows = rows.filter(means=RecordView.Means.PAGE)
    return list(rows.only("claim", "tenant", "at")[:most])


def search(
    *, person: str = "", colleague: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[RecordView]:
    """Return openings by words of the person's and of the reader's name, and by day (local)."""
    rows = RecordView.objects.system("data-protection officer").select_related(
        "claim", "tenant", "reader", "unit"
    )
    for word in person.split()[:6]:
        rows = rows.filter(
            Q(tenant__last_name__icontains=word)
            | Q(tenant__first_name__icontains=word)
            | Q(claim__reference__iexact=word)
        )
    for word in colleague.split()[:6]:
        rows = rows.filter(
            Q(reader__last_name__icontains=word)
            | Q(reader__first_name__icontains=word)
            | Q(reader__email__icontains=word)
            | Q(company__icontains=word)
        )
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def list_views(
    *, colleague: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[ListView]:
    """Return looks at lists by words of the reader's name and by day (local), latest first."""
    rows = ListView.objects.select_related("reader", "unit")
    for word in colleague.split()[:6]:
        rows = rows.filter(
            Q(reader__last_name__icontains=word)
            | Q(reader__first_name__icontains=word)
            | Q(reader__email__icontains=word)
        )
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def emergencies() -> QuerySet[EmergencyOpening]:
    """Return all emergency openings, latest first, for the data-protection officer."""
    rows = EmergencyOpening.objects.system("data-protection officer")
    return rows.select_related("claim", "asker", "unit")
