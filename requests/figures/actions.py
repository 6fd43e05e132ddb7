"""Write an agency's annotations on its figures, and record who looked at figures."""

from datetime import datetime

from django.db import transaction

from requests.figures.models import Annotation, FigureView


@transaction.atomic
def annotate(*, membership, figure: str, text: str, now: datetime) -> Annotation:
    """Save the unit's explanation of one of its figures; it replaces the previous one."""
    Annotation.objects.filter(
        unit=membership.unit_id, figure=figure, withdrawn_at__isnull=True
    ).update(withdrawn_at=now)
    return Annotation.objects.create(
        unit=membership.unit, figure=figure, text=text, by=membership.user, at=now
    )


def withdraw(*, membership, pk: int, now: datetime) -> bool:
    """End an annotation of the member's unit; return False when there is none to end."""
    return bool(
        Annotation.objects.filter(pk=pk, unit=membership.unit_id, withdrawn_at__isnull=True).update(
            withdrawn_at=now
        )
    )


def record_view(*, membership, path: str, now: datetime, unit: int | None = None) -> None:
    """Record one look at figures, so that the agency knows of it (docs/principles.md, D7)."""
    FigureView.objects.create(membership=membership, unit_id=unit, path=path[:300], at=now)
