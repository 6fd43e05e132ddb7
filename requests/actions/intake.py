"""Raw inputs: stored before anything is understood, and sorted by a person when that failed."""

import hashlib
from datetime import datetime

from django.db import transaction

from requests.actions._advance import enqueue
from requests.models import Intake, Job, Mailbox


def receive(
    *,
    channel: str,
    external_id: str,
    raw: bytes,
    now: datetime,
    mailbox: Mailbox | None = None,
    fingerprint: str = "",
    mail_id: str = "",
    truncated: bool = False,
) -> tuple[Intake, bool]:
    """Keep one raw input and the job that will read it. True when it is new; replays are not."""
    if len(external_id) > 300:
        external_id = hashlib.sha256(external_id.encode()).hexdigest()
    with transaction.atomic():
        intake, new = Intake.objects.get_or_create(
            channel=channel,
            external_id=external_id,
            defaults={
                "raw": raw,
                "received_at": now,
                "mailbox": mailbox,
                "fingerprint": fingerprint,
                "mail_id": mail_id[:300],
                "truncated": truncated,
            },
        )
        if new:
            _enqueue(intake)
    return intake, new


def _enqueue(intake: Intake) -> None:
    enqueue(Job.Kind.INTAKE, f"{intake.pk}:{intake.attempts}")


def fail(intake: Intake, error: str) -> None:
    """Into the tray, with what went wrong."""
    Intake.objects.filter(pk=intake.pk, state=Intake.State.NEW).update(
        state=Intake.State.FAILED, error=error[:2000].replace("\0", "")
    )


@transaction.atomic
def replay(*, intake: Intake, now: datetime, by=None) -> bool:
    """Read it again, as it came; False when somebody has sorted it meanwhile."""
    row = _waiting(intake)
    if row is None:
        return False
    row.state, row.error, row.attempts = Intake.State.NEW, "", row.attempts + 1
    row.sorted_by, row.sorted_at = by, now
    row.save(update_fields=["state", "error", "attempts", "sorted_by", "sorted_at"])
    _enqueue(row)
    return True


@transaction.atomic
def discard(*, intake: Intake, reason: str, now: datetime, by=None) -> bool:
    """Set aside with a reason; the raw input stays."""
    row = _waiting(intake)
    if row is None:
        return False
    row.state, row.error = Intake.State.DISCARDED, reason
    row.sorted_by, row.sorted_at = by, now
    row.save(update_fields=["state", "error", "sorted_by", "sorted_at"])
    return True


def _waiting(intake: Intake) -> Intake | None:
    return (
        Intake.objects.select_for_update(of=("self",))
        .filter(pk=intake.pk, state__in=Intake.SORTABLE)
        .first()
    )
