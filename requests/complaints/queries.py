"""How many complaints there were, and how many were answered by their date; no person in it."""

from datetime import datetime

from django.db.models import Count, F, Q

from requests.complaints.models import ComplaintStage


def counted(since: datetime, until: datetime) -> dict[str, int]:
    """Return, of each stage ``n``, how many were asked for, fell due and were answered in time.

    Keys ``stage1_asked``, ``stage1_due``, ``stage1_in_time``, and so for 2. From ``since``, before
    ``until``.
    """
    asked = Q(asked_at__gte=since, asked_at__lt=until)
    due = Q(answer_due__gte=since, answer_due__lt=until)
    in_time = due & Q(answered_at__lte=F("answer_due"))
    parts = {"asked": asked, "due": due, "in_time": in_time}
    return ComplaintStage.objects.aggregate(
        **{
            f"stage{number}_{name}": Count("pk", filter=condition & Q(number=number))
            for number in (1, 2)
            for name, condition in parts.items()
        }
    )
