"""Which rows of what was sent to many are old: notices of works, and surveys."""

from datetime import datetime

from django.db.models import QuerySet

from requests.planned_works.models import PlannedNotice
from requests.surveys.models import SurveyAnswer, SurveyInvitation


def invitations(before: datetime, now: datetime) -> QuerySet:
    """Return who was asked in surveys whose last day was before."""
    rows = SurveyInvitation.objects.system("retention").filter(survey__closes__lt=before.date())
    return rows.order_by("survey__closes", "pk")


def words(before: datetime, now: datetime) -> QuerySet:
    """Return the answers with words of surveys whose last day was before."""
    rows = SurveyAnswer.objects.system("retention").filter(survey__closes__lt=before.date())
    return rows.exclude(words="").order_by("survey__closes", "pk")


def notices(before: datetime, now: datetime) -> QuerySet:
    """Return the notices of works that ended before, and still name somebody."""
    rows = PlannedNotice.objects.system("retention").filter(works__ends__lt=before)
    return rows.exclude(name="", address="", text="").order_by("works__ends")


def empty_notices(rows: QuerySet, now: datetime) -> int:
    """Empty what names somebody; return of how many."""
    return rows.update(name="", address="", text="", answer="")
