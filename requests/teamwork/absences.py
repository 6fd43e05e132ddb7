"""Enter and cancel days away. agencies/absences.py reads on each day what follows from them."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from agencies.models import Absence, Membership


class OverlappingAbsence(Exception):
    """The person is already away on one of these days."""


def enter(
    *,
    member: Membership,
    first_day: date,
    last_day: date,
    replacement: Membership | None,
    by,
    now: datetime,
) -> Absence:
    """Write days away, local and both included. Raises ``OverlappingAbsence``."""
    try:
        with transaction.atomic():
            return Absence.objects.create(
                membership=member,
                replacement=replacement,
                first_day=first_day,
                last_day=last_day,
                entered_by=by,
                entered_at=now,
            )
    except IntegrityError as error:
        if "one_absence_at_a_time" in str(error):
            raise OverlappingAbsence from error
        raise


def cancel(absence: Absence, *, now: datetime) -> bool:
    """End an absence as a mistake; False when it was cancelled before."""
    rows = Absence.objects.filter(pk=absence.pk, cancelled_at__isnull=True)
    return bool(rows.update(cancelled_at=now))
