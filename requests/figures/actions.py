"""Write an agency's words, kept boards and the wish for a mail; record who looked at figures."""

from datetime import datetime

from django.db import transaction

from agencies.models import Membership
from portal.clock import not_before
from requests.figures.models import Annotation, Digest, FigureView, SavedBoard


@transaction.atomic
def annotate(*, membership: Membership, figure: str, text: str, now: datetime) -> Annotation:
    """Save the unit's explanation of one of its figures; it replaces the previous one."""
    Annotation.objects.filter(
        unit=membership.unit_id, figure=figure, withdrawn_at__isnull=True
    ).update(withdrawn_at=not_before("at", now))
    return Annotation.objects.create(
        unit=membership.unit, figure=figure, text=text, by=membership.user, at=now
    )


def withdraw(*, membership: Membership, pk: int, now: datetime) -> bool:
    """End an annotation of the member's unit; return False when there is none to end."""
    return bool(
        Annotation.objects.filter(pk=pk, unit=membership.unit_id, withdrawn_at__isnull=True).update(
            withdrawn_at=not_before("at", now)
        )
    )


def record_view(
    *, membership: Membership, path: str, now: datetime, unit: int | None = None
) -> None:
    """Record one look at figures, so that the agency knows of it (docs/principles.md, D7)."""
    FigureView.objects.create(membership=membership, unit_id=unit, path=path[:300], at=now)


def keep_board(*, membership: Membership, name: str, board: str, query: str) -> SavedBoard:
    """Keep a board under a name; the same name of the same member is written over."""
    kept, _new = SavedBoard.objects.update_or_create(
        membership=membership, name=name, defaults={"board": board, "query": query}
    )
    return kept


def drop_board(*, membership: Membership, pk: int) -> bool:
    """Forget a kept board of the member; return False when there is none."""
    return bool(SavedBoard.objects.filter(pk=pk, membership=membership).delete()[0])


def want_digest(*, membership: Membership, wanted: bool) -> None:
    """Begin or end the weekly mail to a member."""
    if wanted:
        Digest.objects.get_or_create(membership=membership)
    else:
        Digest.objects.filter(membership=membership).delete()
