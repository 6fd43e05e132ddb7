"""Missed calls: one task per number; the result of calling back is stored."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from portal.models import User
from requests.channels.models import Intake
from requests.inbound.missed_call_models import CallAttempt, MissedCall
from requests.kit.choices import CallOutcome

MOST_TRIES = 3  # After so many unanswered attempts the task ends.
AGAIN_AFTER = timedelta(hours=2)
ENDS = frozenset({CallOutcome.REACHED, CallOutcome.VOICEMAIL, CallOutcome.WRONG})


class AlreadyReturned(Exception):
    """Somebody else has ended this task meanwhile."""


@transaction.atomic
def record_telephone_event(*, intake_id: UUID, number: str, answered: bool, at: datetime) -> None:
    """Record one event of the telephone system, in whatever order: a call missed, or answered.

    An answered call ends the task of its number; an earlier missed one adds nothing.
    """
    intake = Intake.objects.system("missed calls").select_for_update(of=("self",)).get(pk=intake_id)
    if intake.state != Intake.State.NEW:
        return
    _answered(number, at) if answered else _missed(number, at)
    intake.state, intake.sender = Intake.State.PARSED, number
    intake.subject = "answered" if answered else "missed"
    intake.save()


def _missed(number: str, at: datetime) -> None:
    ended = (
        MissedCall.objects.system("missed calls").filter(number=number, done_at__gte=at).exists()
    )
    taken = (
        Intake.objects.system("missed calls")
        .filter(sender=number, subject="answered", channel="phone", received_at__gte=at)
        .exists()
    )
    if ended or taken:
        return
    try:
        with transaction.atomic():
            MissedCall.objects.create(number=number, first_at=at, last_at=at, due_at=at)
    except IntegrityError:
        row = (
            MissedCall.objects.system("missed calls")
            .select_for_update()
            .get(number=number, done_at=None)
        )
        row.first_at, row.last_at = min(row.first_at, at), max(row.last_at, at)
        row.times += 1
        row.due_at = min(row.due_at, row.last_at)  # They try again: call back now.
        row.save()


def _answered(number: str, at: datetime) -> None:
    row = (
        MissedCall.objects.system("missed calls")
        .select_for_update()
        .filter(number=number, done_at=None)
        .first()
    )
    if row and row.last_at <= at:
        CallAttempt.objects.create(missed=row, outcome=CallOutcome.REACHED, at=at)
        row.done_at = at
        row.save(update_fields=["done_at"])


@transaction.atomic
def record_call_back(
    *, missed: MissedCall, outcome: str, note: str, by: User | None, now: datetime
) -> bool:
    """Record the result of calling back; return True when the task is over.

    Raises ``AlreadyReturned``.
    """
    row = MissedCall.objects.system("missed calls").select_for_update().get(pk=missed.pk)
    if row.done_at:
        raise AlreadyReturned
    CallAttempt.objects.create(missed=row, outcome=outcome, note=note[:300], at=now, by=by)
    tries = row.attempts.filter(outcome=CallOutcome.NO_ANSWER).count()
    if outcome in ENDS or tries >= MOST_TRIES:
        row.done_at = now
    else:
        row.due_at = now + AGAIN_AFTER
    row.save(update_fields=["done_at", "due_at"])
    return row.done_at is not None
